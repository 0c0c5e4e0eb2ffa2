"""Whether the overview answers, what it costs, and that every figure leads to what it counts."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from math import ceil
from typing import NamedTuple
from urllib.parse import parse_qs

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.components.failure_messages import NO_REASON, NOT_READ
from services.frames.jobs import from_job_status
from services.ledger import Actor, State
from services.monitoring.reasons import READ_UNASKED
from tests.pages.conftest import Open, jobs_beside, operations, sign_in_to
from tests.pages.jobs.choosing import beats
from tests.pages.reading import SIGNING_IN, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.ledger.samples import begin

NUMBER = re.compile(r"\*\*(?:All )?([\d,]+)")
KIND_THAT_RUNS = ("EXTRACTION_JOB", "Running")
COLD = {"job_status", "latest_enabled_dv", "retrieve_data_uploads"}


class Figure(NamedTuple):
    label: str
    number: int
    page: str
    query: dict[str, list[str]]


def figures(app: AppTest) -> list[Figure]:
    """Return every link that holds a number."""
    assert not app.exception
    links = [link.proto for link in app.get("page_link")]
    return [
        Figure(link.label, int(found[1].replace(",", "")), link.page, parse_qs(link.query_string))
        for link in links
        if (found := NUMBER.search(link.label))
    ]


def figure(app: AppTest, word: str) -> Figure:
    return next(each for each in figures(app) if f" {word}]" in each.label)


def rows_behind(open_page: Open, figure: Figure) -> int:
    """Open the link; return how many rows the table of the screen says it has."""
    app = open_page(figure.page, **figure.query)
    assert not app.exception
    if "matches the filter" in texts(app):
        return 0
    counted = re.search(r"^([\d,]+) of [\d,]+ ", "\n".join(t.value for t in app.text), re.MULTILINE)
    assert counted
    return int(counted[1].replace(",", ""))


@pytest.mark.parametrize(
    "since",
    [
        "Last night",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("24 hours", "7 days")),
    ],
)
def test_every_figure_is_the_number_of_rows_it_leads_to(
    sandbox: Sandbox, open_page: Open, since: str
) -> None:
    found = figures(open_page("overview", ov_since=since))
    assert len(found) >= 9
    assert {each.page for each in found} == {"data_versions", "jobs", "uploads"}
    assert [(each.label, rows_behind(open_page, each)) for each in found] == [
        (each.label, each.number) for each in found
    ]


@pytest.mark.slow
def test_a_link_of_another_zone_shows_the_same(sandbox: Sandbox, open_page: Open) -> None:
    found = figures(open_page("overview", tz="Asia/Tokyo"))
    assert all(each.query["tz"] == ["Asia/Tokyo"] for each in found)
    loaded = next(each for each in found if "tenants**" in each.label)
    assert loaded.query["dv_from"][0].endswith("T18:00")
    assert rows_behind(open_page, loaded) == loaded.number


def test_it_says_in_words_for_whom_the_loads_worked(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("overview", tz="UTC")
    told = [each for each in figures(app) if "]" not in each.label]
    loaded, older, none_enabled = told[:3]
    assert re.search(r"\*\* (loaded|have a version made) since yesterday 18:00", loaded.label)
    assert "older version" in older.label
    assert "no enabled version" in none_enabled.label
    every = len(table(open_page("data_versions")))
    assert loaded.number + older.number + none_enabled.number == every
    assert f"of {every} tenants**" in loaded.label
    assert "failed." in told[3].label


@pytest.mark.parametrize("tenants", [400, pytest.param(5000, marks=pytest.mark.slow)])
def test_the_first_look_keeps_to_its_budget_and_the_next_is_free(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, tenants: int
) -> None:
    with running_sandbox(tenants=tenants) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("overview")
        asked = operations(sandbox)
        calls = [operation for operation in asked if operation != "security_token"]
        # The consolidated analytics tenant of the samples is one more.
        assert len(calls) <= 3 + 2 * ceil((tenants + 1) / 1000)
        assert set(asked) == {*SIGNING_IN, *COLD}
        app.toggle(key="ov_all").set_value(True).run()
        app.run()
        assert operations(sandbox) == asked
        assert not app.exception


def test_a_job_that_is_late_has_a_tile_that_leads_to_it(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    jobs = own_sandbox.inside.world.jobs.by_start
    late = next(each for each in jobs[::-1] if (each.kind, each.status) == KIND_THAT_RUNS)
    identity = in_session(open_page("activity"), session.signed_in).identity
    observations = bootstrap.whole_ledger().job_observations
    began = datetime.now(UTC) - timedelta(days=2)
    for number, (status, after) in product(range(5), (("Running", 1), ("Succeeded", 9))):
        job = {"jobId": f"before-{number}", "tenant": late.tenant, "jobType": late.kind}
        seen = {**job, "status": status, "startTime": began.isoformat()}
        told = from_job_status({"jobStatus": [seen]})
        observations.record(identity.name, told, began + timedelta(seconds=after))
    tile = figure(open_page("overview", ov_since="24 hours"), "Late")
    assert tile.number == 1
    (row,) = table(open_page(tile.page, **tile.query))["job_id"]
    assert row == late.id


def test_why_most_jobs_failed_is_read_along_and_named(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = re.compile(r"^\d+ of \d+: \[(DP|SIM)\d+\] ", re.MULTILINE)
    app = open_page("overview", ov_since="24 hours")
    assert not cause.search(texts(app))

    def much_later() -> None:
        monitor = bootstrap.job_monitor(in_session(app, session.signed_in).identity)
        for view in monitor._views._views.values():
            view.tried_at -= timedelta(hours=1)

    beats(monkeypatch, much_later)
    asked = len(operations(own_sandbox))
    app.run()
    assert cause.search(texts(app))
    lists = [each for each in operations(own_sandbox)[asked:] if each != "job_status"]
    assert 0 < len(lists) <= READ_UNASKED


@pytest.mark.slow
def test_the_screens_behind_cost_nothing_more(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("overview")
    before = operations(sandbox)
    for figure in figures(app):
        open_page(figure.page, **figure.query)
    jobs_beside(app).wait(30)
    more = operations(sandbox)[len(before) :]
    # Beside Uploads a week of jobs is read, which tells deliveries: once.
    assert set(more) <= {"retrieve_data_categories", "job_status"}
    assert more.count("job_status") <= 7


def told_of_deliveries(app: AppTest) -> list[tuple[str, dict[str, list[str]]]]:
    links = [link.proto for link in app.main.get("page_link") if link.proto.page == "deliveries"]
    return [(link.label, parse_qs(link.query_string)) for link in links]


@pytest.mark.parametrize("local_hour", [2, 12], ids=["before the evening", "since"])
def test_a_delivery_that_stands_out_is_told_for_a_day_whatever_its_hour(
    sandbox: Sandbox, open_page: Open, local_hour: int
) -> None:
    # It came nine hours ago: at two in the morning that was before "last night".
    ahead = (local_hour - datetime.now(UTC).hour + 11) % 24 - 11
    zone = f"Etc/GMT{-ahead:+d}" if ahead else "UTC"
    told = told_of_deliveries(open_page("overview", tz=zone))
    assert "job_status" in operations(sandbox)
    (label, query) = next(each for each in told if "Unusual hour" in each[0])
    assert re.fullmatch(r"\*\*Delivery of .+, \d+ tenants\*\*: ◆ .*Unusual hour.*", label)
    behind = table(open_page("deliveries", **query))
    assert len(behind) == 1
    assert "Unusual hour" in behind["what"].iloc[0]


def load_failed(app: AppTest) -> set[str]:
    rows = attention(app)
    has_failed = rows["reasons"].map(lambda reasons: "✕ Load failed" in reasons)
    return set(rows.loc[has_failed, "tenant_code"])


def test_what_was_put_right_since_is_told_apart_and_raises_no_alarm(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("overview", ov_since="7 days", ov_all="true")
    before = load_failed(app)
    client = in_session(app, session.signed_in).client
    client.adhoc_processing_jobs({"tenants": sorted(before)})
    own_sandbox.control.advance(2 * 3600)
    st.cache_resource.clear()
    app = open_page("overview", ov_since="7 days", ov_all="true")
    told = re.search(r"([\d,]+) failed, ([\d,]+) resolved since", texts(app))
    assert told
    failed, right = (int(each.replace(",", "")) for each in told.groups())
    assert 0 < right < failed == figure(app, "Failed").number
    after = load_failed(app)
    assert after < before
    assert attention(app)["failed_jobs"].sum() == failed - right
    (alarm,) = [each for each in figures(app) if "failed" in each.label and "]" not in each.label]
    assert rows_behind(open_page, alarm) == alarm.number
    assert f"{failed - right}" in alarm.label
    # The table counts by the same rule as the sentence, and says so.
    kinds = next(shown.value for shown in app.dataframe if "fingerprint" in shown.value)
    assert kinds["jobs"].sum() == failed - right
    assert f"Excludes {right} resolved since." in texts(app)


def test_refresh_reads_every_part_again(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("overview")
    before = operations(sandbox)
    app.button(key="jobs.refresh").click().run()
    assert set(operations(sandbox)[len(before) :]) == COLD


def test_the_worst_tenants_come_first_and_all_on_demand(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=400) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("overview", ov_since="7 days")
        shown = attention(app)
        every = attention(app.toggle(key="ov_all").set_value(True).run())
    assert len(shown) == 40
    assert shown["reasons"].iloc[0][0] == "✕ Load failed"
    assert f"{len(every)} of {len(every)} tenants" in texts(app)
    assert every["tenant_code"].head(40).tolist() == shown["tenant_code"].tolist()
    overdue = sum("◁ Overdue" in reasons for reasons in every["reasons"])
    assert overdue == figure(app, "Overdue").number


def attention(app: AppTest) -> pd.DataFrame:
    return next(shown.value for shown in app.dataframe if "reasons" in shown.value)


def test_a_row_opens_its_tenant(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("overview")
    code = attention(app)["tenant_code"].iloc[0]
    app.session_state["ov.attention"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert app.title[0].value == "Tenant"
    assert code in texts(app)


def test_a_reason_that_is_not_read_yet_is_no_kind_of_failure(open_page: Open) -> None:
    app = open_page("overview", ov_since="7 days")
    kinds = next(shown.value for shown in app.dataframe if "fingerprint" in shown.value)
    built = kinds["fingerprint"].str.contains(" failed| ended in an error| was rolled back")
    silent = kinds.loc[built, "fingerprint"]
    assert silent.str.endswith((NO_REASON, NOT_READ)).all()
    assert silent.str.endswith(NOT_READ).any()


@pytest.mark.slow
def test_a_kind_of_failure_leads_to_its_jobs(sandbox: Sandbox, open_page: Open) -> None:
    # Shortly after midnight the night that has gone wrong is not "last night" any more.
    app = open_page("overview", ov_since="7 days")
    kinds = next(shown.value for shown in app.dataframe if "fingerprint" in shown.value)
    app.session_state["ov.failures"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert app.title[0].value == "Jobs"
    assert len(table(app)) == kinds["jobs"].iloc[1]


PARTS = {
    "latest_enabled_dv": ("versions", "Failed"),
    "retrieve_data_uploads": ("uploads", "Overdue"),
    "job_status": ("jobs", "Overdue"),
}


@pytest.mark.parametrize("operation", PARTS)
@pytest.mark.parametrize(
    ("fault", "face"),
    [
        ("403", "Not permitted"),
        pytest.param("html", "Unreadable answer", marks=pytest.mark.slow),
    ],
)
def test_a_part_that_cannot_be_read_leaves_the_others_standing(
    sandbox: Sandbox, open_page: Open, operation: str, fault: str, face: str
) -> None:
    part, word = PARTS[operation]
    sandbox.control.fault(operation, fault)
    app = open_page("overview")
    assert figure(app, word).number > 0
    if (operation, fault) == ("job_status", "403"):
        assert "The job list is not available" in texts(app)
        return
    assert texts(app).count(face) == 1
    app.button(key=f"error.retry.{part}").click().run()
    assert face not in texts(app)
    assert len(figures(app)) >= 9


def test_what_a_refused_list_of_jobs_would_tell_is_not_known_rather_than_none(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("job_status", "403")
    app = open_page("overview")
    labels = [link.proto.label for link in app.main.get("page_link")]
    assert [label for label in labels if "Failed]" in label] == [":gray[✕ Failed] **—**"]
    assert "The total number of jobs is unknown" in texts(app)
    assert "Unknown: the job list is not available" in texts(app)
    assert "Unknown: whether a load failed." in texts(app)
    assert "No job failed" not in texts(app)
    assert attention(app)["failed_jobs"].isna().all()


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("operation", "unknown"),
    [
        ("job_status", "the jobs could not be read"),
        ("job_status", "whether a load failed"),
        ("retrieve_data_uploads", "which latest uploads are excluded"),
        ("latest_enabled_dv", "the data versions could not be read"),
    ],
)
def test_what_could_not_be_read_is_said_to_be_not_known(
    sandbox: Sandbox, open_page: Open, operation: str, unknown: str
) -> None:
    sandbox.control.fault(operation, "html")
    assert f"Unknown: {unknown}." in texts(open_page("overview"))


def test_what_concerns_every_part_is_said_once(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISIER_HOST", "http://127.0.0.1:9")
    app = open_page("overview")
    assert texts(app).count("Visier cannot be reached") == 1
    assert app.button(key="error.retry").label == "Try again"
    assert figures(app) == []


def test_an_api_key_that_is_used_up_is_said_once_and_counted_down(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("*", "429", times=0, retry_after=3000)
    app = open_page("overview")
    assert texts(app).count("Call budget used up") == 1
    assert "Continues automatically in" in texts(app)


def test_what_keeps_everything_from_being_read_leaves_no_part_empty_and_no_time(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("*", "429", times=0, retry_after=3000)
    told = texts(open_page("overview"))
    assert told.count("Unknown: this could not be read.") == len(("versions", "jobs", "uploads"))
    for unknown in ("the data versions", "the jobs"):
        assert f"Unknown: {unknown} could not be read." in told
    assert "as of" not in told


@pytest.mark.first_is_quick
@pytest.mark.parametrize("operation", ["retrieve_data_uploads", "tenants"])
def test_who_needs_attention_is_told_also_when_the_call_budget_ends_before_their_names(
    sandbox: Sandbox, open_page: Open, operation: str
) -> None:
    sandbox.control.fault(operation, "429", times=0, retry_after=3000)
    app = open_page("overview")
    assert not app.exception
    bars = [bar.proto.text for bar in app.get("progress")]
    told = [text for text in bars if "0 of about 1 page" in text]
    # Names are waited for without a word: nothing but they is missing.
    assert bool(told) == (operation != "tenants")
    assert all("Waiting for the call budget; continues in 50m" in text for text in told)
    assert "tenant_name" not in attention(app)


def test_what_keeps_everything_from_being_read_stands_above_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("job_status", "429", times=0, retry_after=3000)
    app = open_page("overview")
    told = [str(getattr(node, "value", "")) for node in app.main if node.type != "plotly_chart"]
    (place,) = (place for place, words in enumerate(told) if "Call budget used up" in words)
    assert place < told.index("Data versions")


def test_a_visier_without_tenants_is_said_to_have_none(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=6) as sandbox:
        sandbox.inside.world.listed.clear()
        sign_in_to(sandbox, monkeypatch)
        app = open_page("overview")
    assert "No tenants" in texts(app)
    assert not any("tenants**" in each.label for each in figures(app))


def test_what_was_done_and_what_broke_off_leads_to_activity(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("overview")
    assert "No operations yet" in texts(app)
    identity = in_session(app, session.signed_in).identity
    ledger = bootstrap.whole_ledger()
    actor = Actor(identity.user, "", identity.host)
    begin(ledger, actor=actor, identity=identity.name)
    ledger.set_state(begin(ledger, actor=actor, identity=identity.name), State.INTERRUPTED)
    app.run()
    # The one that runs is named in the sidebar as well.
    lines = [link.proto.label for link in app.main.get("page_link")]
    assert lines.count("Exclude data uploads: Running") == 1
    assert lines.count("Exclude data uploads: Interrupted") == 1
    broken = figure(app, "Interrupted")
    assert (broken.number, broken.page) == (1, "activity")
    behind = open_page(broken.page, **broken.query)
    (listed,) = (shown.value for shown in behind.dataframe if "verb" in shown.value)
    assert len(listed) == 1
