"""Assigning credentials, setting connectors, and choosing the tenants to do it in."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import session, tenant_reads
from dashboard.components import tenant_picker
from pages.connectors import mapping as connector_mapping
from services import visier
from services.operations.credentials.mapping import (
    TOO_MANY_LINES,
    Checked,
    Row,
    Wrong,
    check,
    read_mapping,
)
from tests.holding import gate_before
from tests.pages.acting import applied, button, labels
from tests.pages.conftest import ROOT, Open, operations, reads, sign_in_to
from tests.pages.connecting import (
    C7O,
    E1A,
    E1A_UKG,
    TEST,
    UKG,
    connectors,
    edit,
    grid,
    select,
)
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

C7O_UKG, C7O_TEST = "d3607390-ab20-4619-97d8-9e33e7697430", "780ed445-3a58-4be6-8db1-038279b0c521"
INHERITED = "bf27d5f8-e780-436f-b2dc-990ea52c91d3"
ROOM_FOR_A_TABLE = 1060  # pixels, beside the sidebar
ASSIGN, SET = "assign_connector_credential", "set_connector_setting"


@pytest.fixture
def fresh(sandbox: Sandbox) -> Sandbox:
    sandbox.control.reset()
    sandbox.control.clear_requests()
    return sandbox


def listed(app: AppTest) -> pd.DataFrame:
    return next(each.value for each in app.dataframe if "link_word" in each.value)


def assert_outcome_in_sight(app: AppTest) -> None:
    """No text before the outcome, however long, pushes it out of a screen of 1,440 pixels."""
    result = next(each for each in app.dataframe if "mark" in each.value)
    columns, settings = list(result.value), json.loads(result.proto.columns)
    before = columns[: columns.index("mark") + 1]
    assert sum(settings[name]["width"] for name in before) <= ROOM_FOR_A_TABLE


def test_one_credential_is_assigned_in_several_tenants_and_taken_back(
    fresh: Sandbox, open_page: Open
) -> None:
    app = select(connectors(open_page, C7O, E1A), (C7O, TEST), (E1A, TEST))
    choice = app.selectbox(key="con.assign.choice")
    assert "Redshift Callisto · Redshift · in 2 of 2" in choice.options
    app = choice.set_value("Redshift Callisto · Redshift").run()
    app = app.button(key="con.assign").click().run()
    plan = next(each.value for each in app.dataframe if "change" in each.value)
    assert list(plan["change"]) == [
        "Credential → Redshift Callisto",
        "Test Credential → Redshift Callisto",
    ]
    assert "different data provider" in "".join(each.value for each in app.warning)
    app = applied(app, "connectors")
    assert "✓ 2 Succeeded" in texts(app)
    assert_outcome_in_sight(app)
    rows = listed(app).set_index(["tenant_code", "connector_id"])
    assert rows.loc[(E1A, TEST), "credential_name"] == "Redshift Callisto"
    app = applied(button(app, "Undo"), "connectors")
    assert "✓ 2 Succeeded" in texts(app)
    rows = listed(app).set_index(["tenant_code", "connector_id"])
    assert rows.loc[(E1A, TEST), "credential_name"] == "Test Credential"
    assert [len(request["body"]["connectors"]) for request in fresh.control.requests(ASSIGN)] == [
        1,
        1,
    ]


@pytest.mark.slow
def test_what_visier_says_of_each_tenant_is_shown(fresh: Sandbox, open_page: Open) -> None:
    app = select(connectors(open_page, C7O, E1A), (C7O, TEST), (E1A, TEST))
    app.selectbox(key="con.assign.choice").set_value("AWS S3 Jupiter · BasicS3").run()
    app = app.button(key="con.assign").click().run()
    fresh.control.fault(ASSIGN, "partial_failure", every=2)
    app = applied(app, "connectors")
    assert "✓ 1 Succeeded  ✕ 1 Failed" in texts(app)
    app = applied(button(app, "Retry the failed"), "connectors")
    assert "✓ 1 Succeeded" in texts(app)


def test_a_name_that_each_tenant_has_is_one_credential_per_tenant(
    fresh: Sandbox, open_page: Open
) -> None:
    for code in (C7O, E1A):
        credentials = fresh.inside.world.connections.of(code).credentials
        credentials[0].display_name = "Nightly user"
        credentials[0].provider = "UKG"
    app = select(connectors(open_page, C7O, E1A), (C7O, TEST), (E1A, TEST))
    app.selectbox(key="con.assign.choice").set_value("Nightly user · UKG").run()
    app = applied(app.button(key="con.assign").click().run(), "connectors")
    (request,) = fresh.control.requests(ASSIGN)
    sent = {
        entry["tenantCode"]: entry["credentialId"]
        for entry in request["body"]["connectors"][0]["tenants"]
    }
    of = fresh.inside.world.connections.of
    assert sent == {code: of(code).credentials[0].id for code in (C7O, E1A)}


def test_connectors_are_found_by_text_and_by_link(fresh: Sandbox, open_page: Open) -> None:
    del fresh.inside.world.connections.of(C7O).assigned[TEST]
    fresh.inside.world.connections.of(C7O).assigned[UKG] = "gone"
    app = connectors(open_page, C7O, E1A, con_text="test conn")
    assert list(table(app)["display_name"]) == ["Test Connector", "Test Connector"]
    app = connectors(open_page, C7O, E1A, con_link="Unassigned")
    assert list(table(app)["connector_id"]) == [TEST]
    app = connectors(open_page, C7O, E1A, con_link="Broken link")
    assert list(table(app)["connector_id"]) == [UKG]
    app = connectors(open_page, C7O, E1A, con_link="broken")
    assert list(table(app)["link_word"]) == ["⚠ Broken link"]
    app = connectors(open_page, C7O, con_text="nothing like it")
    assert "No connector matches the filter" in texts(app)


def mapping(open_page: Open, text: str) -> AppTest:
    app = open_page("connectors", con_view="Assign by mapping")
    return app.text_area(key="con.mapping").set_value(text).run()


def test_a_mapping_is_checked_and_assigned(fresh: Sandbox, open_page: Open) -> None:
    text = f"tenant,connector,credential\n{C7O},Test Connector,UKG Callisto\n{E1A},{TEST},{E1A_UKG}"
    app = mapping(open_page, text)
    assert "All 2 rows can be assigned." in texts(app)
    app = applied(button(app, "Assign by 2 rows…"), "connectors")
    assert "✓ 2 Succeeded" in texts(app)
    (request,) = fresh.control.requests(ASSIGN)
    assert request["body"]["connectors"] == [
        {
            "connectorId": TEST,
            "tenants": [
                {"tenantCode": C7O, "credentialId": C7O_UKG},
                {"tenantCode": E1A, "credentialId": E1A_UKG},
            ],
        }
    ]


def test_a_wrong_mapping_is_refused_with_its_row_numbers_and_nothing_is_sent(
    fresh: Sandbox, open_page: Open
) -> None:
    app = mapping(open_page, f"{C7O},{TEST},{C7O_UKG}\n{C7O},{TEST}\n")
    assert operations(fresh)[2:] == []
    assert list(table(app)["row"]) == [2]
    app = mapping(open_page, f"{C7O},{TEST},{C7O_UKG}\n{E1A},{TEST},{C7O_UKG}\n{C7O},x,{C7O_UKG}")
    assert "Invalid mapping. Nothing was sent" in texts(app)
    assert list(table(app)["row"]) == [2, 3]
    assert not [label for label in labels(app) if label.startswith("Assign by")]
    assert fresh.control.requests(ASSIGN) == []


def test_a_mapping_with_a_tenant_that_cannot_be_read_says_so(
    fresh: Sandbox, open_page: Open
) -> None:
    app = mapping(open_page, f"{C7O},{TEST},{C7O_UKG}\nWFF_j1r~none,{TEST},{C7O_UKG}")
    assert not app.exception
    for kind in ("connectors", "credentials"):
        assert f"Some tenants' {kind} could not be read" in texts(app)
    assert "Invalid mapping. Nothing was sent" in texts(app)
    assert "The tenant could not be read." in table(app)["reason"].array


def test_an_uploaded_mapping_counts_as_a_pasted_one(fresh: Sandbox, open_page: Open) -> None:
    app = open_page("connectors", con_view="Assign by mapping")
    content = f"\ufefftenant;connector;credential\r\n{C7O};{TEST};{C7O_UKG}\r\n".encode()
    app.file_uploader[0].upload("mapping.csv", content, "text/csv").run()
    assert "All 1 row can be assigned." in texts(app)


def uploaded(open_page: Open, content: bytes) -> AppTest:
    app = open_page("connectors", con_view="Assign by mapping")
    return app.file_uploader[0].upload("mapping.csv", content, "text/csv").run()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_mapping_is_read_in_the_encoding_of_its_file(
    fresh: Sandbox, open_page: Open, encoding: str
) -> None:
    text = f"sep=;\r\ntenantCode;connectorId;credentialId;Größe\r\n{C7O};{TEST};{C7O_UKG};1\r\n"
    assert "All 1 row can be assigned." in texts(uploaded(open_page, text.encode(encoding)))


@pytest.mark.first_is_quick
@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", b";;\n"])
def test_an_empty_file_is_said_to_be_empty(fresh: Sandbox, open_page: Open, content: bytes) -> None:
    assert connector_mapping.EMPTY in texts(uploaded(open_page, content))


def test_of_a_text_and_a_file_neither_counts(fresh: Sandbox, open_page: Open) -> None:
    line = f"{C7O},{TEST},{C7O_UKG}\n"
    app = uploaded(open_page, line.encode())
    app.text_area(key="con.mapping").set_value(line).run()
    assert [warning.value for warning in app.warning] == [connector_mapping.BOTH]
    assert "can be assigned" not in texts(app)
    app.text_area(key="con.mapping").set_value(" ").run()
    assert "All 1 row can be assigned." in texts(app)


@pytest.mark.slow
def test_a_large_mapping_is_read_once_and_its_first_wrong_rows_are_shown(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts_read: list[int] = []

    def counted(text: str) -> tuple[list[Row], list[Wrong]]:
        texts_read.append(len(text))
        return read_mapping(text)

    monkeypatch.setattr(connector_mapping, "read_mapping", counted)
    app = uploaded(open_page, b"a,b\n" * 1_000_000)
    app.run()
    assert texts_read == [4_000_000]
    assert table(app)["reason"].iloc[0] == TOO_MANY_LINES
    assert len(table(app)) == connector_mapping.WRONG_SHOWN
    assert "Showing the first 1,000." in texts(app)


def test_a_mapping_is_checked_anew_only_where_the_lists_of_its_tenants_have_changed(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_checked: list[int] = []

    def counted(rows: list[Row], *lists: pd.DataFrame) -> Checked:
        rows_checked.append(len(rows))
        return check(rows, *lists)

    monkeypatch.setattr(connector_mapping, "check", counted)
    app = mapping(open_page, f"{C7O},{TEST},{C7O_UKG}").run()
    assert "All 1 row can be assigned." in texts(app)
    assert rows_checked == [1]
    fresh.inside.world.connections.of(C7O).assigned[TEST] = "gone"
    reads(app, tenant_reads.TenantResource.CONNECTORS).read(
        in_session(app, session.signed_in).client, [C7O]
    )
    app.run()
    assert rows_checked == [1, 1]


def test_settings_are_a_grid_edited_as_a_draft_and_applied_by_tenant(
    fresh: Sandbox, open_page: Open
) -> None:
    app = connectors(open_page, C7O, E1A, con_view="Settings")
    assert list(grid(app).columns[3:]) == ["extractionMode", "requestTimeoutSeconds", "timeZone"]
    app = edit(app, 0, timeZone="Europe/Oslo", extractionMode="Full")
    assert "2 changes in 1 tenant, not sent yet" in texts(app)
    assert grid(app)["timeZone"].iloc[0] == "Europe/Oslo"
    assert fresh.control.requests(SET) == []
    app = applied(button(app, "Review 2 changes…"), "connectors")
    assert "✓ 2 Succeeded" in texts(app)
    assert "not sent yet" not in texts(app)
    assert grid(app)["timeZone"].iloc[0] == "Europe/Oslo"
    app = applied(button(app, "Undo"), "connectors")
    assert grid(app)["timeZone"].iloc[0] == "UTC"


def test_a_draft_of_settings_can_be_discarded(fresh: Sandbox, open_page: Open) -> None:
    app = edit(connectors(open_page, C7O, con_view="Settings"), 0, timeZone="Europe/Oslo")
    app = button(app, "Discard the draft")
    assert grid(app)["timeZone"].iloc[0] == "UTC"
    assert fresh.control.requests(SET) == []


def test_settings_cost_one_call_a_tenant(fresh: Sandbox, open_page: Open) -> None:
    app = open_page("connectors", con_view="Settings")
    fresh.control.clear_requests()
    connectors_of = app.multiselect(key="con_tenants.pick").set_value([C7O, E1A]).run()
    assert operations(fresh) == ["list_connector_settings"] * 2
    assert set(grid(connectors_of)["tenant_code"]) == {C7O, E1A}


@pytest.mark.slow
def test_tenants_are_searched_for_here_and_added_by_their_hundreds(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=300, rate_limit=100_000) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("connectors")
        assert len(app.multiselect(key="con_tenants.pick").options) <= tenant_picker.OFFERED + 1
        app.text_input(key="con_tenants.find").set_value("WFF_j1r~[a-m]").run()
        (add,) = [each for each in app.button if each.key == "con_tenants.add"]
        count = int(add.label.split()[1].replace(",", ""))
        assert count > tenant_picker.OFFERED
        app = add.click().run()
        assert f"{count + 1} tenants selected" in texts(app)
        assert app.button(key="connectors.agree").label == (
            f"Read {count} more tenants ({count} calls)"
        )
        assert operations(sandbox).count("data_connectors") == 1
        app.button(key="connectors.agree").click().run()
        reads(app, "connectors").wait(60)
        assert operations(sandbox).count("data_connectors") == count + 1
        assert table(app.run())["tenant_code"].nunique() > 100


def test_what_was_read_before_the_stop_is_kept(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=60) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("connectors")
        codes = list(app.multiselect(key="con_tenants.pick").options)[:30]
        codes = [code.split(" · ")[-1] for code in codes]
        app = app.multiselect(key="con_tenants.pick").set_value(codes).run()
        gate = gate_before(monkeypatch, visier.Client, "iter_data_connectors", after=3)
        app.button(key="connectors.agree").click().run()
        gate.wait_for_somebody()
        assert "Stop" in labels(app)
        app.button(key="connectors.stop").click().run()
        gate.open()
        reads(app, "connectors").wait(30)
        # One was there before; of four that were begun the last was under way.
        assert operations(sandbox).count("data_connectors") == 1 + 4
        assert "Read 25 more tenants (25 calls)" in labels(app.run())


def test_a_reading_nobody_looks_at_ends_by_itself(
    fresh: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = connectors(open_page, C7O)
    client = in_session(app, session.signed_in).client
    now = 0.0
    reader = tenant_reads.READERS[tenant_reads.TenantResource.CONNECTORS]
    kept = tenant_reads.TenantReads(reader, clock=lambda: now)
    gate = gate_before(monkeypatch, visier.Client, "iter_data_connectors")
    fresh.control.clear_requests()
    kept.start(lambda: client, [C7O, E1A, "WFF_j1r~i1o"])
    gate.wait_for_somebody()
    now = tenant_reads.UNSEEN_AT_MOST + 1
    gate.open()
    kept.wait(30)
    assert operations(fresh) == ["data_connectors"]
    assert not kept.progress.is_running


def test_pasted_codes_are_chosen_instead(fresh: Sandbox, open_page: Open) -> None:
    app = open_page("connectors")
    app.text_area(key="con_tenants.pasted.codes").set_value(f'"{C7O}";\n{E1A}, {C7O}')
    app = app.button(key="con_tenants.pasted.go").click().run()
    assert app.multiselect(key="con_tenants.pick").value == [C7O, E1A]
    assert set(table(app)["tenant_code"]) == {C7O, E1A}


def test_the_tenants_of_another_screen_are_handed_over(fresh: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", dv_tenant=C7O)
    app = app.button(key="data_versions.select_all").click().run()
    assert app.button(key="dv.connectors").label == "Connectors of this tenant…"
    app = app.button(key="dv.connectors").click().run()
    assert app.title[0].value == "Connectors"
    app = app.switch_page(str(ROOT / "pages" / "connectors" / "page.py")).run()
    assert app.multiselect(key="con_tenants.pick").value == [C7O]
    app = app.switch_page(str(ROOT / "pages" / "credentials" / "page.py")).run()
    assert app.multiselect(key="cred_tenants.pick").value == [C7O]


def test_a_tenant_that_was_refused_can_be_tried_again(fresh: Sandbox, open_page: Open) -> None:
    fresh.control.fault("data_connectors", "403", times=1)
    app = open_page("connectors")
    assert "Not permitted" in texts(app)
    app = button(app, "Try again")
    app = app.multiselect(key="con_tenants.pick").set_value([C7O, "WFF_j1r~nope"]).run()
    assert "WFF_j1r~nope: " in texts(app)
    before = operations(fresh).count("data_connectors")
    app = app.button(key="connectors.again").click().run()
    assert operations(fresh).count("data_connectors") == before + 1
