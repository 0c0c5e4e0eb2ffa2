"""A recovery whose jobs still run: what a person is told to wait for, and that nothing is lost."""

import pytest

from dashboard import bootstrap
from services.operations.recovery.steps import Stage
from services.sandbox.models.jobs import Kind, Status
from tests.pages.conftest import Open, operations
from tests.pages.reading import metrics, texts
from tests.pages.recovery.recovering import HOURS, carried_out, planned, recovery_id
from tests.sandboxes import Sandbox

AT_WORK = "Some started jobs have not finished."
BELOW = "processing_job_and_status"
HAVE_ENDED = "The started jobs have finished. Verify again."
STILL_TO_COME = "verify again when their jobs have finished."


@pytest.mark.slow
def test_jobs_that_run_are_waited_for_before_reading_back(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = planned(sandbox, open_page)
    assert app.button(key="rec.to_verify").disabled
    assert "Available when all steps above have finished." in texts(app)
    app = carried_out(app)
    assert not app.button(key="rec.to_verify").disabled
    assert AT_WORK in texts(app)
    sandbox.control.advance(120)
    bootstrap.job_monitor.clear()
    app = open_page("recovery", recovery=recovery_id(app), rec_stage="run")
    # What was started and how far it is come of one look.
    assert not [each for each in app.expander if "no jobs observed" in each.label]
    assert [each for each in app.get("progress") if " of 40 processing jobs" in each.proto.text]
    sandbox.control.advance(2 * HOURS)
    # Nothing is left to come once each tenant's job has ended, whatever the one above them says.
    newest = sandbox.inside.world.jobs.by_start[::-1]
    next(job for job in newest if job.kind == Kind.DISPATCHING).status = Status.RUNNING
    bootstrap.job_monitor.clear()  # as time does, which makes the page look again
    app = open_page("recovery", recovery=recovery_id(app))
    app.segmented_control(key="rec_stage").set_value(Stage.RUN).run()
    assert AT_WORK not in texts(app)


@pytest.mark.slow
def test_what_was_read_back_too_early_is_said_to_be_still_to_come(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = carried_out(planned(sandbox, open_page))
    app = app.button(key="rec.to_verify").click().run()
    app = app.button(key="rec.verify").click().run()
    to_come = metrics(app)["◔ Pending"]
    assert to_come
    assert f"Pending for {to_come} tenants: {STILL_TO_COME}" in texts(app)
    assert HAVE_ENDED not in texts(app)
    app = app.button(key="rec.to_report").click().run()
    assert STILL_TO_COME in texts(app)
    sandbox.control.advance(2 * HOURS)
    bootstrap.job_monitor.clear()
    app = open_page("recovery", recovery=recovery_id(app))
    app.segmented_control(key="rec_stage").set_value(Stage.VERIFY).run()
    assert HAVE_ENDED in texts(app)
    app = app.button(key="rec.verify").click().run()
    assert HAVE_ENDED not in texts(app)
    assert not metrics(app)["◔ Pending"]
    assert STILL_TO_COME not in texts(app)


@pytest.mark.slow
def test_jobs_that_cannot_be_read_are_told_once_and_hold_nothing_up(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = carried_out(planned(sandbox, open_page))
    bootstrap.job_monitor.clear()
    sandbox.control.fault("job_status", "500", times=0)
    app = open_page("recovery", recovery=recovery_id(app))
    app.segmented_control(key="rec_stage").set_value(Stage.RUN).run()
    assert not app.exception
    assert texts(app).count("Visier reports an error") == 1
    assert not app.button(key="rec.to_verify").disabled
    sandbox.control.clear_faults()


@pytest.mark.slow
def test_versions_are_read_back_after_the_jobs_that_make_them(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = carried_out(planned(sandbox, open_page))
    app = app.button(key="rec.to_verify").click().run()
    sandbox.control.clear_requests()
    app.button(key="rec.verify").click().run()
    asked = operations(sandbox)
    jobs = max(place for place, name in enumerate(asked) if name in ("job_status", BELOW))
    assert jobs < asked.index("latest_enabled_dv")
