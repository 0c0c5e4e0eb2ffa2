"""Times in a link: taken over, or said to be none."""

from datetime import datetime

import pytest

from tests.pages.conftest import Open
from tests.sandboxes import Sandbox

FIELDS = {
    "data_versions": ("dv_from", "Latest from"),
    "uploads": ("up_to", "To"),
    "activity": ("act_from", "From"),
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("page", FIELDS)
@pytest.mark.parametrize("time", ["nonsense", "2026-13-45T10:00"])
def test_a_time_that_cannot_be_read_is_told(
    sandbox: Sandbox, open_page: Open, page: str, time: str
) -> None:
    key, label = FIELDS[page]
    app = open_page(page, tz="UTC", **{key: time})
    assert not app.exception
    (told,) = app.toast
    words = f"The time for “{label}” in this link cannot be read, so the field is empty."
    assert told.value == words
    assert app.datetime_input(key=key).value is None
    assert not app.run().toast


@pytest.mark.parametrize("page", FIELDS)
def test_a_time_that_can_be_read_is_taken_over(
    sandbox: Sandbox, open_page: Open, page: str
) -> None:
    key, _ = FIELDS[page]
    app = open_page(page, tz="UTC", **{key: "2026-11-02T10:30"})
    assert not app.toast
    assert app.datetime_input(key=key).value == datetime(2026, 11, 2, 10, 30)
