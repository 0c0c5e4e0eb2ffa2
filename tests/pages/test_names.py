"""Display names are read in the background: rows stand by their codes first."""

from collections.abc import Iterator
from math import ceil

import pytest

from dashboard.components import tenants
from services.visier import Client
from tests.holding import Gate, gate_before
from tests.pages.conftest import Open, names, operations, sign_in_to
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox, running_sandbox

NAME = "tenant_name"


@pytest.fixture
def gate(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Names that are not read before a gate is opened, and pages that do not wait for them."""
    monkeypatch.setattr(tenants, "NAMES_PATIENCE", 0.0)
    before = gate_before(monkeypatch, Client, "iter_tenants")
    yield before
    before.open()


@pytest.mark.first_is_quick
@pytest.mark.parametrize("page", ["uploads", "data_versions", "jobs", "deliveries", "overview"])
def test_rows_do_not_wait_for_names(gate: Gate, open_page: Open, page: str) -> None:
    app = open_page(page)
    gate.wait_for_somebody()
    assert not app.exception
    assert any("tenant_code" in each.value for each in app.dataframe) or page == "deliveries"
    assert all(NAME not in each.value for each in app.dataframe if "tenant_code" in each.value)
    assert "Display names" not in texts(app)


def test_names_come_without_a_click_and_leave_what_was_done(
    gate: Gate, open_page: Open, sandbox: Sandbox
) -> None:
    app = open_page("uploads")
    app.text_input(key="up_tenant").set_value("WFF_j1r~").run()
    shown = table(app)["tenant_code"].tolist()
    app.session_state["uploads"] = {"selection": {"rows": [1, 2], "columns": [], "cells": []}}
    app.run()
    gate.open()
    assert names(app).wait(30)
    app.run()
    assert table(app)["tenant_code"].tolist() == shown
    assert (table(app)[NAME] != "").any()
    assert app.session_state["uploads"]["selection"]["rows"] == [1, 2]
    assert app.text_input(key="up_tenant").value == "WFF_j1r~"
    assert operations(sandbox).count("tenants") == 1


@pytest.mark.slow
def test_all_names_cost_a_call_for_each_thousand_once(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=2_500) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("data_versions")
        assert names(app).wait(30)
        assert (table(app.run())[NAME] != "").all()
        other = open_page("uploads")
        assert not other.exception
        assert operations(sandbox).count("tenants") == ceil(2_501 / 1000)


@pytest.mark.slow
def test_overview_names_those_it_shows_in_one_call(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=2_500) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("overview")
        shown = next(each.value for each in app.dataframe if NAME in each.value)
        assert (shown[NAME] != "").all()
        app.run()
        assert operations(sandbox).count("tenants") == 1


def test_a_refusal_costs_names_alone_and_is_said_once(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.fault("tenants", "403", times=0)
    app = open_page("uploads").run().run()
    assert texts(app).count("Display names cannot be read; tenants are shown by code") == 1
    assert operations(sandbox).count("tenants") == 1
    assert len(table(app)) > 0
