"""The night under way in a line: what a person reads of it, and where its numbers lead."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.components import tonight
from services.clock import CLOCK
from services.ledger import Place
from services.monitoring.watch.forecast import NIGHTS_AT_LEAST
from services.notifications.rules import Daily, Deadline, Rule, TenantSet, Which, written
from tests.pages.conftest import Open, forget_settings, operations
from tests.pages.reading import table
from tests.pages.sessions import in_session
from tests.pages.tonight import record, zone_of_midnight
from tests.sandboxes import Sandbox

CODES = [f"WFF_j1r~a{number}" for number in range(8)]
# Three come before now, two half an hour after it, one two hours and one five hours after it.
MINUTES = dict(zip(CODES, (-90, -60, -40, 30, 31, 120, 300), strict=False))
SAID = ("will probably be met", "was met", "told from", "Not looked at")
"""Of the texts of the line that are no links."""


@pytest.fixture(autouse=True)
def _at_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be night in the zone of the watch, and nobody look."""
    monkeypatch.setenv("DASHBOARD_WATCH", "false")
    monkeypatch.setenv("DASHBOARD_WATCH_ZONE", zone_of_midnight())
    forget_settings()


def place_of(app: AppTest) -> Place:
    return in_session(app, session.signed_in).actor.place


def line(app: AppTest) -> list[str]:
    """Return what the line says: links first, then texts beside them."""
    assert not app.exception
    said = [text.value for text in app.text if any(words in text.value for words in SAID)]
    return [link.label for link in links(app)] + said


def links(app: AppTest) -> list[Any]:
    return [
        link.proto for link in app.get("page_link") if tonight.PARAMETER in link.proto.query_string
    ]


def between(now: datetime, first: int, last: int) -> set[str]:
    """Return the times of day in UTC from so many minutes after now to so many."""
    return {f"{now + timedelta(minutes=each):%H:%M}" for each in range(first, last + 1)}


def deadline(app: AppTest, minutes: int, *codes: str, zone: str = "UTC") -> str:
    due = (CLOCK.now() + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    tenants = TenantSet(Which.LIST, codes=codes) if codes else TenantSet()
    rule = Rule(Deadline(Daily(due.time().replace(second=0, microsecond=0), zone), tenants))
    bootstrap.whole_ledger().rules.add(place_of(app), written(rule), "Ann", CLOCK.now())
    return f"{due:%H:%M}"


def test_how_many_have_loaded_when_the_rest_will_and_who_will_be_late(
    sandbox: Sandbox, open_page: Open
) -> None:
    app, now = open_page("history", tz="UTC"), CLOCK.now()
    record(place_of(app), CODES, MINUTES, nights=20)
    due = deadline(app, 200)
    for page in ("overview", "history"):
        app = open_page(page, tz="UTC")
        loaded, rest, late = line(app)
        assert loaded == "**3 of 7 tenants** due tonight loaded."
        assert rest.startswith("**4** more by ")
        likely, bound = re.findall(r"(?:\d\d \w+ )?\d\d:\d\d", rest)
        assert likely[-5:] in between(now, 295, 307)
        assert bound[-5:] in between(now, 296, 312)
        # The one that comes too late, and the one that never comes.
        assert late.startswith("**2** will probably miss ")
        assert late.endswith(f"{due}.")
    assert "retrieve_data_uploads" in operations(sandbox)
    sandbox.control.clear_requests()
    open_page("history", tz="UTC")
    assert operations(sandbox) == []


def test_each_number_leads_to_exactly_its_tenants(sandbox: Sandbox, open_page: Open) -> None:
    record(place_of(open_page("history")), CODES, MINUTES, nights=20)
    deadline(open_page("history"), 200)
    behind = {}
    for link in links(open_page("overview")):
        assert link.page == "history"
        rows = table(open_page(link.page, **parse_qs(link.query_string)))
        behind[link.label.split("by")[0]] = sorted(rows["tenant_code"])
    (loaded, those), (rest, others), (late, last) = behind.items()
    assert (loaded, those) == ("**3 of 7 tenants** due tonight loaded.", CODES[:3])
    assert (rest, others) == ("**4** more ", CODES[3:7])
    assert (late.split()[0], last) == ("**2**", CODES[6:])


def test_what_lies_behind_a_link_is_a_filter_that_can_be_taken_out(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("history")
    record(place_of(app), CODES, MINUTES, nights=20)
    app = open_page("history", hist_tonight="rest")
    assert len(table(app)) == 4
    chip = app.button(key="hist_tonight.chip")
    assert chip.label == "Tonight: Due, still to come"
    chip.click().run()
    assert len(table(app)) == len(CODES)


def test_with_too_few_nights_it_says_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    assert line(app) == []
    record(place_of(app), CODES, MINUTES, nights=3)
    deadline(app, 200)
    loaded, told = line(open_page("history"))
    assert loaded == "**3 tenants** loaded tonight."
    assert told.startswith(f"When the rest will be is told from {NIGHTS_AT_LEAST} observed nights")
    assert told.endswith("; 3 nights so far.")


def test_when_all_have_loaded_it_says_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    record(place_of(app), CODES[:3], MINUTES, nights=20)
    due = deadline(app, -10, *CODES[:3])
    loaded, met = line(open_page("history", tz="UTC"))
    assert loaded == "**All 3 tenants** due tonight loaded."
    assert met.endswith(f"{due} was met.")
    # The next one matters more.
    due = deadline(app, 60, *CODES[:3])
    _, met = line(open_page("history", tz="UTC"))
    assert met.endswith(f"{due} will probably be met.")


def test_of_one_tenant_it_is_said_in_the_singular(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    record(place_of(app), CODES[:1], MINUTES, nights=20)
    assert line(open_page("history")) == ["**The 1 tenant** due tonight loaded."]


def test_a_deadline_that_has_passed_was_missed(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    record(place_of(app), CODES, MINUTES, nights=20)
    due = deadline(app, -50)
    missed = next(each for each in line(open_page("history", tz="UTC")) if "missed" in each)
    assert missed.startswith("**6** missed ")
    assert missed.endswith(f"{due}.")


def test_a_time_is_told_in_the_chosen_zone_and_in_that_of_the_rule(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("history")
    record(place_of(app), CODES, MINUTES, nights=20)
    own = deadline(app, 200, zone="Asia/Tokyo")
    late = next(each for each in line(open_page("history", tz="UTC")) if "miss" in each)
    assert late.endswith(f"({own} Asia/Tokyo).")
    late = next(each for each in line(open_page("history", tz="Asia/Tokyo")) if "miss" in each)
    assert late.endswith(f"{own}.")


def test_what_was_expected_long_ago_is_not_told_as_news(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    record(place_of(app), CODES, MINUTES, nights=20, ago=150)
    deadline(app, 200)
    loaded, told = line(open_page("history", tz="UTC"))
    assert loaded == "**0 of 7 tenants** due tonight loaded."
    assert told.startswith("Not looked at since ")


def test_who_comes_no_more_is_told_apart(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("history")
    place = place_of(app)
    record(place, CODES, dict.fromkeys(CODES, -300), nights=20, ago=0)
    # Of tonight the first has not come.
    ledger = bootstrap.whole_ledger()
    night = ledger.nights.listed(place, limit=1)[0]
    rows = ledger.nights.rows(place, [night.night])[night.night]
    rows.loc[0, "loaded_at"] = None
    lease = ledger.leases.take("watch of a test")
    assert lease is not None
    ledger.nights.write(
        place, lease, night.night, rows, at=CLOCK.now().astimezone(UTC), is_complete=False,
        facts=night.facts,
    )  # fmt: skip
    assert line(open_page("history")) == [
        "**7 of 8 tenants** due tonight loaded.",
        "**1** probably not tonight.",
    ]
    assert (
        table(open_page("history", hist_tonight="stays_out"))["tenant_code"].tolist() == CODES[:1]
    )
