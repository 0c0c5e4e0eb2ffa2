"""Tenant: what a person reads of one, what it costs, what fails alone, and what is done from it."""

import json
from datetime import UTC, datetime
from urllib.parse import unquote

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import session
from dashboard.operations.drawer import drawer
from services.operations import Verb
from services.sandbox.models.tenants import Tenant
from tests.pages.acting import applied, button, labels, writes
from tests.pages.conftest import Open, names, operations, sign_in_to
from tests.pages.reading import SIGNING_IN, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

COLD = ["security_token", "tenants", "latest_enabled_dv", "retrieve_data_uploads", "job_status"]
BUDGET = 6


def tenants(sandbox: Sandbox) -> list[Tenant]:
    return sandbox.inside.world.listed


def ordinary(sandbox: Sandbox) -> Tenant:
    """Give a tenant with five uploads and versions of which nothing is odd."""
    return next(
        tenant
        for tenant in tenants(sandbox)
        if len(tenant.uploads) > 5
        and len(enabled(sandbox, tenant)) > 5
        and all(upload.included for upload in tenant.uploads[-5:])
    )


def enabled(sandbox: Sandbox, tenant: Tenant) -> list[str]:
    """Give the numbers of the versions that are listed, newest first."""
    category = sandbox.inside.world.primary_category
    return [version.number for version in tenant.enabled_versions(category)]


def shown(app: AppTest, column: str) -> pd.DataFrame:
    """Give the first table with this column."""
    frame: pd.DataFrame = next(each.value for each in app.dataframe if column in each.value)
    return frame


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def selected(app: AppTest, name: str, tenant: Tenant, what: str) -> AppTest:
    """Select an upload by its time, or a version by its number."""
    in_session(app, session.select, name, frozenset({f"{tenant.code} {what}"}))
    return app.run()


def ticked(app: AppTest, key: str, *rows: int) -> AppTest:
    app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def test_it_opens_within_its_budget_and_nothing_else_costs_a_call(
    sandbox: Sandbox, open_page: Open
) -> None:
    tenant = ordinary(sandbox)
    app = open_page("tenant", code=tenant.code)
    assert not app.exception
    assert operations(sandbox) == COLD
    app.selectbox(key="ten_older").select_index(3).run()
    app.selectbox(key="tz").set_value("Asia/Tokyo").run()
    selected(app, "tenant.uploads", tenant, tenant.uploads[-1].time)
    selected(app, "tenant.versions", tenant, enabled(sandbox, tenant)[1])
    assert "Disable 1 data version…" in labels(app)
    assert operations(sandbox) == COLD
    button(app, "Read connectors and credentials (2 calls)")
    asked = operations(sandbox)[len(COLD) :]
    assert asked == ["data_connectors", "data_connector_credentials"]
    assert len([*COLD[1:], *asked]) <= BUDGET
    app.selectbox(key="ten_older").select_index(2).run()
    assert len(operations(sandbox)) == len(COLD) + 2


def test_it_tells_whose_it_is_and_how_its_versions_stand(sandbox: Sandbox, open_page: Open) -> None:
    tenant = ordinary(sandbox)
    app = open_page("tenant", code=tenant.code, tz="UTC")
    assert app.header[0].value == tenant.name
    assert tenant.code in texts(app)
    versions = shown(app, "data_version")
    assert [str(each) for each in versions["data_version"]] == enabled(sandbox, tenant)[:5]
    uploads = shown(app, "upload_time")
    times = [upload.time for upload in reversed(tenant.uploads[-5:])]
    assert uploads["upload_time"].dt.strftime("%Y-%m-%dT%H:%M:%S").tolist() == [
        each[:19] for each in times
    ]
    told = figures(app)
    assert any(word in told["Latest version"] for word in ("On time", "Overdue"))
    assert told["Usually every"] != "—"
    assert told["Due"] != "—"
    assert texts(app).count("Visier lists") == 2


def test_two_versions_differ_by_the_uploads_between_and_not_by_metric_values(
    sandbox: Sandbox, open_page: Open
) -> None:
    tenant = ordinary(sandbox)
    app = open_page("tenant", code=tenant.code)
    between = shown(app, "what")
    assert between["what"].tolist() == ["Arrived"]
    assert between["upload"].tolist() == [tenant.uploads[-1].time]
    assert "Visier's API returns metric values only for the version in use." in texts(app)


def test_of_whom_too_little_is_known_nothing_is_said(sandbox: Sandbox, open_page: Open) -> None:
    told = figures(open_page("tenant", code="WFF_j1r~e1a"))
    assert "Too little known" in told["Latest version"]
    assert (told["Usually every"], told["Due"]) == ("—", "—")
    assert "Overdue by" not in told


def test_a_tenant_with_nothing_says_so(sandbox: Sandbox, open_page: Open) -> None:
    code = next(each.code for each in tenants(sandbox) if not each.uploads and not each.versions)
    app = open_page("tenant", code=code)
    assert not app.exception
    words = texts(app)
    assert "Visier lists no upload of this tenant." in words
    assert "No data version of the primary category is enabled." in words
    assert "Nothing to show" in words
    assert "No operations on this tenant yet." in words
    assert "None enabled" in figures(app)["Latest version"]
    button(app, "Read connectors and credentials (2 calls)")
    assert not app.exception


@pytest.mark.first_is_quick
@pytest.mark.parametrize("code", ["WFF_j1r~nope", "a b<c>&%/?#", "c7o", "WFF_j1r~c7o,WFF_j1r~e1a"])
def test_a_code_that_is_of_nobody_leads_to_the_search(
    sandbox: Sandbox, open_page: Open, code: str
) -> None:
    app = open_page("tenant", code=code)
    assert not app.exception
    assert "No such tenant" in texts(app)
    assert len(shown(app, "tenant_name")) == len(tenants(sandbox))
    assert operations(sandbox) == [*SIGNING_IN, "tenants"]


def test_what_is_too_long_for_a_code_is_sent_nowhere(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("tenant", code="x" * 300)
    assert "at most 255 characters" in texts(app)
    assert "tenants" not in operations(sandbox)


def test_a_tenant_is_found_by_name_or_opened_by_its_code(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("tenant")
    app.text_input(key="ten_find").set_value("europa").run()
    assert shown(app, "tenant_name")["tenant_code"].tolist() == ["WFF_j1r~e1a"]
    ticked(app, "ten.found", 0)
    assert app.header[0].value == "Europa Health"
    assert app.query_params["code"] in ("WFF_j1r~e1a", ["WFF_j1r~e1a"])

    app = open_page("tenant")
    app.text_input(key="ten_find").set_value("WFF_elsewhere~a1a").run()
    button(app, "Open it by this code")
    assert "No such tenant" in texts(app)


def test_how_many_were_searched_is_said_where_there_are_more(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=1_100) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("tenant")
        first = "100 of 1,000 found among the first 1,000 tenants read so far; there may be more."
        assert first in texts(app)
        assert names(app).wait(30)
        app.run()
        assert f"100 of {len(tenants(sandbox)):,} tenants. Select one" in texts(app)
        app.text_input(key="ten_find").set_value("europa").run()
        assert "1 of 1 tenant. Select one" in texts(app)


PARTS = {
    "latest_enabled_dv": "versions",
    "retrieve_data_uploads": "uploads",
    "job_status": "jobs",
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("operation", "fault", "face"),
    [
        ("latest_enabled_dv", "html", "Unreadable answer"),
        ("retrieve_data_uploads", "403", "Not permitted"),
        ("job_status", "html", "Unreadable answer"),
        ("job_status", "403", ""),
    ],
)
def test_what_cannot_be_read_costs_its_own_part(
    sandbox: Sandbox, open_page: Open, operation: str, fault: str, face: str
) -> None:
    sandbox.control.fault(operation, fault)
    app = open_page("tenant", code=ordinary(sandbox).code)
    assert not app.exception
    stands = {"versions": "age", "uploads": "included"}
    lost = PARTS[operation]
    for part, column in stands.items():
        assert any(column in each.value for each in app.dataframe) == (part != lost)
    if not face:
        assert "jobs cannot be listed" in texts(app)
        assert "By time" in set(shown(app, "known")["known"])
        return
    assert texts(app).count(face) == 1
    app.button(key=f"error.retry.{lost}").click().run()
    assert face not in texts(app)


def test_without_names_it_goes_by_its_code(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.fault("tenants", "403", times=0)
    code = ordinary(sandbox).code
    app = open_page("tenant", code=code)
    assert app.header[0].value == code
    assert len(shown(app, "upload_time")) == 5


@pytest.mark.slow
def test_a_week_of_jobs_is_read_when_asked_and_said_before(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("tenant", code=ordinary(sandbox).code)
    assert "Shows jobs of the last day." in texts(app)
    before = len(operations(sandbox))
    button(app, "Read jobs of 7 days (7 calls)")
    assert operations(sandbox)[before:] == ["job_status"] * 7
    assert "Shows jobs of the last 7 days." in texts(app)
    assert not [label for label in labels(app) if label.startswith("Read jobs")]


@pytest.mark.slow
def test_a_week_of_jobs_that_is_at_hand_costs_nothing(sandbox: Sandbox, open_page: Open) -> None:
    open_page("deliveries")
    before = len(operations(sandbox))
    app = open_page("tenant", code=ordinary(sandbox).code)
    assert "Shows jobs of the last 7 days." in texts(app)
    assert "job_status" not in operations(sandbox)[before:]


def drawn(app: AppTest) -> list[dict[str, object]]:
    (chart,) = app.get("plotly_chart")
    figure = json.loads(chart.proto.spec)
    return [
        {"row": row, "x": x, "text": text}
        for trace in figure["data"]
        for row, x, text in zip(trace["y"], trace["x"], trace["text"], strict=True)
    ]


@pytest.mark.slow
def test_what_was_excluded_from_here_is_drawn_told_and_out_of_the_next_version(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    tenant = ordinary(own_sandbox)
    app = open_page("tenant", code=tenant.code)
    app = selected(app, "tenant.uploads", tenant, tenant.uploads[-1].time)
    assert any(each.startswith("Recover from the load of ") for each in labels(app))
    app = button(app, "Exclude 1 upload…")
    assert "1 item will change" in texts(app)
    assert len(app.dataframe) == 1
    app = applied(app, f"tenant {tenant.code}")
    assert writes(own_sandbox) == ["exclude_data_uploads"]
    assert not tenant.uploads[-1].included
    rows = shown(app, "received")
    assert rows["included"].tolist() == [False, True, True, True, True]
    done = shown(app, "verb")
    assert (done["verb"].tolist(), done["outcome"].tolist()) == (
        ["Exclude data uploads"],
        ["✓ 1 Succeeded"],
    )
    assert "Include 1 upload…" in labels(app)

    client = in_session(app, session.signed_in).client
    client.adhoc_processing_jobs({"tenants": [tenant.code]})
    own_sandbox.control.advance(2 * 3600)
    st.cache_resource.clear()
    app = open_page("tenant", code=tenant.code)
    between = shown(app, "what")
    assert between["what"].tolist() == ["Excluded from this dashboard"]
    assert between["upload"].tolist() == [tenant.uploads[-1].time]
    assert "Visier does not report which uploads a version contains" in texts(app)


def test_a_reprocessed_version_is_in_every_upload_that_was_included(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    tenant = ordinary(own_sandbox)
    app = open_page("tenant", code=tenant.code)
    assert not shown(app, "known")["known"].str.contains("eprocessed").any()
    tenant.uploads[-2].flags = 0
    in_session(app, session.signed_in).client.adhoc_processing_jobs({"tenants": [tenant.code]})
    own_sandbox.control.advance(2 * 3600)
    st.cache_resource.clear()
    app = open_page("tenant", code=tenant.code)
    newest = enabled(own_sandbox, tenant)[0]
    assert f"Reprocessed from earlier uploads, without a new one: {newest}." in texts(app)
    rows = shown(app, "known")
    assert rows["data_versions"].str.startswith(newest).tolist() == [True, False, True, True, True]
    is_again = rows["known"].str.lower().str.endswith("reprocessed")
    assert is_again.tolist() == [True, False, True, True, True]
    (made,) = [version for version in tenant.versions if version.number == newest]
    listed = [upload.time for upload in reversed(tenant.uploads[-5:])]
    assert [time in made.built_from for time in listed] == is_again.tolist()


@pytest.mark.slow
def test_disabling_is_planned_for_exactly_the_versions_selected(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    tenant = ordinary(own_sandbox)
    latest = enabled(own_sandbox, tenant)[0]
    app = selected(open_page("tenant", code=tenant.code), "tenant.versions", tenant, latest)
    app = button(app, "Disable 1 data version…")
    reviewed = in_session(app, drawer, f"tenant {tenant.code}").under_review
    assert reviewed is not None
    assert reviewed.plan.items["tenant_code"].tolist() == [tenant.code]
    app.query_params["code"] = "WFF_j1r~e1a"
    assert "1 item will change" not in texts(app.run())
    app.query_params["code"] = tenant.code
    assert "1 item will change" in texts(app.run())
    app = applied(app, f"tenant {tenant.code}")
    assert latest not in enabled(own_sandbox, tenant)
    versions = shown(app, "data_version")["data_version"]
    assert latest not in [str(each) for each in versions]


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("press", "verb"),
    [("Process…", Verb.START_PROCESSING), ("Extract…", Verb.START_EXTRACTION)],
)
def test_it_hands_itself_over_to_start_jobs(
    sandbox: Sandbox, open_page: Open, press: str, verb: Verb
) -> None:
    code = ordinary(sandbox).code
    app = button(open_page("tenant", code=code), press)
    assert app.title[0].value == "Start jobs"
    assert app.segmented_control(key="start_kind").value == verb
    assert [area.value for area in app.text_area if area.value] == [code]


def test_it_hands_itself_over_to_recovery_and_to_every_other_screen(
    sandbox: Sandbox, open_page: Open
) -> None:
    code = ordinary(sandbox).code
    app = open_page("tenant", code=code)
    only = f"{code}..{code}"
    links = [link.proto for link in app.get("page_link") if link.proto.query_string]
    asked = {link.label: unquote(link.query_string) for link in links}
    assert f"up_tenant={only}" in asked["Uploads"]
    assert f"dv_tenant={only}" in asked["Data versions"]
    assert f"job_tenant={only}" in asked["Jobs"]
    assert f"con_tenants={code}" in asked["Connectors"]
    assert f"cred_tenants={code}" in asked["Credentials"]
    assert app.button(key="ten.recover").label == "Recover from a bad load…"
    app = app.button(key="ten.recover").click().run()
    assert app.title[0].value == "Recovery"
    assert app.query_params["rec_tenant"] in (code, [code])


def test_times_stand_in_the_zone_of_the_person(sandbox: Sandbox, open_page: Open) -> None:
    tenant = ordinary(sandbox)
    newest = datetime.fromisoformat(tenant.uploads[-1].time).astimezone(UTC)
    marks = drawn(open_page("tenant", code=tenant.code, tz="Asia/Tokyo"))
    uploads = sorted(str(each["x"]) for each in marks if each["row"] == "Uploads")
    local = pd.Timestamp(newest).tz_convert("Asia/Tokyo").strftime("%Y-%m-%dT%H:%M:%S")
    assert uploads[-1].startswith(local)


@pytest.mark.slow
def test_one_of_thousands_is_found_by_its_name_in_one_call(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=1_500) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        last = tenants(sandbox)[-1]
        app = open_page("tenant", code=last.code)
        assert app.header[0].value == last.name
        assert operations(sandbox).count("tenants") == 1
