"""Activity tells whose every operation was, by names where they are known, and counts jobs."""

from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, data, session
from dashboard.components import tables
from dashboard.components.exports import to_csv, to_json
from dashboard.operations import operation_tenants
from services.frames import jobs, tenants
from services.ledger import Actor, EventKind, NewItem, NewOperation, Operation, State
from tests.pages.acting import applied, plan_of
from tests.pages.conftest import ROOT, Open, operations
from tests.pages.connecting import C7O, E1A
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import LEFT_OUT, confirmed, process, started, typed, widget
from tests.sandboxes import Sandbox

ACTIVITY = str(ROOT / "pages" / "activity" / "page.py")


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


def processing(open_page: Open, *codes: str) -> Operation:
    """Start processing jobs for these tenants; return the operation once it was answered."""
    started(process(open_page, *codes))
    return bootstrap.whole_ledger().operations(limit=1)[0]


def job_of(start: Operation) -> str:
    (named,) = bootstrap.whole_ledger().events(start.id, kinds=[EventKind.JOB_ID])
    return named.text


def see(start: Operation, top: str, **below: str) -> None:
    """See the job of a start in this state, above one of each tenant."""
    root = job_of(start)
    listed = [{"jobId": root, "status": top, "jobType": "DISPATCHING_JOB", "tenant": "WFF_j1r"}]
    listed += [
        {
            "jobId": f"{root[:-3]}{name}",
            "status": status,
            "jobType": "PROCESSING_JOB",
            "tenant": f"WFF_j1r~{name}",
            "parentJobId": root,
            "message": f"What became of {name}",
        }
        for name, status in below.items()
    ]
    look = jobs.from_job_status({"jobStatus": listed})
    bootstrap.whole_ledger().job_observations.record(start.identity, look, start.started_at)


def test_a_start_counts_the_jobs_it_dispatched_and_is_never_good_above_one_that_failed(
    sandbox: Sandbox, open_page: Open
) -> None:
    start = processing(open_page, C7O, E1A)
    assert table(open_page("activity"))["outcomes"][0] == "▷ Started, no jobs observed"

    see(start, "Succeeded", c7o="Succeeded", e1a="Failed")
    sandbox.control.clear_requests()
    words = "✕ 1 of 2 jobs succeeded, 1 failed"
    assert table(open_page("activity"))["outcomes"][0] == words
    assert operations(sandbox) == [], "nothing is asked for it"

    app = open_page("activity", act_op=start.id)
    assert list(table(app)[["tenants", "outcomes"]].iloc[0]) == [2, words]
    assert f":red-badge[{words}]" in texts(app)
    assert "✓ 1 Succeeded" not in texts(app)
    seen = app.dataframe[1].value
    assert list(seen["tenant_code"]) == [E1A, C7O], "the worst first"
    assert list(seen["message"]) == ["What became of e1a", "What became of c7o"]
    assert words in texts(open_page("overview"))


def test_a_tenant_whose_job_nobody_saw_is_named_all_the_same(
    sandbox: Sandbox, open_page: Open
) -> None:
    start = processing(open_page, C7O, E1A)
    see(start, "Running", c7o="Running")
    app = open_page("activity", act_op=start.id)
    words = "▶ 0 of 2 jobs ended, 1 not listed"
    assert table(app)["outcomes"][0] == words
    seen = app.dataframe[1].value
    assert list(zip(seen["tenant_code"], seen["state"].str[0], strict=True)) == [
        (C7O, "▶ Running"),
        (E1A, "? Not observed"),
    ]


def test_an_opened_start_is_followed_and_has_finished_once_its_jobs_have_ended(
    sandbox: Sandbox, open_page: Open
) -> None:
    start = processing(open_page, C7O, E1A)
    sandbox.control.advance(30)
    sandbox.control.clear_requests()
    app = open_page("activity", act_op=start.id)
    assert "Jobs running · sandbox@example.com" in texts(app)
    assert ":blue-badge[▶ 0 of 2 jobs ended]" in texts(app)
    assert operations(sandbox).count("job_status") == 1
    row = table(app.run()).iloc[0]
    assert row["state"] == "Jobs running"
    assert row["outcomes"] == "▶ 0 of 2 jobs ended"
    assert "Start processing jobs: Jobs running" in "".join(links(open_page("overview")))

    sandbox.control.advance(6 * 3600)
    bootstrap.job_monitor.clear()  # as time does, which makes the page look again
    app.run()
    row = table(app.run()).iloc[0]
    assert row["state"] == "Finished"
    assert " of 2 jobs succeeded" in row["outcomes"]
    assert "Finished · sandbox@example.com" in texts(app)
    sandbox.control.clear_requests()
    app.run()
    assert operations(sandbox) == [], "nothing is asked of jobs that have ended"


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


@pytest.mark.slow
def test_what_ended_before_anybody_looked_is_known_once_somebody_has(
    sandbox: Sandbox, open_page: Open
) -> None:
    start = processing(open_page, C7O, E1A)
    sandbox.control.advance(6 * 3600)
    open_page("jobs", job_window="24 hours")
    below = list(sandbox.inside.world.jobs.by_id[job_of(start)].descendants())
    good = sum(each.status == "Succeeded" for each in below)
    (told,) = table(open_page("activity"))["outcomes"]
    assert f"{good} of {len(below)} jobs succeeded" in told
    assert told[0] == ("✓" if good == len(below) else "✕")


@pytest.mark.slow
def test_items_say_whose_they_are_by_the_names_that_were_read(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~b", up_state="Included")
    app = applied(plan_of(app.button(key="uploads.select_all").click().run()), "uploads")
    operation = bootstrap.whole_ledger().operations(limit=1)[0]
    app.query_params["act_op"] = operation.id
    app = app.switch_page(ACTIVITY).run()
    items = app.dataframe[1].value
    codes = list(dict.fromkeys(items["tenant_code"]))
    names = {code: sandbox.inside.world.tenants[code].name for code in codes}
    assert dict(zip(items["tenant_code"], items["tenant_name"], strict=True)) == names
    assert table(app)["tenants"][0] == len(codes) > 1
    first, second = (f"{names[code]} · {code}" for code in codes[:2])
    told = f"{len(codes)} tenants: {first}, {second}"
    assert told in texts(app)

    sandbox.control.clear_requests()
    assert told in texts(open_page("activity", act_op=operation.id)), "another session knows them"
    found = table(open_page("activity", act_text=names[codes[1]].upper()))
    assert list(found["id"]) == [operation.id], "an operation is found by the name of a tenant"
    assert operations(sandbox) == [], "names are not asked for"


def begun(
    sandbox: Sandbox,
    verb: str,
    codes: list[str],
    state: State = State.RUNNING,
    part_of: str | None = None,
) -> Operation:
    """Write down an operation that has an item for each of these tenants."""
    ledger = bootstrap.whole_ledger()
    actor = Actor("ada@example.com", "", urlsplit(sandbox.url).netloc)
    items = [NewItem(code, code, "An item", "[1,null]", "[1,null]") for code in codes]
    operation = NewOperation(
        f"{verb} of {len(codes)}", verb, actor, "ada", state=state, part_of=part_of
    )
    ledger.begin(operation, items)
    return ledger.operation(operation.id)


def test_the_export_of_activity_holds_the_codes_and_names_of_the_tenants(
    sandbox: Sandbox, open_page: Open
) -> None:
    connection = in_session(open_page("activity"), session.signed_in)
    many = [f"WFF_j1r~t{number}" for number in range(12_000)]
    listed = [begun(sandbox, "cancel_jobs", [E1A, C7O]), begun(sandbox, "cancel_jobs", many)]
    named = {"tenants": [{"tenantCode": C7O, "tenantDisplayName": "=Callisto"}]}
    known = data.TenantDirectory(tenants.to_frame([named]), True)
    rows = pd.DataFrame({"id": [each.id for each in listed]})

    told = operation_tenants.exported(connection, rows, {}, known)

    assert told["tenant_codes"][0] == f"{E1A}; {C7O}"
    assert told["tenant_names"][0] == "; =Callisto"
    assert told["tenant_codes"][1].endswith(f"; {many[499]}; and 11,500 more")
    assert told["tenant_codes"].str.len().max() < 32_767
    assert f'"{E1A}; {C7O}"'.encode() in to_json(told)
    assert f"{E1A}; {C7O},; =Callisto\r\n".encode() in to_csv(told)


def test_a_table_says_what_came_of_operations_in_words_and_its_export_in_tokens(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page("activity")
    first = begun(sandbox, "exclude_uploads", [E1A, C7O])
    second = begun(sandbox, "disable_versions", [E1A], part_of=first.id)
    exported, head = [], tables.head

    def noted(text: str, rows: pd.DataFrame, **more: Any) -> None:
        exported.append(rows)
        head(text, rows, **more)

    monkeypatch.setattr(tables, "head", noted)
    shown = table(open_page("activity")).set_index("id")
    assert shown["outcomes"].to_dict() == {first.id: "○ 2 Planned", second.id: "○ 1 Planned"}
    assert shown["part_of"][second.id].endswith(" · 2 of 2")
    told = exported[-1].set_index("id")
    assert told["outcomes"].to_dict() == {first.id: "planned=2", second.id: "planned=1"}
    assert told["part_of"].dropna().to_dict() == {second.id: first.id}
    start = processing(open_page, C7O, E1A)
    see(start, "Succeeded", c7o="Failed", e1a="Succeeded")
    open_page("activity")
    told = exported[-1].set_index("id")
    assert told["outcomes"][start.id] == "jobs_failed=1; jobs_succeeded=1; succeeded=1"


def test_more_tenants_than_fit_a_line_are_counted(sandbox: Sandbox, open_page: Open) -> None:
    open_page("activity")
    codes = [f"WFF_j1r~t{number}" for number in range(40)]
    operation = begun(sandbox, "recover", codes, State.OPEN)
    app = open_page("activity", act_op=operation.id)
    assert "40 tenants: WFF_j1r~t0, WFF_j1r~t1, WFF_j1r~t2 and 37 more" in texts(app)
    assert list(app.dataframe[1].value["tenant_code"]) == codes


def test_what_was_refused_has_no_tenants(sandbox: Sandbox, open_page: Open) -> None:
    open_page("activity")
    refused = begun(sandbox, "cancel_jobs", [], State.REFUSED)
    assert "tenant" not in texts(open_page("activity", act_op=refused.id)).partition("Refused")[2]
    assert pd.isna(table(open_page("activity"))["tenants"][0])


@pytest.mark.slow
def test_a_start_for_all_says_so_and_whose_jobs_were_seen(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("start_jobs")
    widget(app, "start.scope").set_value("All but some").run()
    started(confirmed(typed(app, LEFT_OUT, C7O), "all"))
    start = bootstrap.whole_ledger().operations(limit=1)[0]
    app = open_page("activity", act_op=start.id)
    assert "All tenants but 1\n" in texts(app)
    assert pd.isna(table(app)["tenants"][0])

    see(start, "Succeeded", e1a="Succeeded")
    app = open_page("activity", act_op=start.id)
    name = sandbox.inside.world.tenants[E1A].name
    assert f"All tenants but 1; jobs of 1 tenant observed: {name} · {E1A}\n" in texts(app)
    assert table(app)["tenants"][0] == 1
