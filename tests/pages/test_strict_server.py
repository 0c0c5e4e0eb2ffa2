"""Every screen and every act on a server that knows the published samples and nothing else."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from pages.credentials.creating import CREATE
from pages.start_jobs.scope import SCOPES, ScopeKind
from services.frames import JobType
from services.frames.jobs import key_of
from services.ledger import Outcome
from tests.pages.acting import applied, plan_of
from tests.pages.conftest import Open
from tests.pages.connecting import C7O, E1A, REDSHIFT
from tests.pages.credentials.filling_in import sent, type_into
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import FILE, confirmed, started, typed, widget
from tests.samples import samples
from tests.strict_server import API_KEY, DISPATCHING, RECEIVING, TOKEN, StrictServer, strict_server

# Without these a screen goes on, and says what is missing.
SURVIVED = {
    "GET /v2/admin/tenants",
    "GET /v1/op/data/categories",
    "GET /v1/op/job-status/jobs",
    "GET /v1/op/job-status/jobs/{id}",
    "GET /v1/op/data-connectors/connector-settings",
}
I1O = "WFF_j1r~i1o"
RUNNING = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1"
INHERITED = "bf27d5f8-e780-436f-b2dc-990ea52c91d3"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StrictServer]:
    """Give the server, and a dashboard that asks for credentials of it."""
    with strict_server() as made:
        monkeypatch.setenv("VISIER_HOST", made.url)
        monkeypatch.setenv("VISIER_VANITY", "strict")
        yield made
        assert set(made.unknown) <= SURVIVED


@pytest.fixture
def opened(server: StrictServer, open_page: Open) -> Open:
    """Give what opens a page signed in by security token."""

    def open_signed_in(page: str, **query: str) -> AppTest:
        app = open_page(page, **query)
        app.segmented_control(key="sign_in.method").set_value("Security token").run()
        for name, value in {"api_key": API_KEY, "Security token": TOKEN}.items():
            app.text_input(key=f"sign_in.{name}").set_value(value)
        return app.button(key="FormSubmitter:sign_in.form-Sign in").click().run()

    return open_signed_in


def test_a_token_of_somebody_else_does_not_get_in(server: StrictServer, open_page: Open) -> None:
    app = open_page("jobs")
    app.segmented_control(key="sign_in.method").set_value("Security token").run()
    for name, value in {"api_key": API_KEY, "Security token": "wrong"}.items():
        app.text_input(key=f"sign_in.{name}").set_value(value)
    app = app.button(key="FormSubmitter:sign_in.form-Sign in").click().run()
    assert "Sign-in refused" in texts(app)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("overview", "Overview"),
        ("data_versions", "Data versions"),
        ("uploads", "Uploads"),
        ("jobs", "Jobs"),
        ("start_jobs", "Start jobs"),
        ("recovery", "Recovery"),
        ("connectors", "Connectors"),
        ("credentials", "Credentials"),
        ("activity", "Activity"),
    ],
)
def test_every_screen_opens(opened: Open, page: str, title: str) -> None:
    app = opened(page)
    assert not app.exception
    assert app.title[0].value == title
    for words in ("Not found", "Unreadable answer", "Signed out"):
        assert f" {words}\n" not in f"{texts(app)}\n"


def test_versions_and_uploads_are_those_of_the_samples(opened: Open) -> None:
    versions = table(opened("data_versions"))
    numbers = dict(zip(versions["tenant_code"], versions["data_version"], strict=True))
    assert numbers[I1O] == 123415
    uploads = table(opened("uploads", up_window="Everything"))
    assert len(uploads) == 6
    assert set(uploads["upload_time_text"].str[:4]) == {"2019"}


def of_uploads(app: AppTest, act: str, time: str) -> AppTest:
    """Select one upload of the samples and apply what the button does."""
    in_session(app, session.select, "uploads", frozenset({f"{I1O} {time}"}))
    return applied(plan_of(app.run(), f"up.{act}"), "uploads")


def outcomes() -> list[Outcome]:
    """Return how each item of the only operation ended."""
    ledger = bootstrap.whole_ledger()
    (operation,) = ledger.operations()
    return [item.outcome for item in ledger.items(operation.id)]


def test_an_upload_is_excluded(server: StrictServer, opened: Open) -> None:
    app = opened("uploads", up_window="Everything", up_tenant=I1O)
    of_uploads(app, "exclude", "2019-10-12T20:35:21.420Z")
    assert server.asked("exclude_data_uploads") == [
        {"uploads": [{"tenantCode": I1O, "uploadTimes": ["2019-10-12T20:35:21.420Z"]}]}
    ]
    assert outcomes() == [Outcome.SUCCEEDED]


@pytest.mark.slow
def test_an_upload_is_included_and_not_called_so_by_an_answer_about_others(
    server: StrictServer, opened: Open
) -> None:
    app = opened("uploads", up_window="Everything", up_tenant=I1O)
    of_uploads(app, "include", "2019-10-08T20:35:21.420Z")
    assert server.asked("include_data_uploads") == [
        {"uploads": [{"tenantCode": I1O, "uploadTimes": ["2019-10-08T20:35:21.420Z"]}]}
    ]
    assert outcomes() != [Outcome.SUCCEEDED]


@pytest.mark.slow
def test_a_version_is_disabled_and_not_called_so_by_an_answer_about_another(
    server: StrictServer, opened: Open
) -> None:
    app = opened("data_versions")
    in_session(app, session.select, "data_versions", frozenset({f"{I1O} 123415"}))
    applied(plan_of(app.run(), "dv.disable"), "data_versions")
    assert server.asked("disable_dv") == [
        {"dataVersionObjects": [{"tenantCode": I1O, "dataVersion": "123415"}]}
    ]
    assert outcomes() != [Outcome.SUCCEEDED]


def test_a_dispatching_job_is_tracked_with_what_is_below_it(
    server: StrictServer, opened: Open
) -> None:
    app = opened("jobs")
    assert "The job list is not available" in texts(app)
    app.text_input(key="jobs.track").set_value(DISPATCHING).run()
    assert not app.exception
    for operation in ("extraction", "receiving", "processing"):
        assert server.asked(f"{operation}_job_and_status")
    assert len(table(app)) > 0


@pytest.mark.slow
def test_a_receiving_job_is_tracked(server: StrictServer, opened: Open) -> None:
    app = opened("jobs")
    app.text_input(key="jobs.track").set_value(RECEIVING).run()
    assert not app.exception
    assert server.asked("receiving_job_status")
    assert server.asked("processing_job_status")


def of(scope: ScopeKind, app: AppTest) -> AppTest:
    widget(app, "start.scope").set_value(SCOPES[scope])
    return app.run()


def fields_of(server: StrictServer, operation: str) -> dict[str, object]:
    """Return the fields of the sample in the body of the only request of an operation."""
    (body,) = server.asked(operation)
    return {name: value for name, value in body.items() if name in samples()[operation].body}


def shown_in(operation: str) -> dict[str, object]:
    """Return the fields of a sample without the data category, whose id an AppTest cannot paste."""
    body = samples()[operation].body
    return {name: value for name, value in body.items() if name != "dataCategoryId"}


@pytest.mark.slow
def test_a_load_is_started_once(server: StrictServer, opened: Open) -> None:
    app = typed(opened("start_jobs", start_kind="Load files"), "start_load.files", FILE)
    started(confirmed(app, "1"))
    assert fields_of(server, "start_load") == samples()["start_load"].body
    assert outcomes() == [Outcome.SUCCEEDED]


def test_extraction_is_started_once(server: StrictServer, opened: Open) -> None:
    app = of(ScopeKind.ALL, opened("start_jobs", start_kind="Extract"))
    since = datetime.fromtimestamp(1639382400, UTC).replace(tzinfo=None)
    widget(app, "start_extraction.override_last_extraction_timestamp").set_value(since)
    started(confirmed(app.run(), "all"))
    assert fields_of(server, "start_extraction") == shown_in("start_extraction")
    assert outcomes() == [Outcome.SUCCEEDED]


@pytest.mark.slow
def test_processing_is_started_once(server: StrictServer, opened: Open) -> None:
    app = of(ScopeKind.OWN, opened("start_jobs", start_kind="Process"))
    widget(app, "start_processing.publish_to_production").set_value(True)
    started(app.run())
    assert fields_of(server, "adhoc_processing_jobs") == shown_in("adhoc_processing_jobs")
    assert outcomes() == [Outcome.SUCCEEDED]


@pytest.mark.slow
def test_jobs_are_cancelled_and_none_is_called_so_by_an_answer_about_others(
    server: StrictServer, opened: Open
) -> None:
    app = opened("jobs")
    app.text_input(key="jobs.track").set_value(DISPATCHING).run()
    in_session(app, session.select, "jobs", frozenset({key_of(JobType.EXTRACTION, RUNNING)}))
    app = plan_of(app.run(), "jobs.cancel")
    (of_that_id,) = [shown.value for box in app.expander for shown in box.dataframe]
    assert dict(zip(of_that_id["job_type"], of_that_id["status"].str[0], strict=True)) == {
        "Extraction": "▶ Running",
        "Receiving": "✕ Failed",
        "Processing": "✕ Failed",
    }
    app = applied(app, "jobs")
    assert server.asked("cancel_jobs") == [{"jobIds": [RUNNING]}]
    assert outcomes() == [Outcome.NO_RESULT]
    assert "∅ 1 No result returned" in texts(app)
    assert "Cancel requested for 1 job: 1 ▶ Running." in texts(app)


def test_a_credential_is_assigned(server: StrictServer, opened: Open) -> None:
    app = opened("connectors", con_check="true", con_tenants=C7O)
    in_session(app, session.select, "connectors", frozenset({f"{C7O} {REDSHIFT}"}))
    choice = app.run().selectbox(key="con.assign.choice")
    choice.set_value("Redshift Callisto · Redshift").run()
    app = applied(app.button(key="con.assign").click().run(), "connectors")
    assert server.asked("assign_connector_credential") == [
        {
            "connectors": [
                {
                    "connectorId": REDSHIFT,
                    "tenants": [{"tenantCode": C7O, "credentialId": INHERITED}],
                }
            ]
        }
    ]
    assert outcomes() == [Outcome.UNCERTAIN]
    assert "? 1 Uncertain" in texts(app)
    assert f"unrequested items: {E1A} · " in texts(app)


def test_a_credential_is_created_once(server: StrictServer, opened: Open) -> None:
    app = opened("credentials", cred_view="New credential", cred_tenants=E1A)
    shown = samples()["create_connector_credential"].body
    told, params = shown["dataProviderBasicInformation"], shown["dataProviderAuthParams"]
    app.text_input(key=f"{CREATE}.name").set_value(told["displayName"]).run()
    app.selectbox(key=f"{CREATE}.provider").set_value("UKG").run()
    widget(app, f"{CREATE}.description").set_value(told["description"])
    for name, value in params["ultimateAuthParams"].items():
        type_into(app, f"{CREATE}.UKG", name, value)
    sent(app, f"{CREATE}.UKG")
    assert fields_of(server, "create_connector_credential") == shown
    assert outcomes() == [Outcome.SUCCEEDED]


def test_an_inherited_credential_is_not_deleted_from_below(opened: Open) -> None:
    app = opened("credentials", cred_tenants=C7O)
    assert set(table(app)["is_inherited"]) == {True}
    app.query_params["cred_open"] = f"{C7O} {INHERITED}"
    app.run()
    assert "Inherited from" in texts(app)
    what = app.segmented_control(key=f"cred.what.{C7O} {INHERITED}")
    assert what.options == ["Where it is used"]


def test_a_credential_is_deleted_and_not_called_so_while_it_is_listed(
    server: StrictServer, opened: Open
) -> None:
    listed = deepcopy(samples()["data_connector_credentials"].response)
    for each in listed["connectorCredentials"]:
        each["isInherited"] = False
    server.instead["data_connector_credentials"] = listed
    app = opened("credentials", cred_tenants=E1A)
    app.query_params["cred_open"] = f"{E1A} {INHERITED}"
    app.run().segmented_control(key=f"cred.what.{E1A} {INHERITED}").set_value("Delete").run()
    app = applied(app.button(key="cred.delete").click().run(), "credentials")
    assert server.asked("delete_connector_credential") == [None]
    assert outcomes() == [Outcome.FAILED]
    assert "Visier reports it deleted but still lists it." in texts(app)


def test_stages_are_those_of_the_samples(opened: Open) -> None:
    app = opened("jobs", job_view="Stages")
    app.text_input(key="jobs.track").set_value(DISPATCHING).run()
    shown = table(app).set_index("tenant_code")
    steps = [
        [*shown.loc[code, ["extraction", "receiving", "processing"]].str[0]] for code in shown.index
    ]
    assert dict(zip(shown.index, steps, strict=True)) == {
        E1A: ["▶ Running", "✕ Failed", "✕ Failed"],
        C7O: ["✓ Succeeded"] * 3,
    }
    assert shown.loc[E1A, "stage"] == "Process Records"
    assert shown.loc[C7O, "data_version"] == 7000013
    assert "2 of 5 dispatched jobs listed" in texts(app)


def test_where_credentials_are_used_is_told(opened: Open) -> None:
    app = opened("credentials", cred_view="Where used", cred_tenants=C7O)
    assert "2 credentials, 2 of them not used by any connector" in texts(app)
    assert list(table(app)["credential_id"]) == ["bf944bf1-3120-44cd-846d-64cd88b295d9", INHERITED]


def test_settings_are_said_not_to_be_offered_and_the_rest_goes_on(opened: Open) -> None:
    app = opened("connectors", con_view="Settings", con_tenants=C7O)
    assert "This tenant's API does not offer this to your account." in texts(app)
    app.segmented_control(key="con_view").set_value("Credentials in use").run()
    assert list(table(app)["display_name"]) == ["Redshift Jupiter", "UKG Callisto"]
