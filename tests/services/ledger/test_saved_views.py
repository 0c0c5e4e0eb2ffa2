"""Saved views: whose they are, who sees them, and what they may hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from services.ledger import (
    Ledger,
    NewView,
    Place,
    SavedView,
    UnknownView,
    ViewNameTaken,
    ViewOwner,
    ViewRefused,
)
from services.ledger.database import engine, transaction
from services.ledger.saved_views import (
    LISTS_AT_MOST,
    NAME_AT_MOST,
    QUERY_AT_MOST,
    VIEWS_AT_MOST,
)
from services.ledger.tables import saved_view
from tests.services.ledger.samples import START

HERE = Place("example.api.visier.io", "WFF_j1r")
ANN = ViewOwner(HERE, "ann", "Ann Lee")
BOB = ViewOwner(HERE, "bob", "Bob")
FAILED = NewView("jobs", "Failed last night", {"job_state": ["failed", "error"]})
LIST = {"2 pasted words #0123abcd": "WFF_j1r~a WFF_j1r~b"}


def names(ledger: Ledger, owner: ViewOwner) -> list[str]:
    return [view.name for view in ledger.saved_views.visible_to(owner)]


def defaults(ledger: Ledger, owner: ViewOwner) -> dict[str, str]:
    views = ledger.saved_views.visible_to(owner)
    return {view.screen: view.name for view in views if view.is_default}


def test_a_view_comes_back_as_it_was_saved(ledger: Ledger) -> None:
    view = replace(FAILED, lists=LIST, is_shared=True, is_default=True)
    view_id = ledger.saved_views.add(ANN, view, START)
    assert ledger.saved_views.visible_to(ANN) == [
        SavedView(
            id=view_id,
            screen="jobs",
            name="Failed last night",
            query={"job_state": ("failed", "error")},
            is_shared=True,
            is_default=True,
            is_own=True,
            user="Ann Lee",
            created_at=START,
            changed_at=START,
        )
    ]
    assert ledger.saved_views.lists_of(ANN, view_id) == LIST
    # To others it is shared, and opens no screen by itself.
    (seen,) = ledger.saved_views.visible_to(BOB)
    assert (seen.id, seen.user, seen.is_own, seen.is_default) == (view_id, "Ann Lee", False, False)
    assert ledger.saved_views.lists_of(BOB, view_id) == LIST


def test_a_rule_reads_the_filters_of_a_view_whoever_it_is_of(ledger: Ledger) -> None:
    query = {"dv_tenant": [*LIST], "dv_state": ["overdue"]}
    view = NewView("data_versions", "Mine", query, LIST)
    view_id = ledger.saved_views.add(ANN, view, START)
    assert ledger.saved_views.filters_of(HERE, view_id) == (
        "data_versions",
        {"dv_tenant": (*LIST.values(),), "dv_state": ("overdue",)},
    )
    for place, name in ((Place("other.api.visier.io", HERE.tenant), view_id), (HERE, "no")):
        with pytest.raises(UnknownView):
            ledger.saved_views.filters_of(place, name)


def test_own_views_come_first_each_by_name(ledger: Ledger) -> None:
    add = ledger.saved_views.add
    for name, is_shared in {"zebra": False, "Ärger": False, "aft": True}.items():
        add(ANN, replace(FAILED, name=name, is_shared=is_shared), START)
    for name, is_shared in {"Bee": True, "not for Ann": False}.items():
        add(BOB, replace(FAILED, name=name, is_shared=is_shared), START)
    assert names(ledger, ANN) == ["aft", "zebra", "Ärger", "Bee"]
    assert names(ledger, BOB) == ["Bee", "not for Ann", "aft"]
    assert len(ledger.saved_views.visible_to(ANN, limit=2)) == 2


@pytest.mark.parametrize(
    "place",
    [Place("other.api.visier.io", HERE.tenant), Place(HERE.host, "other"), Place(HERE.host, "")],
)
def test_a_view_is_at_its_own_place_only(ledger: Ledger, place: Place) -> None:
    views = ledger.saved_views
    view_id = views.add(ANN, replace(FAILED, lists=LIST, is_shared=True), START)
    for owner in (replace(ANN, place=place), replace(BOB, place=place)):
        assert views.visible_to(owner) == []
        with pytest.raises(UnknownView):
            views.lists_of(owner, view_id)
        with pytest.raises(UnknownView):
            views.replace(owner, view_id, FAILED, START)
        views.delete(owner, view_id)
    assert names(ledger, ANN) == [FAILED.name]
    # A name and a default are those of one place.
    views.add(replace(ANN, place=place), replace(FAILED, is_default=True), START)
    assert [view.is_default for view in views.visible_to(ANN)] == [False]


def test_nobody_else_sees_changes_or_deletes_what_is_not_theirs(ledger: Ledger) -> None:
    views = ledger.saved_views
    own = views.add(ANN, replace(FAILED, lists=LIST), START)
    shared = views.add(ANN, replace(FAILED, name="Shared", is_shared=True), START)
    with pytest.raises(UnknownView):
        views.lists_of(BOB, own)
    for view_id in (own, shared):
        with pytest.raises(UnknownView):
            views.replace(BOB, view_id, replace(FAILED, name="Bob's"), START)
        views.delete(BOB, view_id)
    assert names(ledger, ANN) == ["Failed last night", "Shared"]
    views.delete(ANN, shared)
    views.delete(ANN, shared)
    assert (names(ledger, ANN), names(ledger, BOB)) == (["Failed last night"], [])


def test_a_name_is_one_view_of_its_owner_and_screen(ledger: Ledger) -> None:
    views = ledger.saved_views
    cafe = replace(FAILED, name="Caf\u00e9")
    first = views.add(ANN, cafe, START)
    with pytest.raises(ViewNameTaken) as taken:
        views.add(ANN, replace(cafe, name="Cafe\u0301"), START)
    assert taken.value.view_id == first
    views.add(BOB, cafe, START)
    views.add(ANN, replace(cafe, screen="uploads"), START)
    second = views.add(ANN, replace(FAILED, name="Another"), START)
    with pytest.raises(ViewNameTaken):
        views.replace(ANN, second, cafe, START)
    later = START + timedelta(hours=1)
    views.replace(ANN, first, replace(cafe, query={"job_type": ["extraction"]}), later)
    (found,) = [view for view in views.visible_to(ANN) if view.id == first]
    assert found.query == {"job_type": ("extraction",)}
    assert (found.created_at, found.changed_at) == (START, later)


def test_one_view_at_most_opens_a_screen(ledger: Ledger) -> None:
    views = ledger.saved_views
    first = views.add(ANN, replace(FAILED, is_default=True), START)
    other = replace(FAILED, screen="uploads", is_default=True)
    views.add(ANN, other, START)
    views.add(BOB, replace(FAILED, is_default=True), START)
    views.add(ANN, replace(FAILED, name="Second", is_default=True), START)
    assert defaults(ledger, ANN) == {"uploads": FAILED.name, "jobs": "Second"}
    views.replace(ANN, first, replace(FAILED, is_default=True), START)
    assert defaults(ledger, ANN) == {"uploads": FAILED.name, "jobs": FAILED.name}
    assert defaults(ledger, BOB) == {"jobs": FAILED.name}


@pytest.mark.parametrize(
    ("too_large", "words"),
    [
        ({"name": "n" * (NAME_AT_MOST + 1)}, r"A name has 1 to 60 characters\."),
        ({"name": ""}, r"A name has 1 to 60 characters\."),
        ({"query": {"job_id": ["x" * QUERY_AT_MOST]}}, "filters are too long .* over 8,000 char"),
        ({"lists": {"a list": "x" * LISTS_AT_MOST}}, "list is too long .* over 1,000,000 char"),
    ],
)
def test_what_is_too_large_is_refused(
    ledger: Ledger, too_large: dict[str, Any], words: str
) -> None:
    view = replace(FAILED, **too_large)
    with pytest.raises(ViewRefused, match=words):
        ledger.saved_views.add(ANN, view, START)
    view_id = ledger.saved_views.add(ANN, FAILED, START)
    with pytest.raises(ViewRefused, match=words):
        ledger.saved_views.replace(ANN, view_id, view, START)
    assert names(ledger, ANN) == [FAILED.name]


def test_nobody_saves_without_end(ledger: Ledger) -> None:
    for number in range(VIEWS_AT_MOST):
        ledger.saved_views.add(ANN, replace(FAILED, name=f"View {number}"), START)
    with pytest.raises(ViewRefused, match="50 saved views, which is the limit"):
        ledger.saved_views.add(ANN, FAILED, START)
    ledger.saved_views.add(BOB, FAILED, START)
    assert names(ledger, BOB) == [FAILED.name]


def test_two_who_save_one_name_at_once_make_one_view(ledger: Ledger, elsewhere: Ledger) -> None:
    def saved(by: Ledger) -> bool:
        try:
            by.saved_views.add(ANN, FAILED, START)
        except ViewNameTaken:
            return False
        return True

    with ThreadPoolExecutor() as threads:
        saves: list[Callable[[], bool]] = [partial(saved, by) for by in (ledger, elsewhere) * 3]
        assert sum(threads.map(lambda save: save(), saves)) == 1
    assert names(ledger, ANN) == [FAILED.name]


@pytest.mark.parametrize("text", ["not JSON", "[]", '{"job_state":7}'])
def test_a_row_that_cannot_be_read_costs_that_view(ledger: Ledger, url: str, text: str) -> None:
    ledger.saved_views.add(ANN, FAILED, START)
    odd = ledger.saved_views.add(ANN, replace(FAILED, name="Odd"), START)
    database = engine(url)
    with transaction(database, writing=True) as connection:
        connection.execute(sa.update(saved_view).where(saved_view.c.id == odd).values(query=text))
    database.dispose()
    assert names(ledger, ANN) == [FAILED.name]


def test_what_no_database_holds_is_saved_without_it(ledger: Ledger, url: str) -> None:
    ledger.saved_views.add(ANN, replace(FAILED, query={"job_id": ["a\0b\ud800"]}), START)
    with closing(Ledger.open(url)) as again:
        (view,) = again.saved_views.visible_to(ANN)
        assert view.query == {"job_id": ("a\ufffdb?",)}
