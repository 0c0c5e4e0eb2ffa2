"""What was chosen follows: exclude, disable what was made of it, process, verify, as one chain."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, list_load, session
from dashboard.operations.drawer import drawer
from services.ledger import Operation, OperationFilter, Outcome, State
from services.operations import Verb
from services.sandbox.population.scenario import BAD_BATCH
from tests.pages.acting import applied, button, field, labels
from tests.pages.conftest import ROOT, Open, operations
from tests.pages.reading import metrics, table, texts
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import started
from tests.sandboxes import Sandbox
from tests.services.ledger.samples import begin, results

HOURS = 3600.0
WHY = "The delivery of the night was bad"
LATER = "Their versions too"
WRITES = ("exclude_data_uploads", "disable_dv", "adhoc_processing_jobs")
DISABLE = "Disable 36 data versions made from these (4 uploads have none)…"
FAILURES = {"Failed", "Error", "RolledBack"}


def writes(sandbox: Sandbox) -> list[str]:
    return [name for name in operations(sandbox) if name in WRITES]


def agreed(app: AppTest) -> AppTest:
    """Type the number that is asked for."""
    box = field(app, "Type ")
    return box.set_value(box.label.split()[1]).run()


def excluded(
    sandbox: Sandbox, open_page: Open, page: str = "uploads", *, in_part: bool = False
) -> AppTest:
    """Exclude the bad delivery, with a reason; every second upload of it fails where told so."""
    sandbox.control.reset()
    sandbox.control.clear_requests()
    if in_part:
        sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    if page == "uploads":
        app = open_page("uploads", up_job=BAD_BATCH, up_window="Everything")
        app = app.button(key="uploads.select_all").click().run()
        app = app.button(key="up.exclude").click().run()
    else:
        app = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
        app = app.button(key="del.exclude").click().run()
    field(app, "Reason").set_value(WHY).run()
    return applied(agreed(app), page)


def processed(sandbox: Sandbox, app: AppTest) -> AppTest:
    """Start the processing that is offered, and let its jobs end."""
    app = button(button(app, "Reprocess 40 tenants"), "Discard")
    assert not [each for each in labels(app) if each.startswith("Start processing jobs")]
    app = half_way(sandbox, started(agreed(button(app, "Reprocess 40 tenants"))))
    assert looks_of(app, "Follow its jobs") == "primary"
    assert looks_of(app, "Retry the failed") == "secondary"
    sandbox.control.advance(2 * HOURS)
    app = look_again(app)
    assert "Follow its jobs" not in labels(app)
    assert looks_of(app, "Retry the failed") == "primary"
    return app


def half_way(sandbox: Sandbox, app: AppTest) -> AppTest:
    """Let the first jobs fail while others run."""
    for _ in range(20):
        sandbox.control.advance(60)
        bootstrap.job_monitor.clear()
        app = app.run()
        told = re.findall(r"(\d+) of 40 jobs ended", "\n".join([texts(app), *links(app)]))
        assert len(set(told)) <= 1  # one page, one look
        if [each for each in labels(app) if each.startswith("Retry the failed")]:
            break
    assert " of 40 jobs ended, " in texts(app)
    return app


def looks_of(app: AppTest, words: str) -> str:
    """Return whether a button is primary or secondary."""
    (found,) = [each for each in app.button if each.label.startswith(words)]
    return str(found.proto.type)


def look_again(app: AppTest) -> AppTest:
    bootstrap.job_monitor.clear()  # as time does, which makes the page look again
    return app.run().run()


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def done() -> list[Operation]:
    """Return what was done from here, oldest first."""
    return bootstrap.whole_ledger().operations(OperationFilter(), 10)[::-1]


def failed_of(sandbox: Sandbox) -> set[str]:
    """Return the tenants of the start whose job has failed."""
    (sent,) = sandbox.control.requests("adhoc_processing_jobs")
    jobs = sandbox.inside.world.jobs.by_id.values()
    newest = {job.tenant: job for job in jobs if job.kind == "PROCESSING_JOB"}
    return {code for code in sent["body"]["tenants"] if newest[code].status in FAILURES}


def first_of(app: AppTest, *others: str) -> str:
    """Return the first button of a result: those around it are `others`."""
    shown = labels(app)
    begins = max((shown.index(each) for each in others if each in shown), default=-1)
    return shown[begins + 1]


def test_each_step_offers_the_next_until_it_is_verified(sandbox: Sandbox, open_page: Open) -> None:
    app = excluded(sandbox, open_page)
    (last,) = [each for each in labels(app) if each.startswith("Receiving job: ")]
    assert first_of(app, last, "Save this view") == DISABLE
    told = texts(app)
    without = (
        "4 uploads have no data version to disable: 3 processing failed; 1 processing cancelled."
    )
    # What was done here did not fail, whatever became of it in processing.
    assert told.index("✓ 40 Succeeded") < told.index(without)
    app = agreed(button(app, DISABLE))
    assert field(app, "Reason").value == WHY
    app = applied(field(app, "Reason").set_value(LATER).run(), "uploads")
    assert first_of(app, last, "Save this view") == "Reprocess 40 tenants…"
    app = processed(sandbox, app)
    failed = failed_of(sandbox)
    assert f"{40 - len(failed)} of 40 jobs succeeded, {len(failed)} failed" in texts(app)
    app = button(app, "Verify (")
    shown = metrics(app)
    assert (shown["✓ Confirmed"], shown["✕ Not confirmed"]) == (40 - len(failed), len(failed))
    assert writes(sandbox) == list(WRITES)
    # What was made without these uploads is not offered as made of them.
    delivery = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
    assert not delivery.exception
    assert not [each for each in labels(delivery) if each.startswith("Disable ")]

    first, *parts = done()
    assert [each.verb for each in (first, *parts)] == [
        Verb.EXCLUDE_UPLOADS,
        Verb.DISABLE_VERSIONS,
        Verb.START_PROCESSING,
    ]
    assert {each.part_of for each in parts} == {first.id}
    # What can be done about it stands above what was verified of every tenant.
    drawn = [*open_page("activity", act_op=first.id).main]
    undo = next(place for place, each in enumerate(drawn) if getattr(each, "label", "") == "Undo")
    assert undo < next(place for place, each in enumerate(drawn) if each.type == "metric")
    assert [each.reason for each in (first, *parts)] == [WHY, LATER, LATER]
    assert {each.filter_text for each in (first, *parts)} == {first.filter_text} != {""}
    tries_the_failed_again(sandbox, app, failed)
    listed = table(open_page("activity", act_text=first.id)).set_index("id")["outcomes"]
    assert listed[parts[-1].id].endswith(f"{len(failed)} failed, retried")


def tries_the_failed_again(sandbox: Sandbox, app: AppTest, failed: set[str]) -> None:
    """Retry: that is exactly those, once, as long as nobody knows what comes of it."""
    app = started(button(app, f"Retry the failed ({len(failed)})…"))
    _, again = sandbox.control.requests("adhoc_processing_jobs")
    assert set(again["body"]["tenants"]) == failed
    assert not [each for each in labels(app) if each.startswith("Retry the failed")]
    assert any(" · earlier: " in each for each in links(app))
    assert not any(f"✕ {40 - len(failed)} of 40" in each for each in links(app))
    told = f"{40 - len(failed)} of 40 jobs succeeded, {len(failed)} not observed yet"
    assert f"Including retries: {told}" in texts(app)


@pytest.mark.slow
def test_it_begins_with_a_delivery_as_well(sandbox: Sandbox, open_page: Open) -> None:
    app = excluded(sandbox, open_page, "deliveries")
    app = button(app, DISABLE)
    reviewed = in_session(app, drawer, "deliveries").under_review
    assert reviewed
    assert (reviewed.plan.count, reviewed.reason) == (36, WHY)
    assert field(app, "Reason").value == WHY
    assert reviewed.selected_by.startswith("Delivery of ")
    assert "receiving:" not in reviewed.selected_by


def test_the_bar_of_an_open_delivery_goes_on_with_the_chain_that_took_it_out(
    sandbox: Sandbox, open_page: Open
) -> None:
    excluded(sandbox, open_page, "deliveries")
    # Another day: the delivery leads to what was done with it, and to the next step.
    app = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
    assert not app.exception
    assert DISABLE in labels(app)
    assert "1 Exclude data uploads · 40 succeeded" in links(app)
    app = app.run().button(key="del.disable").click().run()
    assert field(app, "Reason").value == WHY
    app = applied(agreed(app), "deliveries")
    first, part = done()
    assert (part.verb, part.part_of, part.reason) == (Verb.DISABLE_VERSIONS, first.id, WHY)
    assert "2 Disable data versions · 36 succeeded" in links(app)
    app = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
    assert "Reprocess 40 tenants…" in labels(app)
    row = table(app)[table(app)["tenants"] == 40].iloc[0]
    assert row["what"] == "◇ Excluded: Unusual hour"
    assert row[["with_version", "disabled", "none"]].tolist() == [36, 36, 4]
    why = app.dataframe[-1].value["why"]
    assert (why == "Data version disabled").sum() == 36
    told = open_page("recovery", rec_by="Delivery", rec_delivery=f"receiving:{BAD_BATCH}")
    assert not told.exception
    # The steps of the chain, beside other links of each screen.
    steps = [link for link in links(app) if re.match(r"\d ", link)]
    assert len(steps) == 2
    assert steps == [link for link in links(told) if re.match(r"\d ", link)]
    assert "36 uploads loaded into data versions that are now disabled." in texts(told)
    assert "Not verified yet." in texts(told)
    assert looks_of(told, "Begin the recovery of") == "secondary"


@pytest.mark.slow
def test_activity_shows_all_of_a_chain_and_asks_visier_nothing(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = applied(agreed(button(excluded(sandbox, open_page), DISABLE)), "uploads")
    first, part = done()
    sandbox.control.clear_requests()
    for opened in (first, part):
        app = open_page("activity", act_op=opened.id)
        assert "1 Exclude data uploads · 40 succeeded" in links(app)
        assert "2 Disable data versions · 36 succeeded" in links(app)
    whole = table(app).set_index("id")["part_of"]
    began = f"Exclude… {first.started_at:%H:%M}"
    assert whole[first.id] == f"{began} · 1 of 2"
    assert whole[part.id] == f"{began} · 2 of 2"
    assert set(table(open_page("activity", act_text=first.id))["id"]) == {first.id, part.id}
    assert [each for each in operations(sandbox) if each != "security_token"] == []
    # The part and the first are shown side by side once it goes on from here.
    app = button(open_page("activity", act_op=first.id), "Reprocess 40 tenants")
    app = started(agreed(app))
    assert not app.exception
    assert done()[-1].part_of == first.id


@pytest.mark.slow
def test_whose_upload_is_still_included_waits(sandbox: Sandbox, open_page: Open) -> None:
    app = excluded(sandbox, open_page, in_part=True)
    assert "Reprocess 20 tenants…" in labels(app)
    app = applied(button(app, "Retry the failed (20)"), "uploads")
    assert "Reprocess 40 tenants…" in labels(app)
    assert done()[1].part_of == done()[0].id


@pytest.mark.slow
def test_it_begins_with_versions_as_well(own_sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", dv_tenant="WFF_j1r~a2f")
    app = app.button(key="data_versions.select_all").click().run()
    app = app.button(key="dv.disable").click().run()
    field(app, "Reason").set_value(WHY).run()
    app = button(applied(app, "data_versions"), "Reprocess 1 tenant")
    app = started(app)
    first, part = done()
    assert (part.verb, part.part_of, part.reason) == (Verb.START_PROCESSING, first.id, WHY)
    # What it was for is no reason for another start.
    app = app.switch_page(str(ROOT / "pages" / "start_jobs" / "page.py")).run()
    app.text_area(key="start.tenants.chosen").set_value("WFF_j1r~i1o").run()
    assert not app.text_input(key="start.reason").value


@pytest.mark.parametrize("is_read", [True, False])
def test_a_step_costs_no_more_calls_than_it_says(
    sandbox: Sandbox, open_page: Open, is_read: bool
) -> None:
    app = excluded(sandbox, open_page, "deliveries")
    if not is_read:
        connection = in_session(app, session.connection)
        assert connection
        in_session(app, list_load.lists, connection).forget()
    app = open_page("activity", act_op=done()[0].id)
    (asked,) = [label for label in labels(app) if label.startswith("Disable the data versions")]
    said = re.search(r"\((?:at least )?(\d+) call", asked)
    assert said
    assert int(said[1]) == (1 if is_read else 3)
    sandbox.control.clear_requests()
    button(app, asked)
    assert len(operations(sandbox)) <= int(said[1])


def test_a_step_and_its_page_may_both_fail_to_be_read_in_one_run(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = excluded(sandbox, open_page)
    assert DISABLE in labels(app)
    for operation in ("retrieve_data_uploads", "latest_enabled_dv"):
        sandbox.control.fault(operation, "403", times=0, value=f"Not {operation}.")
    connection = in_session(app, session.connection)
    assert connection
    in_session(app, list_load.lists, connection).forget()
    app.run()
    assert not app.exception
    assert texts(app).count("Not permitted") == 2


def test_what_broke_off_is_finished_before_anything_follows_from_it(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app, ledger = open_page("activity"), bootstrap.whole_ledger()
    connection = in_session(app, session.signed_in)
    id_ = begin(ledger, actor=connection.actor, identity=connection.identity.name)
    ledger.settle(id_, results(Outcome.SUCCEEDED, [0]))
    ledger.set_state(id_, State.INTERRUPTED)
    app = open_page("activity", act_op=id_)
    assert not app.exception
    told = labels(app)
    assert "Look up and finish (2 not sent)" in told
    assert not [each for each in told if each.startswith(("Disable", "Reprocess"))]
    ledger.settle(id_, results(Outcome.SUCCEEDED, [1, 2]))
    told = labels(open_page("activity", act_op=id_))
    assert [each for each in told if each.startswith("Disable")]
