"""Whatever stands in Visier's answers, a screen draws what can be read and says what cannot."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.sandbox import distortions
from tests import odd_values
from tests.pages.conftest import Open
from tests.pages.reading import counts
from tests.pages.recovery.recovering import HOURS, carried_out, recovery_id
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

SPARED = {"access_token", "refresh_token", "token_type", "expires_in"}
# What JSON can say, one after another.
TOLD: list[Any] = [
    *odd_values.FIRST_TIMES,
    *odd_values.LAST_TIMES,
    *(text for text in odd_values.ODD_TEXTS if text.isprintable() or text.isascii()),
    *(None, True, -1, 2**63, 1e300, [], {}, [None, [1], {"a": [{}]}], {"uploadTime": [1]}),
]


def strewn(payload: Any, seed: str) -> Any:
    """Put an odd value into every so-manyth place of an answer, each time another one."""
    if not isinstance(payload, dict | list):
        return payload
    every, first = map(int, seed.split())
    return _strewn(payload, cycle(range(every)), islice(cycle(TOLD), first, None))


def _strewn(node: Any, turns: Iterator[int], odd: Iterator[Any]) -> Any:
    if isinstance(node, dict):
        return {
            name: value if name in SPARED else _strewn(value, turns, odd)
            for name, value in node.items()
        }
    if isinstance(node, list) and node:
        return [_strewn(item, turns, odd) for item in node]
    return node if next(turns) else next(odd)


@pytest.fixture(autouse=True)
def _strewing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(distortions.DISTORTIONS, "strewn", strewn)
    monkeypatch.setitem(distortions.DISTORTIONS, "planted", planted)


SCREENS: dict[str, list[dict[str, str]]] = {
    "overview": [{}, {"ov_since": "7 days", "ov_all": "true"}],
    "data_versions": [{}, {"dv_tenant": "WFF_j1r~a..WFF_j1r~c"}],
    "deliveries": [{"del_window": "Everything"}],
    "uploads": [{"up_window": "Everything"}, {"up_tenant": "WFF_j1r~a..WFF_j1r~c"}],
    "jobs": [
        {"job_window": "7 days", "job_view": view, "job_group": group}
        for view in ("Table", "Tree", "Timeline", "Stages", "Failures")
        for group in ("Type", "Tenant")
    ]
    + [
        {"job_window": "7 days", "job": job}
        for job in (
            "40bfd838-ad5f-40d9-9000-65c75bcf5f8b",
            "3b43817a-d0de-4dec-ae94-5467ddea5b83",
        )
    ],
    "start_jobs": [{"start_kind": kind} for kind in ("Load", "Extract", "Process")],
    "recovery": [
        {"rec_by": by, "rec_view": view, **query}
        for by, query in (
            ("Tenants", {"rec_tenant": "WFF_j1r~i1o,WFF_j1r~e1a"}),
            ("Receiving job", {"rec_job": "3b43817a-d0de-4dec-ae94-5467ddea5b83"}),
            ("Kind of failure", {"rec_within": "7 days"}),
        )
        for view in ("Tenants", "Data versions", "Uploads", "Jobs", "Files")
    ],
    "tenant": [{"code": "WFF_j1r~e1a"}, {"code": "WFF_j1r~i1o"}, {}],
    "connectors": [{}, {"con_check": "true"}, {"con_view": "Settings"}],
    "credentials": [{}, {"cred_view": "Where used"}],
    "activity": [{}],
    "history": [{}],
}
VISITS = [(page, query) for page, queries in SCREENS.items() for query in queries]


def said(app: AppTest) -> list[str]:
    return [each.value for each in (*app.text, *app.caption, *app.markdown)]


def stands(open_page: Open, page: str, query: dict[str, str], zone: str) -> AppTest:
    app = open_page(page, tz=zone, **query)
    assert not app.exception, app.exception[0]
    # Only an answer that is about one thing alone may be lost as a whole.
    assert not any(text.endswith("Unreadable answer") for text in said(app))
    return app


# Times at either end of the calendar have no clock time in the one or the other.
ZONES = ("Europe/Berlin", "America/New_York")


@pytest.mark.parametrize(
    ("page", "query"), [(page, queries[0]) for page, queries in SCREENS.items()], ids=str
)
def test_a_screen_stands(
    sandbox: Sandbox, open_page: Open, page: str, query: dict[str, str]
) -> None:
    sandbox.control.fault("*", "strewn", times=0, value="3 4")
    stands(open_page, page, query, ZONES[0])


@pytest.mark.slow
@pytest.mark.parametrize(("page", "query"), VISITS, ids=str)
@pytest.mark.parametrize(
    "strewing", [("2 0", ZONES[0]), ("3 11", ZONES[1]), ("7 0", ZONES[0])], ids=str
)
def test_every_view_stands(
    sandbox: Sandbox, open_page: Open, page: str, query: dict[str, str], strewing: tuple[str, str]
) -> None:
    seed, zone = strewing
    sandbox.control.fault("*", "strewn", times=0, value=seed)
    stands(open_page, page, query, zone)


def planted(payload: Any, told: str) -> Any:
    """Put values into the first fields of these names in an answer."""
    return _planted(payload, json.loads(told))


def _planted(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {
            name: values.pop(name) if name in values else _planted(value, values)
            for name, value in node.items()
        }
    return [_planted(item, values) for item in node] if isinstance(node, list) else node


def plant(sandbox: Sandbox, operation: str, **values: object) -> None:
    sandbox.control.fault(operation, "planted", times=0, value=json.dumps(values))


ENDS = ("9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z")
LEFT_OUT = "1 {noun} is not in the chart: its time is unknown or outside 2000 to 2099."


def is_said(app: AppTest, words: str) -> bool:
    return any(words in text for text in said(app))


@pytest.mark.first_is_quick
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("end", ENDS)
def test_an_upload_at_an_end_of_the_calendar_costs_its_mark(
    sandbox: Sandbox, open_page: Open, end: str, zone: str
) -> None:
    plant(sandbox, "retrieve_data_uploads", uploadTime=end)
    app = stands(
        open_page, "uploads", {"up_window": "Everything", "up_tenant": "WFF_j1r~i1o"}, zone
    )
    assert is_said(app, LEFT_OUT.format(noun="upload"))
    rows = app.dataframe[0].value
    assert end in set(rows["upload_time_text"])
    assert len(rows) == 5
    app.button(key="uploads.select_all").click().run()
    app.button(key="up.exclude").click().run()
    assert is_said(app, "4 items will change")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("end", ENDS)
def test_a_version_at_an_end_of_the_calendar_costs_its_mark(
    sandbox: Sandbox, open_page: Open, end: str, zone: str
) -> None:
    plant(sandbox, "latest_enabled_dv", dataVersionDate=end)
    app = stands(open_page, "data_versions", {"dv_tenant": "WFF_j1r~i1o"}, zone)
    assert is_said(app, LEFT_OUT.format(noun="data version"))
    assert len(app.dataframe[0].value) == 1


@pytest.mark.first_is_quick
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("end", ENDS)
def test_a_job_at_an_end_of_the_calendar_costs_its_mark(
    sandbox: Sandbox, open_page: Open, end: str, zone: str
) -> None:
    plant(sandbox, "job_status", startTime=end)
    app = stands(open_page, "jobs", {"job_view": "Timeline"}, zone)
    assert is_said(app, LEFT_OUT.format(noun="job"))


def test_a_version_of_the_future_is_neither_on_time_nor_of_an_age(
    sandbox: Sandbox, open_page: Open
) -> None:
    plant(sandbox, "latest_enabled_dv", dataVersionDate="2099-11-29T00:00:00Z")
    app = open_page("data_versions", dv_state="Odd date")
    rows = app.dataframe[0].value
    assert rows["tenant_code"].tolist() == ["WFF_j1r~i1o"]
    assert rows["age"].isna().all()
    assert counts(app, "dv_state")["Odd date"] == 1
    links = [link.proto.label for link in open_page("overview").get("page_link")]
    assert "**1** has a date in the future or an unreadable one." in links


@pytest.mark.slow
def test_a_clock_that_is_ahead_makes_no_negative_age(sandbox: Sandbox, open_page: Open) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=3)
    plant(sandbox, "latest_enabled_dv", dataVersionDate=soon.isoformat())
    app = open_page("data_versions", dv_tenant="WFF_j1r~i1o")
    assert app.dataframe[0].value["age"].tolist() == [0]
    assert "Odd date" not in {metric.label for metric in app.metric}


def test_what_cannot_be_read_is_said_and_the_rest_is_there(
    sandbox: Sandbox, open_page: Open
) -> None:
    plant(sandbox, "retrieve_data_uploads", uploadTime="soon", uploads="none")
    app = stands(open_page, "uploads", {"up_window": "Everything"}, "UTC")
    said_there = "WFF_j1r~i1o: Expected a list for uploads, not text."
    assert is_said(app, said_there)
    assert len(app.dataframe[0].value) > 100


@pytest.mark.parametrize("name", ["Mu\u0308ller AG", "M\u00fcller\u00a0AG"])
@pytest.mark.parametrize("screen", ["connectors", "credentials"])
def test_a_name_is_found_however_it_is_composed(
    sandbox: Sandbox, open_page: Open, screen: str, name: str
) -> None:
    for operation in ("data_connectors", "data_connector_credentials"):
        plant(sandbox, operation, displayName=name)
    app = open_page(screen, con_text="M\u00fcller ag", cred_text="M\u00fcller ag")
    assert app.dataframe[0].value["display_name"].tolist() == [name]


IN_A_RECOVERY = {
    "retrieve_data_uploads": ({"uploadTime": "soon"}, "uploadTime “soon” is no time."),
    "latest_enabled_dv": ({"dataVersionDate": "soon"}, "dataVersionDate “soon” is no time."),
    "job_status": ({"startTime": "soon"}, "startTime “soon” is no time."),
    "retrieve_receiving_job_extracted_files": (
        {"uploadTime": "then"},
        "uploadTime “then” is no time.",
    ),
    "validation_tenants": ({"value": "many"}, "value “many” is no number."),
}


@pytest.mark.slow
def test_what_a_recovery_cannot_read_is_said_at_every_stage(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.reset()
    for operation, (values, _) in IN_A_RECOVERY.items():
        plant(sandbox, operation, **values)
    uploads, versions, jobs, files, metrics = (said for _, said in IN_A_RECOVERY.values())
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert all(is_said(app, words) for words in (uploads, versions, jobs))
    app = open_page("recovery", rec_by="Kind of failure")
    assert is_said(app, jobs)
    app = open_page("recovery", rec_job=BAD_BATCH, rec_view="Files")
    app.button(key="rec.files").click().run()
    assert is_said(app, files)
    app.button(key="rec.begin").click().run()
    assert all(is_said(app, words) for words in (uploads, versions))
    found = open_page("recovery", recovery=recovery_id(app), rec_stage="What it hit")
    assert is_said(found, "And 2 more.")
    app = app.button(key="rec.save").click().run()
    assert is_said(app, versions)
    app = carried_out(app)
    assert is_said(app, jobs)
    sandbox.control.advance(2 * HOURS)
    app = open_page("recovery", recovery=recovery_id(app))
    app.button(key="rec.verify").click().run()
    assert all(is_said(app, words) for words in (jobs, uploads, versions, metrics))


def test_a_tenant_whose_date_cannot_be_read_is_not_called_one_without_a_version(
    sandbox: Sandbox, open_page: Open
) -> None:
    plant(sandbox, "latest_enabled_dv", dataVersionDate={"year": 2026})
    app = open_page("data_versions", dv_tenant="WFF_j1r~e1a..WFF_j1r~i1o", dv_state="Odd date")
    assert is_said(app, 'dataVersionDate “{"year": 2026}” is no time.')
    assert not open_page("data_versions", dv_state="None enabled", dv_tenant="~i1o").dataframe
