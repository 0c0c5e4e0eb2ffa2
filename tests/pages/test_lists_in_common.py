"""Lists that take longer than the call budget lasts: read once for everybody who is the same."""

import gc
from collections.abc import Iterator
from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from services import visier
from services.visier import RateLimiter, SharedLists
from services.visier.rate_limiter import Slots
from tests.pages.acting import applied, apply_buttons, button, plan_of
from tests.pages.conftest import Open, names, open_for_anyone, operations, sign_in_to
from tests.pages.reading import table, texts
from tests.pages.sign_in.signing_in import fill_in
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.clock import Clock

TENANTS, PAGES, LIMIT = 6_500, 7, 8
LIST = "latest_enabled_dv"


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    with running_sandbox(tenants=TENANTS) as sandbox:
        yield sandbox


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock by which there are eight calls a minute, and nobody waits here."""
    moved = Clock()

    def rate_limiter(slots: Slots | None = None) -> RateLimiter:
        return moved.rate_limiter(LIMIT, slots)

    monkeypatch.setattr(visier, "RateLimiter", rate_limiter)
    monkeypatch.setattr(visier, "SharedLists", partial(SharedLists, clock=moved))
    return moved


@pytest.fixture
def world(large: Sandbox, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Sandbox:
    large.control.clear_faults()
    large.control.clear_requests()
    sign_in_to(large, monkeypatch)
    return large


def starts(sandbox: Sandbox) -> list[int]:
    return [int(each["query"]["start"]) for each in sandbox.control.requests(LIST)]


def told(app: AppTest) -> str:
    return "\n".join([texts(app), *(bar.proto.text for bar in app.get("progress"))])


@pytest.mark.slow
def test_how_far_it_is_and_what_it_waits_for_is_said_and_it_goes_on(
    world: Sandbox, open_page: Open, clock: Clock
) -> None:
    app = open_page("data_versions")
    assert not app.exception
    assert "Reading the list" in texts(app)
    assert "5 pages so far. Waiting for the call budget; continues in 1m" in told(app)
    assert "keeps what it has read" in told(app)
    assert starts(world) == [0, 999, 1998, 2997, 3996]
    clock.now += 62
    app.run()
    assert "Reading the list" not in texts(app)
    assert len(table(app)) == TENANTS
    assert starts(world) == [999 * page for page in range(PAGES)]


def test_three_people_cost_what_one_does(world: Sandbox, open_page: Open, clock: Clock) -> None:
    people = [open_page("data_versions") for _ in range(3)]
    assert ["Reading the list" in texts(app) for app in people] == [True] * 3
    clock.now += 62
    for app in people:
        app.run()
    assert [len(table(app)) for app in people] == [TENANTS] * 3
    assert starts(world) == [999 * page for page in range(PAGES)]
    asked = operations(world)
    assert asked.count("retrieve_data_categories") == 1
    assert asked.count("tenants") <= PAGES


@pytest.mark.slow
def test_how_many_pages_there_are_is_known_from_a_list_of_the_same_tenants(
    world: Sandbox, open_page: Open, clock: Clock
) -> None:
    # Names would share what is left of the minute.
    world.control.fault("tenants", "403", times=0)
    app = open_page("data_versions")
    clock.now += 62
    app.run()
    other = open_page("uploads")
    assert not other.exception
    assert f"5 of about {PAGES} pages. Waiting for the call budget" in told(other)


@pytest.mark.slow
def test_a_refresh_leaves_the_old_list_until_the_new_one_is_whole(
    world: Sandbox, open_page: Open, clock: Clock
) -> None:
    app = open_page("data_versions")
    clock.now += 62
    app.run()
    app.button(key="dv.refresh").click().run()
    assert len(table(app)) == TENANTS
    assert "Reading again: " in told(app)
    asked = len(starts(world))
    for _ in range(2):
        app.button(key="dv.refresh").click().run()
    assert len(starts(world)) == asked
    clock.now += 62
    app.run()
    clock.now += 62
    app.run()
    assert "Reading again: " not in told(app)
    assert starts(world) == [999 * page for page in range(PAGES)] * 2


def by_token(sandbox: Sandbox, open_page: Open) -> AppTest:
    """Open the page as somebody whose security token nobody else has."""
    app = open_page("data_versions")
    app.segmented_control(key="sign_in.method").set_value("Security token").run()
    for name, value in {
        "vanity": sandbox.vanity_name,
        "api_key": sandbox.api_key,
        "Security token": sandbox.token(),
    }.items():
        app.text_input(key=f"sign_in.{name}").set_value(value)
    return app.button(key="FormSubmitter:sign_in.form-Sign in").click().run()


def signed_out(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    open_for_anyone(sandbox, monkeypatch)
    for name in ("VISIER_APIKEY", "VISIER_USERNAME", "VISIER_PASSWORD"):
        monkeypatch.delenv(name)


def test_nobody_is_shown_what_another_has_read(
    world: Sandbox, open_page: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_out(world, monkeypatch)
    first = by_token(world, open_page)
    clock.now += 62
    first.run()
    assert len(table(first)) == TENANTS
    world.control.clear_requests()
    clock.now += 62
    second = by_token(world, open_page)
    assert not second.dataframe
    for _ in range(2):
        clock.now += 62
        second.run()
    assert len(table(second)) == TENANTS
    listed = [each for each in world.control.requests(LIST) if each["query"]["limit"] == "1000"]
    assert len(listed) == PAGES


@pytest.mark.slow
def test_with_the_last_of_its_sessions_an_identity_is_forgotten(
    world: Sandbox, open_page: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_out(world, monkeypatch)

    def come() -> AppTest:
        app = fill_in(open_page("data_versions"))
        clock.now += 62
        return app.run()

    def pages() -> int:
        asked = world.control.requests(LIST)
        return sum(each["query"]["limit"] == "1000" for each in asked)

    first, second = come(), come()
    assert pages() == PAGES
    first.button(key="shell.sign_out").click().run()
    assert len(table(second.run())) == TENANTS
    assert pages() == PAGES
    second.button(key="shell.sign_out").click().run()
    del first, second
    gc.collect()
    clock.now += 62
    third = come()
    assert len(table(third)) == TENANTS
    assert pages() == 2 * PAGES


def asked_of_names(sandbox: Sandbox) -> int:
    return operations(sandbox).count("tenants")


@pytest.mark.slow
def test_names_leave_the_call_budget_to_the_rows_and_come_in_once_there_is_room(
    world: Sandbox, open_page: Open, clock: Clock
) -> None:
    app = open_page("data_versions")
    assert asked_of_names(world) == 1
    clock.now += 62
    app.run()
    # All rows have come; of the minute's calls a fifth is left alone.
    assert (table(app)["tenant_name"] == "").any()
    clock.now += 62
    app.run()
    assert names(app).wait(30)
    assert (table(app.run())["tenant_name"] != "").all()
    asked = [int(each["query"]["start"]) for each in world.control.requests("tenants")]
    assert asked == [999 * page for page in range(PAGES)]


@pytest.mark.slow
def test_what_follows_is_planned_apart_from_the_page_once_its_tenants_are_read(
    world: Sandbox, open_page: Open, clock: Clock
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~i1o", up_window="Everything")
    clock.now += 62
    app.run()
    app.button(key="uploads.select_all").click().run()
    app = applied(plan_of(app), "uploads")
    clock.now += 62
    app.run()
    before = world.control.requests("retrieve_data_uploads")[-1]["id"]
    button(app, "Undo")
    assert not app.exception
    assert apply_buttons(app, "uploads")
    again = world.control.requests("retrieve_data_uploads", since=before)
    assert {each["query"]["tenantCode"] for each in again} <= set(table(app)["tenant_code"])
