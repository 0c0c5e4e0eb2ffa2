"""From other screens to one tenant: where exactly one is meant."""

from urllib.parse import unquote

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import session
from services.sandbox.population.scenario import BAD_BATCH
from tests.pages.acting import labels
from tests.pages.conftest import Open
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox


def opened_tenant(app: AppTest, code: str) -> bool:
    return app.title[0].value == "Tenant" and code in texts(app)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "of", "key"),
    [("data_versions", "data_version", "dv.tenant"), ("uploads", "upload_time_text", "up.tenant")],
)
def test_one_selected_tenant_is_opened_and_several_are_not(
    sandbox: Sandbox, open_page: Open, page: str, of: str, key: str
) -> None:
    app = open_page(page)
    rows = table(app).dropna(subset=of).drop_duplicates("tenant_code").head(2)
    keys = (rows["tenant_code"] + " " + rows[of].astype(str)).tolist()
    in_session(app, session.select, page, frozenset(keys))
    assert "Open tenant" not in labels(app.run())
    in_session(app, session.select, page, frozenset(keys[:1]))
    app = app.run().button(key=key).click().run()
    assert opened_tenant(app, rows["tenant_code"].iloc[0])


@pytest.mark.slow
def test_a_row_of_a_delivery_opens_its_tenant(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("deliveries", del_open=f"receiving:{BAD_BATCH}")
    code = app.dataframe[-1].value["tenant_code"].iloc[0]
    app.session_state["del.tenants"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    assert opened_tenant(app.run(), code)


@pytest.mark.slow
def test_the_drawer_of_a_job_leads_to_its_tenant_but_not_that_of_a_batch(
    sandbox: Sandbox, open_page: Open
) -> None:
    jobs = table(open_page("jobs", job_window="3 days")).set_index("job_id")
    job = jobs[jobs["job_type"] == "Processing"].iloc[0]
    st.cache_resource.clear()
    of_tenant, batch = (
        [link.proto for link in app.get("page_link") if link.proto.label == "Open tenant"]
        for app in (
            open_page("jobs", job_window="3 days", job=id_) for id_ in (job.name, BAD_BATCH)
        )
    )
    assert unquote(of_tenant[0].query_string) == f"code={job['tenant_code']}"
    assert not batch
