"""Two nights: a link opens them, counts filter, and a row says what differs."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, operations
from tests.pages.history.recording import DAY, loaded, record, tonight
from tests.pages.reading import counts, table, texts
from tests.sandboxes import Sandbox

LATE = {"late_at": "2026-01-01T00:00:00Z"}
BEFORE, AFTER = tonight() - 2 * DAY, tonight() - DAY
LINK = {"hist_view": "two", "hist_night": AFTER.isoformat(), "hist_with": BEFORE.isoformat()}


@pytest.fixture
def with_nights(sandbox: Sandbox, open_page: Open) -> AppTest:
    app = open_page("history")
    first = {code: loaded(BEFORE, 5, "7") for code in ("t1", "t2", "t3")}
    record(app, BEFORE, {**first, "t4": {}, "t5": {}})
    second = {
        "t1": loaded(AFTER, 5, "8") | {"upload_count": 3},
        "t2": {"jobs_failed": 2, "data_version": "7", "version_at": first["t2"]["loaded_at"]},
        "t3": loaded(BEFORE - timedelta(days=7), 5, "6") | {"loaded_at": None},
        "t4": LATE,
        "t5": {},
    }
    record(app, AFTER, second)
    sandbox.control.clear_requests()
    return app


def differing(app: AppTest) -> dict[str, list[str]]:
    rows = table(app)
    return dict(zip(rows["tenant_code"], map(list, rows["differs"]), strict=True))


def test_a_link_opens_two_nights_and_says_what_differs(
    with_nights: AppTest, open_page: Open, sandbox: Sandbox
) -> None:
    app = open_page("history", **LINK)
    assert not app.exception
    assert differing(app) == {
        "t2": ["Not loaded now", "Failed now", "Fewer uploads", "Same version"],
        "t3": ["Not loaded now", "Older version"],
        "t4": ["Late now"],
        "t1": ["More uploads"],
    }
    rows = table(app)
    assert rows["state_before"].map(list).tolist()[0] == ["■ Loaded"]
    assert rows["state"].map(list).tolist()[0] == ["✕ Failed"]
    assert rows[["upload_count_before", "upload_count"]].to_numpy().tolist()[3] == [1, 3]
    assert "4 of 5 tenants · " in texts(app)
    assert f"the night to {AFTER:%d %b} was observed to its end" in texts(app)
    assert operations(sandbox) == []


def test_the_order_in_which_they_are_chosen_does_not_matter(
    with_nights: AppTest, open_page: Open
) -> None:
    turned = LINK | {"hist_night": LINK["hist_with"], "hist_with": LINK["hist_night"]}
    assert differing(open_page("history", **turned)) == differing(open_page("history", **LINK))


def test_counts_are_the_filter(with_nights: AppTest, open_page: Open) -> None:
    app = open_page("history", **LINK)
    figures = counts(app, "hist_differs")
    assert figures["Any difference"] == 4
    assert (figures["Not loaded now"], figures["Failed now"], figures["Loaded now"]) == (2, 1, 0)
    app.segmented_control(key="hist_differs").set_value("older_version").run()
    assert list(differing(app)) == ["t3"]
    assert app.query_params["hist_differs"] in ("older_version", ["older_version"])
    app.segmented_control(key="hist_differs").set_value("loaded_now").run()
    assert "No tenant matches the filter" in texts(app)
    app.button(key="filter.clear").click().run()
    assert len(differing(app)) == 4


def test_a_search_narrows_who_is_compared(with_nights: AppTest, open_page: Open) -> None:
    app = open_page("history", **LINK, hist_tenant="t2")
    assert list(differing(app)) == ["t2"]
    assert counts(app, "hist_differs")["Any difference"] == 1


def test_nights_that_went_alike_say_so(with_nights: AppTest, open_page: Open) -> None:
    app = open_page("history", **LINK, hist_tenant="t5")
    assert "No difference" in texts(app)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hist_with": AFTER.isoformat()}, "The same night twice"),
        ({"hist_night": tonight().isoformat()}, "Nothing to compare"),
    ],
)
def test_what_cannot_be_compared_says_why(
    with_nights: AppTest, open_page: Open, changed: dict[str, str], told: str
) -> None:
    # The night under way is not on record here.
    app = open_page("history", **(LINK | changed))
    assert not app.exception
    assert told in texts(app)


def test_with_one_night_there_is_nothing_to_compare(sandbox: Sandbox, open_page: Open) -> None:
    record(open_page("history"), tonight(), {"t1": {}}, is_complete=False)
    app = open_page("history", hist_view="two")
    assert "One night on record" in texts(app)


def test_a_night_that_nobody_saw_end_has_lost_nothing(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    record(app, BEFORE, {"t1": loaded(BEFORE, 5)})
    record(app, AFTER, {"t1": {}}, is_complete=False)
    app = open_page("history", **LINK)
    assert "No difference" in texts(app)
    assert "1 tenant not observed in one of them" in texts(app)
