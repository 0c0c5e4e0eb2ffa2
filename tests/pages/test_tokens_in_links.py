"""Links name tokens; those of earlier versions, which name words, go on working."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open
from tests.pages.reading import table
from tests.sandboxes import Sandbox

CHOICES = [
    ("deliveries", "del_show", "Unusual", "unusual"),
    ("deliveries", "del_window", "30 days", "30d"),
    ("overview", "ov_since", "24 hours", "24h"),
    ("data_versions", "dv_state", "On time", "on_time"),
    ("uploads", "up_state", "Included", "included"),
    ("uploads", "up_window", "Everything", "everything"),
    ("jobs", "job_window", "Last night", "last_night"),
    ("jobs", "job_view", "Failures", "failures"),
    ("start_jobs", "start_kind", "Load files", "start_load"),
    ("recovery", "rec_by", "Time window", "time_window"),
    ("connectors", "con_view", "Assign by mapping", "mapping"),
    ("credentials", "cred_view", "New credential", "new"),
]


def linked(app: AppTest, key: str) -> list[str]:
    named = app.query_params[key]
    return [named] if isinstance(named, str) else list(named)


def choice(app: AppTest, key: str) -> object:
    (found,) = [each for each in (*app.segmented_control, *app.selectbox) if each.key == key]
    return found.value


@pytest.mark.first_is_quick
@pytest.mark.parametrize("case", CHOICES, ids=[each[1] for each in CHOICES])
def test_a_choice_is_a_token_in_the_link_and_its_word_is_understood(
    sandbox: Sandbox, open_page: Open, case: tuple[str, str, str, str]
) -> None:
    page, key, word, token = case
    for named in (word, token):
        app = open_page(page, **{key: named})
        assert choice(app, key) == token
        # Writing the token in its place would be a step in the history that Back runs into.
        assert linked(app, key) == [named]
    app = open_page(page)
    (drawn,) = [each for each in (*app.segmented_control, *app.selectbox) if each.key == key]
    assert any(re.fullmatch(rf"{word}( [\d,]+)?", option) for option in drawn.options)
    drawn.set_value(token).run()
    assert linked(app, key) == [token]


@pytest.mark.parametrize(("page", "prefix"), [("uploads", "up_"), ("deliveries", "del_")])
def test_times_that_are_typed_take_the_place_of_the_window_and_the_other_way_round(
    sandbox: Sandbox, open_page: Open, page: str, prefix: str
) -> None:
    app = open_page(page, **{f"{prefix}from": "2020-01-01T00:00", f"{prefix}window": "24h"})
    every, window = len(table(app)), app.selectbox(key=f"{prefix}window")
    assert window.value == "span"
    assert window.options[-1] == "From and To"
    assert f"{prefix}window" not in app.query_params
    window.set_value("24h").run()
    assert app.datetime_input(key=f"{prefix}from").value is None
    assert app.selectbox(key=f"{prefix}window").value == "24h"
    assert "From and To" not in app.selectbox(key=f"{prefix}window").options
    assert len(table(app)) < every
