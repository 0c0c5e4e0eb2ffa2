"""Reading again: the fewest calls, and the right tenants even when the list has moved."""

import pytest

from services.frames import data_versions
from services.ledger import Event
from services.operations import plan_exclude_uploads
from services.operations.engine.changes import Key
from services.operations.engine.plan import places_of
from services.operations.engine.reading import Reader
from services.operations.engine.reconcile import noted_query
from services.operations.verbs.uploads import EXCLUDE, UploadKey
from services.operations.verbs.versions import DISABLE, VersionKey, VersionState
from services.sandbox.models.tenants import Tenant
from tests.services.operations.conftest import Desk

WORDS = "Insufficient permissions to access the tenant WFF_j1r~gone."


def items(desk: Desk, number: int) -> tuple[list[Key], dict[str, int]]:
    """Give the keys of one upload each of so many tenants, and where all tenants are listed."""
    current = desk.uploads()
    chosen = current.dropna().drop_duplicates("tenant_code").head(number)
    plan = plan_exclude_uploads(chosen, current)
    desk.sandbox.control.clear_requests()
    return [plan.spec.read_key(key) for key in plan.items["key"]], places_of(current)


def calls(desk: Desk) -> int:
    return len(desk.sandbox.control.requests())


@pytest.mark.parametrize(
    ("number", "known", "expected"), [(1, True, 1), (9, True, 1), (3, False, 3), (9, False, 1)]
)
def test_as_few_calls_as_what_is_known_allows(
    desk: Desk, number: int, known: bool, expected: int
) -> None:
    keys, places = items(desk, number)
    told = Reader(EXCLUDE, desk.client, {}, places if known else {}).states(keys)
    assert told.keys() == set(keys)
    assert calls(desk) == expected


def test_where_tenants_stand_is_learned_from_reading_the_list(desk: Desk) -> None:
    desk.sandbox.control.reset(tenants=1500)
    keys, _ = items(desk, 20)
    reader = Reader(EXCLUDE, desk.client, {}, {})
    reader.states(keys)
    assert calls(desk) == 1
    reader.states(keys[:3])
    assert calls(desk) == 2


def test_tenants_the_list_has_moved_are_found_all_the_same(desk: Desk) -> None:
    desk.sandbox.control.reset(tenants=1500)
    keys, places = items(desk, 20)
    new = [Tenant(f"WFF_j1r~new{number}", "New") for number in range(990)]
    desk.sandbox.inside.world.listed[:0] = new

    told = Reader(EXCLUDE, desk.client, {}, places).states(keys)

    assert told.keys() == set(keys)
    assert calls(desk) == 1 + 2


def test_a_tenant_that_may_not_be_read_is_said_in_visiers_words(desk: Desk) -> None:
    keys, _ = items(desk, 2)
    reader = Reader(EXCLUDE, desk.client, {}, {})
    told = reader.states([*keys, UploadKey("WFF_j1r~gone", "2026-03-01T03:00:00.000Z")])
    assert told.keys() == set(keys)
    assert reader.refusals == {"WFF_j1r~gone": WORDS}


def test_nothing_but_reading_is_sent(desk: Desk) -> None:
    keys, places = items(desk, 9)
    Reader(EXCLUDE, desk.client, {}, places).states(keys, wholly=True)
    assert {each["method"] for each in desk.sandbox.control.requests()} == {"GET"}


FIVE = [
    {"dataVersion": str(number), "dataVersionDate": f"2026-03-0{number}T03:00:00.000Z"}
    for number in range(7, 2, -1)
]


@pytest.mark.parametrize(
    ("key", "listed", "state"),
    [
        (("a", "7", "2026-03-07T03:00:00.000Z", ""), FIVE, VersionState.LATEST),
        (("a", "6", "2026-03-06T03:00:00.000Z", ""), FIVE, VersionState.ENABLED),
        (("a", "9", "2026-03-09T03:00:00.000Z", ""), FIVE, VersionState.DISABLED),
        (("a", "1", "2026-03-01T03:00:00.000Z", ""), FIVE, None),
        (("a", "1", "", ""), FIVE, None),
        (("a", "1", "2026-03-01T03:00:00.000Z", ""), FIVE[:4], VersionState.DISABLED),
        (("a", "1", "2026-03-01T03:00:00.000Z", ""), [], VersionState.DISABLED),
        (("b", "1", "2026-03-01T03:00:00.000Z", ""), FIVE, None),
    ],
)
def test_a_version_that_is_not_listed_may_be_older_than_those_that_are(
    key: tuple[str, ...], listed: list[dict[str, str]], state: VersionState | None
) -> None:
    frame = data_versions.to_frame([{"tenants": [{"tenant": "a", "dataVersions": listed}]}])
    version = VersionKey(*key)
    told = DISABLE.states(frame, [version]).get(version)
    assert told is state
    assert told is None or DISABLE.is_done(version, told) is (state is VersionState.DISABLED)


def test_where_to_look_is_found_however_much_was_noted_since(desk: Desk) -> None:
    plan = plan_exclude_uploads(desk.uploads().head(1), desk.uploads(), receiving_job="a job")
    assert plan.query
    id_ = desk.apply(plan)
    desk.ledger.note(id_, *[Event(kind="Read", text="looked")] * 10_001)
    assert noted_query(desk.ledger, id_) == plan.query
