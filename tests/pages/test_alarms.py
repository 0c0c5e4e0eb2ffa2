"""What a person has looked after, and who is on its own rhythm, raises no alarm."""

import pandas as pd
import streamlit as st

from dashboard import session
from tests.pages.acting import applied, field, plan_of
from tests.pages.conftest import Open
from tests.pages.reading import metrics, table
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

BAD_BATCH = "3b43817a-d0de-4dec-ae94-5467ddea5b83"
EXCLUDED = "⊘ Latest upload excluded"


def alarms(open_page: Open) -> set[str]:
    """Return the tenants whose excluded latest upload raises the alarm."""
    app = open_page("overview", ov_all="true")
    rows = next(shown.value for shown in app.dataframe if "reasons" in shown.value)
    is_alarm = rows["reasons"].map(lambda reasons: EXCLUDED in reasons)
    return set(rows.loc[is_alarm, "tenant_code"])


def test_what_was_excluded_from_here_is_no_alarm_once_a_newer_version_is_in_use(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    before = alarms(open_page)
    app = open_page("uploads", up_job=BAD_BATCH)
    codes = set(table(app)["tenant_code"])
    app.button(key="uploads.select_all").click().run()
    app = plan_of(app)
    field(app, "Type ").set_value(str(len(codes))).run()
    applied(app, "uploads")
    waiting = (alarms(open_page) - before) & codes
    assert len(waiting) > 10
    connection = in_session(app, session.signed_in)
    connection.client.adhoc_processing_jobs({"tenants": sorted(waiting)})
    own_sandbox.control.advance(2 * 3600)
    st.cache_resource.clear()
    dates = table(open_page("data_versions")).set_index("tenant_code")["data_version_date"]
    mended = {code for code in waiting if dates[code] > pd.Timestamp.now("UTC")}
    assert len(mended) > 10
    assert (alarms(open_page) - before) & codes == waiting - mended


def test_no_tenant_is_stale_whose_own_rhythm_says_otherwise(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    figures = metrics(open_page("data_versions"))
    names = ("Fresh", "On rhythm", "Stale", "None enabled")
    assert sum(figures[name] for name in names) == figures["Tenants"]
    stale = table(open_page("data_versions", dv_state="Stale"))
    assert len(stale) == figures["Stale"] > 0
    assert not (stale["age"] <= stale["usual"] * 1.5).any()
    usual = table(open_page("data_versions", dv_state="On rhythm"))
    assert len(usual) == figures["On rhythm"]
    assert (usual["age"] <= usual["usual"] * 1.5).all()
    assert (usual["age"] > 36 * 3600).all()
