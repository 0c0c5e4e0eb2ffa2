"""What Recovery tells of what was searched for, and of what was planned."""

from datetime import datetime

import pytest

from services.operations.recovery.steps import Stage
from tests.pages.conftest import Open
from tests.pages.reading import metrics, table, texts
from tests.pages.recovery.recovering import begun, carried_out, leave_one_out, recovery_id
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH


def test_tenants_that_were_pasted_and_are_not_found_are_told(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    listed = table(open_page("uploads", up_job=BAD_BATCH))
    others = set(table(open_page("data_versions"))["tenant_code"]) - set(listed["tenant_code"])
    pasted = " ".join([*listed["tenant_code"][:2], min(others), "WFF_j1r~nobody"])
    app = open_page("recovery", rec_by="Time window", rec_tenant=pasted)
    for key, moment in (("rec_from", "min"), ("rec_to", "max")):
        typed: datetime = listed["upload_time"].agg(moment).tz_localize(None).to_pydatetime()
        app.datetime_input(key=key).set_value(typed.replace(second=0, microsecond=0))
    app.run()
    assert metrics(app)["Tenants"] == 2
    assert "1 of 4 pasted tenant codes not found: WFF_j1r~nobody" in texts(app)
    assert "Visier lists no matching upload for 1 of the 3 tenants searched for." in texts(app)


def test_the_jobs_that_brought_it_are_not_counted_as_later_ones(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert metrics(app)["Later jobs"] == table(app)["later_jobs"].sum()


@pytest.mark.slow
def test_a_plan_that_was_begun_tells_what_it_took_and_not_that_it_is_skipped(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = begun(sandbox, open_page)
    leave_one_out(app)
    app = carried_out(app.run().button(key="rec.save").click().run())
    app.segmented_control(key="rec_stage").set_value(Stage.PLAN).run()
    assert "39 tenants of 40" in texts(app)
    assert "skipped" not in texts(app)
    assert "Every step has begun or is left out. The plan can no longer change." in texts(app)
    disable, exclude, _ = (shown.value for shown in app.dataframe)
    assert set(disable["planned"]) == {"Selected"}
    assert sorted(exclude["planned"])[:2] == ["Left out", "Selected"]


@pytest.mark.slow
def test_a_plan_tells_its_times_in_the_chosen_zone_as_well(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = begun(sandbox, open_page)
    app = app.button(key="rec.save").click().run()
    (plan,) = [each.value for each in app.dataframe if "change" in each.value]
    beside = ["tenant_name", "change", "tenant_code", "falls_back_to", "falls_back_age"]
    assert list(plan.columns) == [*beside, "what", "data_version_date"]


def test_a_delivery_leads_to_the_recovery_that_is_open_about_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    id_ = recovery_id(begun(sandbox, open_page))
    app = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
    assert not app.exception
    links = [each.proto for each in app.get("page_link")]
    (link,) = [each for each in links if "open recovery" in each.label]
    assert "has an open recovery of 40 uploads of it" in link.label
    assert id_ in link.query_string
