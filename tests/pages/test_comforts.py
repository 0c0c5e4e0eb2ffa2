"""Display names and data categories are comforts: without them screens are there, and say so."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open, operations
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

NAMES = "Display names cannot be read; tenants are shown by code"
CATEGORIES = "Data categories cannot be read; no choice is available"
FAULTS = ("500", "405", "403", "404", "400", "html", "malformed", "empty", "cut")
SCREENS = ("data_versions", "jobs")


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "fault"),
    [*(("uploads", fault) for fault in FAULTS), *((page, "500") for page in SCREENS)],
)
def test_without_names_tenants_stand_by_their_codes(
    sandbox: Sandbox, open_page: Open, page: str, fault: str
) -> None:
    sandbox.control.fault("tenants", fault, times=0)
    app = open_page(page)
    assert not app.exception
    assert texts(app).count(f"{NAMES}: ") == 1
    assert len(table(app)) > 0
    assert set(table(app).get("tenant_name", [])) <= {""}


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    "page", ["overview", "start_jobs", "recovery", "connectors", "credentials", "activity"]
)
def test_so_it_is_where_there_is_no_table(sandbox: Sandbox, open_page: Open, page: str) -> None:
    sandbox.control.fault("tenants", "500", times=0)
    query = {"rec_job": BAD_BATCH} if page == "recovery" else {}
    app = open_page(page, **query)
    assert not app.exception
    assert (NAMES in texts(app)) == (page != "activity")
    assert not [each for each in app.markdown if "Visier reports an error" in str(each.value)]


def test_what_was_refused_is_not_asked_for_again_until_somebody_wants_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("tenants", "404", times=1)
    app = open_page("uploads").run().run()
    assert operations(sandbox).count("tenants") == 1
    app.button(key="without.names").click().run()
    assert NAMES not in texts(app)
    assert operations(sandbox).count("tenants") == 2
    assert set(table(app)["tenant_name"]) != {""}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("fault", FAULTS)
def test_without_categories_the_primary_one_is_shown(
    sandbox: Sandbox, open_page: Open, fault: str
) -> None:
    sandbox.control.fault("retrieve_data_categories", fault, times=0)
    app = open_page("data_versions")
    assert not app.exception
    assert f"{CATEGORIES}: " in texts(app)
    assert len(table(app)) > 0
    assert "dv_category" not in [box.key for box in app.selectbox]
    sandbox.control.clear_faults()
    app.button(key="without.categories").click().run()
    assert CATEGORIES not in texts(app)
    assert "dv_category" in [box.key for box in app.selectbox]


def hit(app: AppTest) -> str:
    return next(metric.value for metric in app.metric if metric.label == "Tenants")


@pytest.mark.parametrize("fault", ["403", "404", "500"])
def test_recovery_and_start_jobs_work_without_categories(
    sandbox: Sandbox, open_page: Open, fault: str
) -> None:
    sandbox.control.fault("retrieve_data_categories", fault, times=0)
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert CATEGORIES in texts(app)
    assert int(hit(app)) > 0
    app = open_page("start_jobs")
    assert CATEGORIES in texts(app)
    assert not app.exception


def test_a_link_that_names_a_category_shows_it_all_the_same(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions")
    other = app.selectbox(key="dv_category").options[-1]
    app.selectbox(key="dv_category").set_value(other).run()
    category = sandbox.control.requests("latest_enabled_dv")[-1]["query"]["dataCategory"]
    assert app.query_params["dv_category"] in (category, [category])
    # Links of earlier versions name it by its title.
    assert open_page("data_versions", dv_category=other).selectbox(key="dv_category").value == (
        category
    )
    st.cache_resource.clear()
    sandbox.control.fault("retrieve_data_categories", "404", times=0)
    app = open_page("data_versions", dv_category=category)
    assert CATEGORIES in texts(app)
    assert sandbox.control.requests("latest_enabled_dv")[-1]["query"]["dataCategory"] == category
    app.selectbox(key="dv_category").set_value(None).run()
    assert "dataCategory" not in sandbox.control.requests("latest_enabled_dv")[-1]["query"]
