"""What a person has looked after, and who is not overdue by its own rhythm, raises no alarm."""

import re

import pandas as pd
import pytest
import streamlit as st

from dashboard import session
from tests.pages.acting import applied, field, plan_of
from tests.pages.conftest import Open, forget_settings, operations
from tests.pages.reading import counts, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
HOUR = 3600
WHAT_IS_UNKNOWN = "every version counts as a load"
EXCLUDED = "⊘ Latest upload excluded"


def alarms(open_page: Open) -> set[str]:
    """Return the tenants whose excluded latest upload raises the alarm."""
    app = open_page("overview", ov_all="true")
    rows = next(shown.value for shown in app.dataframe if "reasons" in shown.value)
    is_alarm = rows["reasons"].map(lambda reasons: EXCLUDED in reasons)
    return set(rows.loc[is_alarm, "tenant_code"])


def not_counted(open_page: Open) -> int:
    """Return how many tenants the Overview says it does not count."""
    told = " ".join(link.proto.label for link in open_page("overview").get("page_link"))
    found = re.search(r"Not counted: ([\d,]+) tenants? whose latest upload was excluded here", told)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.slow
def test_what_was_excluded_from_here_is_no_alarm_and_is_told(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    before = alarms(open_page)
    assert not not_counted(open_page)
    app = open_page("uploads", up_job=BAD_BATCH)
    codes = set(table(app)["tenant_code"])
    app.button(key="uploads.select_all").click().run()
    app = plan_of(app)
    field(app, "Type ").set_value(str(len(codes))).run()
    applied(app, "uploads")
    assert alarms(open_page) <= before
    assert 10 < not_counted(open_page) <= len(codes)


def test_no_tenant_is_overdue_whose_own_rhythm_says_otherwise(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    figures = counts(open_page("data_versions"), "dv_state")
    names = ("On time", "Overdue", "Too little known", "None enabled")
    assert sum(figures[name] for name in names) == figures["All"]
    overdue = table(open_page("data_versions", dv_state="Overdue"))
    assert len(overdue) == figures["Overdue"] > 0
    assert (overdue["age"] > overdue["usual"]).all()
    assert overdue["overdue_by"].is_monotonic_decreasing
    on_time = table(open_page("data_versions", dv_state="On time"))
    assert len(on_time) == figures["On time"]
    assert on_time["overdue_by"].isna().all()
    assert (on_time["age"] > 36 * HOUR).any()


def test_a_threshold_that_is_set_makes_every_older_version_overdue(
    own_sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_FRESH_HOURS", "36")
    forget_settings()
    app = open_page("data_versions")
    rows, figures = table(app), counts(app, "dv_state")
    assert figures["Overdue"] == (rows["age"] > 36 * HOUR).sum() == rows["overdue_by"].count() > 0
    assert not figures["Too little known"]
    assert any("older than 36h" in (each.help or "") for each in app.caption)


def test_a_tenant_reprocessed_from_old_uploads_stays_overdue_wherever_uploads_are_known(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions", dv_state="Overdue")
    assert any(WHAT_IS_UNKNOWN in (each.help or "") for each in app.caption)
    code = str(table(app)["tenant_code"].iloc[0])
    connection = in_session(app, session.signed_in)
    connection.client.adhoc_processing_jobs({"tenants": [code]})
    own_sandbox.control.advance(2 * HOUR)
    st.cache_resource.clear()
    tenant = open_page("tenant", code=code)
    assert "Overdue" in next(each.value for each in tenant.metric if each.label == "Latest version")
    assert "reprocessed from earlier uploads. The due time counts" in texts(tenant)
    overview = open_page("overview", ov_all="true")
    needing = next(shown.value for shown in overview.dataframe if "reasons" in shown.value)
    assert needing.set_index("tenant_code")["load"][code] > 12 * HOUR
    (loaded,) = [
        found
        for link in overview.main.get("page_link")
        if (
            found := re.search(
                r"tenants\*\* have .*, (\d+) of them reprocessed from", link.proto.label
            )
        )
    ]
    assert int(loaded[1]) >= 1
    before = len(operations(own_sandbox))
    app = open_page("data_versions", dv_state="Overdue")
    row = table(app).set_index("tenant_code").loc[code]
    assert row["data_version_date"] > pd.Timestamp.now("UTC")
    assert row["loaded_at"] < pd.Timestamp.now("UTC") - pd.Timedelta(hours=12)
    assert not any(WHAT_IS_UNKNOWN in (each.help or "") for each in app.caption)
    assert operations(own_sandbox)[before:] == ["retrieve_data_categories"]
