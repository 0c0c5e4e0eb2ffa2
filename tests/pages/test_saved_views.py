"""Saved views: a screen's filters under a name, opened again by the person or by colleagues."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, saved_views, session
from dashboard.components import pasted_lists, view_menu
from dashboard.oidc_user import OidcUser
from dashboard.shell import palette
from services.ledger import NewView, Place, SavedView, SavedViews, ViewOwner
from tests.pages.conftest import Open, operations
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.pages.team import make_read_only
from tests.sandboxes import Sandbox
from tests.services.ledger.samples import START

EXTRACTIONS = {"job_type": "extraction", "job_window": "3d", "job_view": "tree"}
OF_BOB = NewView("jobs", "Bob's failures", {"job_state": ["failed"]}, is_shared=True)
GONE = "The saved view in this link is not available here"


def views_menu(app: AppTest) -> str:
    """Return what *Views* is called: by the view that is open."""
    (menu,) = [each for each in app.expander if each.icon == view_menu.OWN]
    return menu.label.replace("\\", "")


def filled_in(
    app: AppTest, name: str, *, is_shared: bool = False, is_default: bool = False
) -> AppTest:
    """Fill in the form in *Views*."""
    (field,) = [each for each in app.text_input if each.label == "Name"]
    field.set_value(name)
    for label, value in {
        "Share with everyone here": is_shared,
        "Open this screen with it": is_default,
    }.items():
        (box,) = [each for each in app.checkbox if each.label == label]
        box.set_value(value)
    return app


def saved(app: AppTest, name: str, **choices: bool) -> AppTest:
    filled_in(app, name, **choices).button(key="views.add").click().run()
    assert not app.exception
    return app


def changed(app: AppTest, name: str, **choices: bool) -> AppTest:
    return filled_in(app, name, **choices).button(key="views.save").click().run()


def links(app: AppTest) -> dict[str, dict[str, str]]:
    """Return the query of every link by what it is called; the first of each name."""
    found: dict[str, dict[str, str]] = {}
    for link in app.get("page_link"):
        query = parse_qs(link.proto.query_string)
        named = {name: values[0] for name, values in query.items() if name != "tz"}
        found.setdefault(link.proto.label.replace("\\", ""), named)
    return found


def gone_to(app: AppTest, text: str) -> list[palette.Place]:
    """Return the places that Ctrl+K offers for a text."""
    return in_session(app, lambda: [*palette.places(session.signed_in(), text)])


def stored(app: AppTest) -> list[SavedView]:
    """Return the views that this person sees."""
    own = in_session(app, lambda: saved_views.owner(session.signed_in()))
    return bootstrap.whole_ledger().saved_views.visible_to(own)


def place_of(app: AppTest) -> Place:
    return in_session(app, session.signed_in).actor.place


def by_bob(place: Place, view: NewView = OF_BOB) -> dict[str, str]:
    """Save a view of a colleague's; return the query of a link to it."""
    bob = ViewOwner(place, "bob", "Bob Kim")
    view_id = bootstrap.whole_ledger().saved_views.add(bob, view, START)
    return {**{name: values[0] for name, values in view.query.items()}, "view": view_id}


def test_a_view_is_saved_and_opens_with_exactly_its_filters(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = saved(open_page("jobs", **EXTRACTIONS), "*Extractions*")
    assert views_menu(app) == "*Extractions*"
    (view,) = stored(app)
    query = {**EXTRACTIONS, "view": view.id}
    assert links(app)["*Extractions*"] == query
    app = open_page("uploads", up_tenant="e1a")
    assert links(app)["*Extractions*"] == query
    app = open_page("jobs", **query)
    assert app.multiselect(key="job_type").value == ["extraction"]
    assert app.text_input(key="job_tenant").value == ""
    assert views_menu(app) == "*Extractions*"
    app.multiselect(key="job_type").set_value(["extraction", "processing"]).run()
    assert views_menu(app) == "*Extractions* (changed)"
    app = changed(app, "Two types")
    assert views_menu(app) == "Two types"
    (view,) = stored(app)
    assert (view.name, view.query["job_type"]) == ("Two types", ("extraction", "processing"))


@pytest.mark.parametrize(
    ("screen", "query"),
    [
        ("connectors", {"con_tenants": "WFF_j1r~c7o", "con_view": "settings"}),
        ("credentials", {"cred_tenants": "WFF_j1r~c7o", "cred_view": "where_used"}),
        ("recovery", {"rec_by": "tenants", "rec_tenant": "WFF_j1r~c7o"}),
    ],
)
def test_every_screen_with_filters_in_its_address_has_views(
    sandbox: Sandbox, open_page: Open, screen: str, query: dict[str, str]
) -> None:
    app = saved(open_page(screen, **query), "Mine", is_shared=True)
    (view,) = stored(app)
    assert {name: values[0] for name, values in view.query.items()} == query
    assert views_menu(app) == "Mine"
    # The menu says which of one's own are shared.
    assert {"Mine", "Mine · shared"} <= {*links(app)}


def test_who_signed_in_by_a_token_is_told_that_the_next_one_is_somebody_else(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs")
    assert view_menu.ANONYMOUS not in texts(app)
    made = in_session(app, session.signed_in)
    ann = OidcUser("ann", "ann today", "Ann", None, START)

    def owner(token: str, person: OidcUser | None) -> ViewOwner:
        return saved_views.owner(bootstrap.with_token(made, token).of(person))

    assert owner("one", None).key != owner("next", None).key
    assert owner("one", ann).key == owner("next", ann).key
    in_session(app, session.sign_in, bootstrap.with_token(made, sandbox.token()))
    assert view_menu.ANONYMOUS in texts(app.run())


def test_a_taken_name_is_replaced_only_when_asked_for(sandbox: Sandbox, open_page: Open) -> None:
    app = saved(open_page("jobs", job_type="extraction"), "  ")
    assert "Not saved. A name has 1 to 60 characters." in texts(app)
    saved(app, "Mine")
    app = saved(open_page("jobs", job_type="processing"), "Mine")
    assert "You already have a view “Mine” on this screen." in texts(app)
    assert [view.query["job_type"] for view in stored(app)] == [("extraction",)]
    app.button(key="views.replace").click().run()
    assert [view.query["job_type"] for view in stored(app)] == [("processing",)]
    assert views_menu(app) == "Mine"
    assert "You already have" not in texts(app)


def test_the_menu_opens_a_screen_with_its_default_and_clearing_clears(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = saved(open_page("jobs", **EXTRACTIONS), "Mine", is_default=True)
    (view,) = stored(app)
    assert links(app)["Jobs"] == {**EXTRACTIONS, "view": view.id}
    assert links(app)["Uploads"] == {}
    # The way back to all rows, and a link of its own, are what they say.
    assert links(app)["Clear filters"] == {}
    app = open_page("jobs")
    assert (app.multiselect(key="job_type").value, views_menu(app)) == ([], "Views")
    app = open_page("jobs", job_type="processing")
    assert app.multiselect(key="job_type").value == ["processing"]
    jobs, *_ = gone_to(app, "jobs")
    assert jobs.query == {**view.query, "view": view.id}


def test_a_view_is_deleted_once_that_is_confirmed(sandbox: Sandbox, open_page: Open) -> None:
    app = saved(open_page("jobs", **EXTRACTIONS), "Mine", is_shared=True)
    link = links(app)["Mine"]
    app.button(key="views.delete").click().run()
    assert "Nobody here can open it any more. The filters stay." in texts(app)
    app.button(key="views.keep").click().run()
    assert len(stored(app)) == 1
    app.button(key="views.delete").click().run()
    app.button(key="views.delete_now").click().run()
    assert (stored(app), views_menu(app)) == ([], "Views")
    assert app.multiselect(key="job_type").value == ["extraction"]
    app = open_page("jobs", **link)
    assert GONE in texts(app)
    assert app.multiselect(key="job_type").value == ["extraction"]
    assert len(table(app)) > 0


def test_a_colleagues_view_is_theirs_to_change(sandbox: Sandbox, open_page: Open) -> None:
    place = place_of(open_page("jobs"))
    query = by_bob(place)
    by_bob(place, replace(OF_BOB, name="Bob's own", is_shared=False))
    app = open_page("jobs", **query)
    assert views_menu(app) == "Bob's failures"
    assert links(app)["Bob's failures · Bob Kim"] == query
    assert "Bob's own" not in " ".join(links(app))
    assert [each for each in app.button if each.key in ("views.save", "views.delete")] == []
    app = saved(app, "Bob's failures")
    assert {(view.name, view.is_own) for view in stored(app)} == {
        ("Bob's failures", True),
        ("Bob's failures", False),
    }


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (replace(OF_BOB, is_shared=False), None),
        (OF_BOB, Place("other.api.visier.io", "")),
        (replace(OF_BOB, screen="uploads", query={"up_state": ["included"]}), None),
    ],
    ids=["not shared", "another place", "another screen"],
)
def test_what_is_none_of_ones_views_is_said_and_the_screen_works(
    sandbox: Sandbox, open_page: Open, view: NewView, place: Place | None
) -> None:
    linked = by_bob(place or place_of(open_page("jobs")), view)
    app = open_page("jobs", job_type="extraction", view=linked["view"])
    assert texts(app).count(GONE) == 1
    assert views_menu(app) == "Views"
    assert set(table(app)["job_type"]) == {"Extraction"}


def test_what_a_view_names_and_is_no_filter_any_more_is_said(
    sandbox: Sandbox, open_page: Open
) -> None:
    place = place_of(open_page("jobs"))
    view = replace(OF_BOB, query={"job_type": ["extraction", "teleportation"], "job_mood": ["low"]})
    app = open_page("jobs", **by_bob(place, view))
    assert "Unknown in this saved view, so ignored: job_mood" in texts(app)
    assert not app.exception
    app = open_page(
        "jobs",
        job_type="teleportation",
        view=by_bob(place, replace(OF_BOB, name="Another", query={"job_type": ["teleportation"]}))[
            "view"
        ],
    )
    assert app.multiselect(key="job_type").placeholder == "Unknown: teleportation"


def long_list(app: AppTest) -> tuple[AppTest, list[str]]:
    """Paste a long list of tenants, of which three are there."""
    known = [*table(app)["tenant_code"].dropna().unique()[:3]]
    pasted = " ".join([*known, *(f"WFF_j1r~n0t{number:05}" for number in range(600))])
    return app.text_input(key="dv_tenant").set_value(pasted).run(), known


def test_a_long_list_is_part_of_the_view_and_a_link_to_it_works_elsewhere(
    sandbox: Sandbox, open_page: Open
) -> None:
    app, known = long_list(open_page("data_versions"))
    app = saved(app, "Quarterly", is_shared=True)
    assert pasted_lists.KEPT_IN_SHARED.format(name="Quarterly") in texts(app)
    link = links(app)["Quarterly"]
    assert link["dv_tenant"].startswith("603 tenants ")
    other = open_page("data_versions", **link)
    assert set(table(other)["tenant_code"]) == set(known)
    # It is filtered further there, and saved again with all of the list.
    other = saved(other, "Copy")
    assert pasted_lists.KEPT_IN_OWN.format(name="Copy") in texts(other)
    assert set(table(open_page("data_versions", **links(other)["Copy"]))["tenant_code"]) == set(
        known
    )
    # Without the view, or with one that has another list, it says what to do.
    other = open_page("data_versions", dv_tenant=link["dv_tenant"], view="gone")
    assert {GONE in texts(other), pasted_lists.NOT_IN_VIEW in texts(other)} == {True}
    filled_in(other, "Nothing").button(key="views.add").click().run()
    assert view_menu.LIST_GONE in texts(other)
    assert len(stored(other)) == 2


def test_a_shared_list_is_read_by_a_colleague(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions")
    known = [*table(app)["tenant_code"].unique()[:2]]
    name = "2 pasted words #0123abcd"
    view = NewView(
        "data_versions", "Two", {"dv_tenant": [name]}, {name: " ".join(known)}, is_shared=True
    )
    linked = by_bob(place_of(app), view)
    assert set(table(open_page("data_versions", **linked))["tenant_code"]) == set(known)
    own = by_bob(place_of(app), replace(view, name="Own", is_shared=False))
    refused = open_page("data_versions", **own)
    assert not refused.dataframe
    assert {GONE in texts(refused), pasted_lists.NOT_IN_VIEW in texts(refused)} == {True}


def test_a_time_of_a_view_is_in_its_zone(sandbox: Sandbox, open_page: Open) -> None:
    app = saved(open_page("uploads", up_from="2026-01-02T03:00", tz="Asia/Tokyo"), "Since")
    (view,) = stored(app)
    assert view.query == {"up_from": ("2026-01-02T03:00",), "tz": ("Asia/Tokyo",)}
    assert views_menu(app) == "Since"


def test_views_are_read_once_a_run_and_cost_no_call(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = long_list(open_page("data_versions"))
    link = links(saved(app, "Quarterly"))["Quarterly"]
    asked: list[str] = []

    def noting(name: str) -> None:
        method = getattr(SavedViews, name)

        def noted(*args: object) -> object:
            asked.append(name)
            return method(*args)

        monkeypatch.setattr(SavedViews, name, noted)

    noting("visible_to")
    noting("lists_of")
    app = open_page("data_versions", **link)
    assert asked == ["visible_to", "lists_of"]
    sandbox.control.clear_requests()
    app.run()
    assert asked == ["visible_to", "lists_of", "visible_to"]
    assert operations(sandbox) == []


def test_views_are_found_by_name_from_everywhere(sandbox: Sandbox, open_page: Open) -> None:
    place = place_of(open_page("jobs"))
    query = by_bob(place)
    app = open_page("uploads")
    (found,) = gone_to(app, "BOB'S FAILURES")
    assert (found.label, found.screen.name) == ("Bob's failures · Bob Kim · Jobs", "jobs")
    assert found.query == {"job_state": ("failed",), "view": query["view"]}


def test_names_and_filters_are_read_as_they_are_typed(sandbox: Sandbox, open_page: Open) -> None:
    by_bob(place_of(open_page("jobs")), replace(OF_BOB, name="*Failures* ~a ~b"))
    app = open_page("uploads", go_to="true")
    app.text_input(key="shell.palette.text").set_value("failures").run()
    labels = [link.proto.label for link in app.get("page_link")]
    literal = r"\*Failures\* \~a \~b · Bob Kim"
    assert {literal, rf"{literal} · Jobs"} <= set(labels)
    app = open_page("jobs", job_codes="WFF_j1r~a..WFF_j1r~z")
    assert app.button(key="job_codes.chip").label == r"Tenant codes: WFF\_j1r\~a..WFF\_j1r\~z"


def test_the_sidebar_lists_a_few_and_says_how_many_more(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    own = in_session(app, lambda: saved_views.owner(session.signed_in()))
    for number in range(10):
        view = replace(OF_BOB, name=f"Mine {number}", is_shared=False)
        bootstrap.whole_ledger().saved_views.add(own, view, START)
    by_bob(own.place)
    app = open_page("overview")
    names = [label for label in links(app) if label.startswith(("Mine", "Bob's"))]
    assert names == [f"Mine {number}" for number in range(8)]
    assert "3 more in Views of their screens" in texts(app)


def test_who_may_change_nothing_saves_views(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_read_only(monkeypatch)
    app = saved(open_page("jobs", **EXTRACTIONS), "Mine")
    assert [view.name for view in stored(app)] == ["Mine"]


@pytest.mark.parametrize("page", ["jobs", "uploads"])
def test_without_the_ledger_a_link_filters_and_says_what_is_missing(
    sandbox: Sandbox, open_page: Open, tmp_path: Path, page: str
) -> None:
    app = open_page(page)
    (tmp_path / "ledger.sqlite3").unlink()
    app = open_page(page, view="gone")
    assert not app.exception
    assert view_menu.UNREADABLE in texts(app)
    assert "Saved views cannot be read or saved. " in texts(app)
    assert len(table(app)) > 0


def test_a_ledger_lost_at_the_click_says_that_nothing_was_saved(
    sandbox: Sandbox, open_page: Open, tmp_path: Path
) -> None:
    app = open_page("jobs", **EXTRACTIONS)
    filled_in(app, "Mine")
    (tmp_path / "ledger.sqlite3").unlink()
    app.button(key="views.add").click().run()
    assert not app.exception
    assert [each.value[:11] for each in app.toast] == ["Not saved. "]
    assert "Saved views cannot be read or saved. " in texts(app)
    assert len(table(app)) > 0
