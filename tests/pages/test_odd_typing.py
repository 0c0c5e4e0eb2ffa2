"""Whatever is typed or pasted into a field, the page stands, and what cannot be meant is said."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components import pasted_lists, tenant_picker, typed
from tests.pages.conftest import Open, operations
from tests.pages.start_jobs.starting import may_start
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

PASTED = {
    "letters": "x" * 1_000_000,
    "brackets": "([{\\" * 100_000,
    "csv": "tenant_code;name\r\nWFF_j1r~c7o;Callisto\r\n" * 20_000,
    "unseen": "\ufeff\u200b\u202e\u200f \u00a0",
    "markup": "<img src=x onerror=alert(1)>**bold** :red[x] $x$",
    "accents": "Mu\u0308ller \u0130\u00df",
}
FORMS: dict[str, list[dict[str, str]]] = {
    "data_versions": [{}],
    "uploads": [{}],
    "jobs": [{"job_failure": "x"}],
    "start_jobs": [{"start_kind": kind} for kind in ("Load", "Extract", "Process")],
    "recovery": [{"rec_by": by} for by in ("Receiving job", "Time window", "Tenants")],
    "connectors": [{}, {"con_view": "Assign by mapping"}],
    "credentials": [{}, {"cred_view": "New credential"}],
    "activity": [{}],
}
VISITS = [(page, query) for page, queries in FORMS.items() for query in queries]


def typed_everywhere(app: AppTest, text: str) -> AppTest:
    """Type into every field of a page, and run it."""
    for field in (*app.text_input, *app.text_area):
        field.set_value(text)
    return app.run()


def stands(app: AppTest, text: str) -> None:
    assert app.text_input or app.text_area
    typed_everywhere(app, text)
    assert not app.exception, app.exception[0]
    for paste in app.button:
        if (paste.key or "").endswith(".pasted.go"):
            paste.click().run()
            assert not app.exception, app.exception[0]


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "query"), [(page, queries[0]) for page, queries in FORMS.items()], ids=str
)
def test_a_page_stands_whatever_is_pasted_into_its_fields(
    sandbox: Sandbox, open_page: Open, page: str, query: dict[str, str]
) -> None:
    stands(open_page(page, **query), PASTED["brackets"])


@pytest.mark.slow
@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED)
@pytest.mark.parametrize(("page", "query"), VISITS, ids=str)
def test_every_view_stands_whatever_is_pasted(
    sandbox: Sandbox, open_page: Open, page: str, query: dict[str, str], text: str
) -> None:
    stands(open_page(page, **query), text)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("data_versions", "dv_tenant"),
        ("uploads", "up_tenant"),
        ("jobs", "job_tenant"),
        ("jobs", "job_id"),
        ("connectors", "con_text"),
        ("credentials", "cred_text"),
        ("activity", "act_text"),
        ("activity", "act_actor"),
    ],
)
def test_a_text_that_is_too_long_is_found_nowhere_and_said_to_be(
    sandbox: Sandbox, open_page: Open, page: str, field: str
) -> None:
    app = open_page(page)
    app.text_input(key=field).set_value("x" * 1_000_000).run()
    told = [text.value for text in app.text]
    assert any("1,000 characters" in text for text in told), told
    assert not app.dataframe
    # It stands in the address as well.
    assert len(app.text_input(key=field).value or "") < 1_100


LETTERS = PASTED["letters"]


def pasted(app: AppTest, key: str, text: str) -> AppTest:
    app.text_area(key=f"{key}.pasted.codes").set_value(text)
    return app.button(key=f"{key}.pasted.go").click().run()


def chosen(app: AppTest, key: str, text: str) -> AppTest:
    return app.multiselect(key=f"{key}.pick").set_value(text.split()).run()


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "key"), [("connectors", "con_tenants"), ("credentials", "cred_tenants")]
)
@pytest.mark.parametrize("give", [pasted, chosen])
def test_what_is_too_long_for_a_tenant_code_is_left_out_and_said_to_be(
    sandbox: Sandbox,
    open_page: Open,
    page: str,
    key: str,
    give: Callable[[AppTest, str, str], AppTest],
) -> None:
    app = open_page(page)
    sandbox.control.clear_requests()
    give(app, key, f"WFF_j1r~c7o {LETTERS} y{LETTERS}")
    assert app.query_params[key] == "WFF_j1r~c7o"
    assert tenant_picker.TOO_LONG.format(texts="2 texts") in [text.value for text in app.text]
    assert app.dataframe[0].value["tenant_code"].unique().tolist() == ["WFF_j1r~c7o"]


def test_a_link_with_what_is_too_long_for_a_tenant_code_loses_it(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("connectors", con_view="Assign by mapping", con_tenants="x" * 10_000)
    assert "con_tenants" not in app.query_params
    assert tenant_picker.TOO_LONG.format(texts="1 text") in [text.value for text in app.text]


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ("Process", "start.tenants.chosen"),
        ("Process", "start.tenants.all_but"),
        ("Load files", "start_load.files"),
    ],
)
def test_a_start_says_what_is_too_long_for_a_name_and_cannot_be_sent(
    sandbox: Sandbox, open_page: Open, form: str, key: str
) -> None:
    app = open_page("start_jobs", start_kind=form)
    if "all_but" in key:
        app.segmented_control(key="start.scope").set_value("All but some").run()
    app.text_area(key=key).set_value(LETTERS).run()
    told = [each.value for each in (*app.text, *app.markdown, *app.caption, *app.code)]
    assert any("exceeds 255 characters: correct or remove it." in text for text in told)
    assert max(map(len, told)) < 1_000
    assert not may_start(app)


@pytest.mark.parametrize(("page", "field"), [("uploads", "up_job"), ("recovery", "rec_job")])
def test_what_can_be_no_job_id_is_not_asked_for(
    sandbox: Sandbox, open_page: Open, page: str, field: str
) -> None:
    app = open_page(page, rec_by="Receiving job")
    sandbox.control.clear_requests()
    app.text_input(key=field).set_value("x" * 400_000).run()
    assert typed.NO_JOB_ID in [text.value for text in app.text]
    assert not app.dataframe
    # Jobs are read beside uploads, whatever is typed.
    assert set(operations(sandbox)) <= {"job_status"}
    app.text_input(key=field).set_value("").run()
    assert not any(text.value == typed.NO_JOB_ID for text in app.text)


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    "pasted", [f"\ufeff{BAD_BATCH}\u200b", f"\u00a0{BAD_BATCH} ", f"\u200e{BAD_BATCH}\u200f"]
)
def test_what_nobody_sees_around_a_pasted_id_does_not_matter(
    sandbox: Sandbox, open_page: Open, pasted: str
) -> None:
    app = open_page("uploads", up_window="Everything")
    app.text_input(key="up_job").set_value(pasted).run()
    assert app.dataframe[0].value["upload_time"].notna().all()
    asked = [request["query"] for request in sandbox.control.requests("retrieve_data_uploads")]
    assert {query["uploadJobId"] for query in asked if "uploadJobId" in query} == {BAD_BATCH}


@pytest.mark.first_is_quick
@pytest.mark.parametrize(
    ("page", "field"),
    [("data_versions", "dv_tenant"), ("uploads", "up_tenant"), ("jobs", "job_tenant")],
)
def test_a_long_list_stands_in_the_session_and_not_in_the_address(
    sandbox: Sandbox, open_page: Open, page: str, field: str
) -> None:
    listed = [f"WFF_j1r~n0t{number:05}" for number in range(600)]
    known = open_page(page).dataframe[0].value["tenant_code"].dropna().unique()[:3]
    app = open_page(page)
    app.text_input(key=field).set_value(" ".join([*known, *listed])).run()
    name = app.text_input(key=field).value or ""
    assert re.fullmatch("603 tenants WFF_j1r~[a-z0-9]+… #[0-9a-f]{8}", name)
    told = [text.value for text in app.text]
    assert any(pasted_lists.KEPT_HERE in text and "600 of 603 pasted" in text for text in told)
    assert set(app.dataframe[0].value["tenant_code"]) == set(known)
    # It is the same list on the next run, and in another session it is none.
    assert set(app.run().dataframe[0].value["tenant_code"]) == set(known)
    other = open_page(page, **{field: name})
    assert not other.dataframe
    assert pasted_lists.NOT_KEPT in [text.value for text in other.text]


def test_a_long_list_of_an_old_link_leaves_the_address(sandbox: Sandbox, open_page: Open) -> None:
    listed = " ".join(f"WFF_j1r~n0t{number:05}" for number in range(600))
    app = open_page("data_versions", dv_tenant=f"WFF_j1r~c7o {listed}")
    assert str(app.text_input(key="dv_tenant").value).startswith("601 tenants ")
    assert app.dataframe[0].value["tenant_code"].tolist() == ["WFF_j1r~c7o"]
