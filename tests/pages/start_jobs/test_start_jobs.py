"""Starting jobs, as a person does it on the screen: four forms, one click, one request."""

from datetime import datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.operations import start_wording
from dashboard.operations.drawer import START, drawer
from tests.pages.acting import applied, button, copied_as_curl, field, labels
from tests.pages.conftest import ROOT, Open, operations
from tests.pages.connecting import C7O, E1A
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import (
    CHOSEN,
    FILE,
    I1O,
    LEFT_OUT,
    STARTS,
    confirmed,
    may_start,
    process,
    set_field,
    started,
    starts,
    typed,
    widget,
)
from tests.sandboxes import Sandbox

CONNECTOR = "36ac4635-5e40-4225-87bf-56e2a2b0a146"
CREDENTIAL = "bf944bf1-3120-44cd-846d-64cd88b295d9"


@pytest.fixture
def sandbox(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


def sent(sandbox: Sandbox) -> dict[str, object]:
    """Return the body of the one start there was."""
    (request,) = [each for each in sandbox.control.requests() if each["operation"] in STARTS]
    body: dict[str, object] = request["body"]
    return body


def pasted(open_page: Open, verb: str, **values: object) -> AppTest:
    """Open a form with fields that hold what is not in their list, which an AppTest cannot type."""
    app = process(open_page, C7O)
    widget(app, "start_kind").set_value("Extract").run()
    for listed in ("connectors", "credentials"):
        app.button(key=f"start.{listed}.ask").click().run()
    widget(app, "start_kind").set_value("Process").run()
    for name, value in values.items():
        app.session_state[f"{verb}.{name}"] = value
    widget(app, "start_kind").set_value(start_wording.STARTS[verb])
    return app.run()


def test_changed_tenants_are_handed_to_a_processing_job_that_starts_once(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~b", up_state="Included")
    app = app.button(key="uploads.select_all").click().run()
    app = app.menu_button(key="up.more").click("exclude_all").run()
    field(app, "Reason").set_value("A bad file").run()
    app = button(applied(app, "uploads"), "Reprocess ")
    assert app.title[0].value == "Start jobs"
    # An AppTest does not stay where the script has switched to.
    app = app.switch_page(str(ROOT / "pages" / "start_jobs" / "page.py")).run()
    tenants = (app.text_area(key=CHOSEN).value or "").split()
    assert tenants
    assert app.text_input(key="start.reason").value == "A bad file"
    app = started(app)
    assert "It started" in texts(app)
    assert sent(sandbox)["tenants"] == tenants
    assert sent(sandbox)["publishToProduction"] is False


def test_the_reason_of_one_start_is_not_that_of_another(sandbox: Sandbox, open_page: Open) -> None:
    app = process(open_page, I1O)
    app.text_input(key="start.reason").set_value("For the audit").run()
    app = button(started(app), "Start another")
    assert not app.text_input(key="start.reason").value


def test_the_same_start_is_not_sent_again_from_the_same_form(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = started(process(open_page, I1O))
    # As if the form were still there: a rerun was under way when the first click came.
    in_session(app, lambda: drawer(START).follow(None))
    app = started(typed(app.run(), CHOSEN, I1O))
    assert starts(sandbox) == ["adhoc_processing_jobs"]
    assert "It started" in texts(app)
    app = button(app, "Start another")
    app = started(app)
    assert starts(sandbox) == ["adhoc_processing_jobs"] * 2


def test_nothing_is_sent_before_a_scope_is_chosen(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("start_jobs")
    assert "Select at least one tenant." in texts(app)
    assert not may_start(app)
    widget(app, "start.scope").set_value("All but some").run()
    assert "Name at least one tenant to leave out" in texts(app)
    assert not may_start(app)


@pytest.mark.slow
def test_all_but_some_is_confirmed_by_a_word_and_said_with_numbers(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("start_jobs")
    widget(app, "start.scope").set_value("All but some").run()
    app = typed(app, LEFT_OUT, f"{C7O} {E1A} {C7O}")
    assert "One processing job for each of all tenants (80 are listed" in texts(app)
    assert "but 2." in texts(app)
    assert not may_start(app)
    app = started(confirmed(app, "all"))
    assert sent(sandbox) == {
        "allTenants": True,
        "excludedTenants": [C7O, E1A],
        "publishToProduction": False,
    }


@pytest.mark.slow
def test_the_administrating_tenant_itself_is_named(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("start_jobs")
    widget(app, "start.scope").set_value("This tenant").run()
    started(app)
    assert sent(sandbox)["tenants"] == ["WFF_j1r"]


@pytest.mark.slow
def test_from_an_analytic_tenant_no_scope_is_sent(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISIER_TARGET_TENANT_ID", C7O)
    bootstrap.settings.cache_clear()
    app = open_page("start_jobs", start_kind="Extract")
    assert f"This tenant, {C7O}. It administers no others." in texts(app)
    app = started(app)
    assert sent(sandbox) == {
        "publishDataLoadArtifacts": False,
        "forceUpdateExistingArtifacts": False,
        "runProcessingJob": False,
    }
    assert "It started" in texts(app)


@pytest.mark.slow
def test_pasted_codes_are_counted_and_those_not_listed_are_told(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = process(open_page, f'"{C7O}"', "~e1a", "WFF_j1r%7Ei1o", "WFF_j1r~zzz")
    assert "4 tenants named, 1 not listed: WFF_j1r~zzz" in texts(app)
    started(app)
    assert sent(sandbox)["tenants"] == [C7O, E1A, I1O, "WFF_j1r~zzz"]


def test_tenants_are_found_by_name_and_added(sandbox: Sandbox, open_page: Open) -> None:
    app = process(open_page, E1A)
    app.text_input(key="start.find").set_value("WFF_j1r~c7o..WFF_j1r~c7o").run()
    app = button(app, "Add all 1 found")
    assert app.text_area(key=CHOSEN).value == f"{E1A}\n{C7O}"
    widget(app, "start.find.pick").set_value([C7O]).run()
    assert app.text_area(key=CHOSEN).value == f"{E1A}\n{C7O}"


def test_what_is_wrong_is_said_and_what_was_typed_stays(sandbox: Sandbox, open_page: Open) -> None:
    app = process(open_page, "WFF_j1r~c7o", "<b>*")
    assert "Tenants: “<b>*” cannot be a tenant code" in texts(app)
    assert not may_start(app)
    widget(app, "start_kind").set_value("Load files").run()
    app = typed(app, "start_load.files", "one.zip")
    assert "“one.zip” does not end in .zip.gpg" in texts(app)
    widget(app, "start_kind").set_value("Process").run()
    assert app.text_area(key=CHOSEN).value == "WFF_j1r~c7o\n<b>*"
    widget(app, "start_kind").set_value("Load files").run()
    assert app.text_area(key="start_load.files").value == "one.zip"


def test_a_large_number_is_written_alike_wherever_it_stands(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("start_jobs", start_kind="Load files")
    names = "\n".join(f"{number}.zip.gpg" for number in range(1200))
    app = typed(app, "start_load.files", names)
    assert "Start a data load (1,200)" in labels(app)
    assert "Type 1,200 to confirm" in [each.label for each in app.text_input]


def test_files_are_loaded_once_their_number_is_typed(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("start_jobs", start_kind="Load files")
    app = typed(app, "start_load.files", f"{FILE}\n{FILE}, folder/other.zip.gpg")
    assert "One receiving job for 2 files." in texts(app)
    assert not may_start(app)
    app = set_field(app, "start_load.skip_data_load", True)
    app = started(confirmed(app, "2"))
    assert sent(sandbox) == {"files": [FILE, "folder/other.zip.gpg"], "skipDataLoad": True}
    assert "Receiving job" in texts(app)


@pytest.mark.slow
def test_an_extraction_is_typed_in_the_chosen_zone_and_sent_as_epochs(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("start_jobs", start_kind="Extract", tz="America/Vancouver")
    app = typed(app, CHOSEN, C7O)
    since = datetime(2021, 12, 13)
    app = set_field(app, "start_extraction.override_last_extraction_timestamp", since)
    assert "2021-12-13 08:00 UTC" in "".join(caption.value for caption in app.caption)
    assert "Data from 2021-12-13 00:00 PST (epoch 1639382400000)." in texts(app)
    app = set_field(app, "start_extraction.run_processing_job", True)
    app = set_field(app, "start_extraction.pipeline_name", " \u200bBy hand ")
    app = started(app)
    assert sent(sandbox) == {
        "allTenants": False,
        "tenants": [C7O],
        "overrideLastExtractionTimestamp": 1639382400000,
        "publishDataLoadArtifacts": False,
        "forceUpdateExistingArtifacts": False,
        "runProcessingJob": True,
        "pipelineName": "By hand",
    }
    assert starts(sandbox) == ["start_extraction"]
    assert "Dispatching job, 0 dispatched so far" in texts(app)


def test_an_hour_that_the_clocks_repeat_is_told_apart(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("start_jobs", start_kind="Extract", tz="Europe/Oslo")
    twice = datetime(2025, 10, 26, 2, 30)
    for name, epoch in (
        ("override_last_extraction_timestamp", 1761438600000),
        ("extract_to_time_override", 1761442200000),
    ):
        app = set_field(app, f"start_extraction.{name}", twice)
        captions = "\n".join(caption.value for caption in app.caption)
        assert f"epoch {epoch}" in captions
        assert "occurs twice" in captions


@pytest.mark.slow
def test_the_alpha_operation_takes_the_same_body(sandbox: Sandbox, open_page: Open) -> None:
    app = typed(open_page("start_jobs", start_kind="Extract"), CHOSEN, C7O)
    started(set_field(app, "start_extraction.alternative", True))
    assert starts(sandbox) == ["adhoc_extraction_job"]


@pytest.mark.slow
def test_overwriting_manual_overrides_needs_its_own_agreement(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = typed(open_page("start_jobs", start_kind="Extract"), CHOSEN, C7O)
    app = set_field(app, "start_extraction.force_update_existing_artifacts", True)
    assert "confirm that you know the effect" in texts(app)
    assert not may_start(app)
    app = set_field(app, "start_extraction.force_update_existing_artifacts.agreed", True)
    started(app)
    assert sent(sandbox)["forceUpdateExistingArtifacts"] is True


@pytest.mark.slow
def test_connectors_and_credentials_are_listed_on_request_only(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = typed(open_page("start_jobs", start_kind="Extract"), CHOSEN, C7O)
    assert "data_connectors" not in operations(sandbox)
    app = button(app, "List this tenant's connectors (1 call)")
    app = button(app, "List this tenant's Databricks credentials (1 call)")
    app = set_field(app, "start_extraction.connector_ids", [CONNECTOR])
    assert "Connectors: 1." in texts(app)
    started(app)
    assert sent(sandbox)["connectorIds"] == [CONNECTOR]
    assert operations(sandbox).count("data_connectors") == 1
    assert operations(sandbox).count("data_connector_credentials") == 1


@pytest.mark.slow
def test_ids_are_pasted_and_a_credential_of_another_provider_is_refused(
    sandbox: Sandbox, open_page: Open
) -> None:
    ids = [CONNECTOR, f"{CONNECTOR}, pasted"]
    app = pasted(open_page, "start_extraction", connector_ids=ids, credential_id="pasted-id")
    assert "Connectors: 2." in texts(app)
    assert "Databricks credential: pasted-id." in texts(app)
    # What one page has listed the next would show unasked.
    st.cache_resource.clear()
    app = pasted(open_page, "start_extraction", credential_id=CREDENTIAL)
    assert "This is a BasicS3 credential. Select a Databricks credential, or none" in texts(app)
    assert not may_start(app)


@pytest.mark.slow
def test_a_consolidated_tenant_is_chosen_from_those_listed(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("start_jobs", start_kind="Consolidate")
    app = set_field(app, "start_consolidation.tenant_code", "WFF_j1r~CAa7s")
    app = started(set_field(app, "start_consolidation.run_processing_job", True))
    assert sent(sandbox) == {"tenantCode": "WFF_j1r~CAa7s", "runProcessingJob": True}
    assert "Consolidated analytics job, state Pending, of WFF_j1r~CAa7s" in texts(app)


def test_another_tenant_is_not_taken_for_a_consolidated_one(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = pasted(open_page, "start_consolidation", tenant_code=C7O)
    assert "is not a consolidated analytics tenant" in texts(app)
    assert not may_start(app)


def test_the_request_can_be_copied_without_a_secret(sandbox: Sandbox, open_page: Open) -> None:
    app = process(open_page, C7O)
    command = copied_as_curl(app)
    assert "/v1alpha/op/jobs/processing-jobs" in command
    assert C7O in command
    assert sandbox.api_key not in command
    assert starts(sandbox) == []


def test_the_same_start_from_another_tab_is_asked_about_first(
    sandbox: Sandbox, open_page: Open
) -> None:
    one, other = process(open_page, C7O), process(open_page, C7O)
    started(one)
    assert len(sandbox.control.requests("adhoc_processing_jobs")) == 1
    other = started(other)
    assert len(sandbox.control.requests("adhoc_processing_jobs")) == 1
    assert "The same job was started just now" in texts(other)
    started(other)
    assert len(sandbox.control.requests("adhoc_processing_jobs")) == 2
