"""Several connections: a table each, variables of their own, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from dashboard import access, bootstrap
from dashboard.connection_settings import NO_ADDRESS
from dashboard.setting_kinds import WANTED
from dashboard.settings import Settings, WrongSetting, read
from services import visier

ALL = "DASHBOARD_CONNECTIONS"
EMEA = '[DASHBOARD_CONNECTIONS.emea]\nvanity = "jupiter"\n'
AMER = '[DASHBOARD_CONNECTIONS.amer]\nhost = "https://saturn.example.com"\nkind = "production"\n'


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    bootstrap.settings.cache_clear()
    yield
    bootstrap.settings.cache_clear()
    st.cache_resource.clear()


def secrets_file(text: str) -> None:
    Path(".streamlit").mkdir()
    Path(".streamlit/secrets.toml").write_text(text, encoding="utf-8")


def test_unless_told_the_embedded_sandbox_is_the_only_one() -> None:
    (only,) = read().connections.values()
    assert (only.is_embedded, only.kind, only.credentials) == (True, "sandbox", None)


def test_the_settings_of_one_make_it_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIER_VANITY", "jupiter")
    (only,) = read().connections.values()
    assert (only.address, only.kind) == ("https://jupiter.api.visier.io", None)
    monkeypatch.setenv("VISIER_KIND", "production")
    (only,) = read().connections.values()
    assert only.kind == "production"


def test_each_table_is_one_and_the_first_comes_first() -> None:
    secrets_file(EMEA + AMER)
    found = read().connections
    assert [*found] == ["emea", "amer"]
    assert (found["emea"].address, found["emea"].kind) == ("https://jupiter.api.visier.io", None)
    assert (found["amer"].address, found["amer"].kind) == (
        "https://saturn.example.com",
        "production",
    )
    assert not read().has_sandbox


def test_that_of_the_single_settings_comes_before_those_of_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets_file(EMEA)
    monkeypatch.setenv("VISIER_VANITY", "pluto")
    assert [*read().connections] == ["default", "emea"]


def test_the_sandbox_is_one_of_several_where_it_is_asked_for() -> None:
    secrets_file(EMEA + '[DASHBOARD_CONNECTIONS.playground]\nkind = "sandbox"\n')
    settings = read()
    assert settings.has_sandbox
    assert [each.is_embedded for each in settings.connections.values()] == [False, True]


def test_variables_of_one_complete_its_table_and_make_one_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets_file(EMEA + 'username = "ann"\nkind = "test"\n')
    given = {
        "EMEA__APIKEY": "12345",
        "EMEA__PASSWORD": "true",
        "EMEA__KIND": "production",
        "EMEA__TARGET_TENANT_ID": "",
        "EU_WEST__VANITY": "saturn",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"{ALL}__{name}", value)
    found = read().connections
    emea = found["emea"]
    assert emea.credentials == visier.Password("12345", "ann", "true", "jupiter")
    assert (emea.kind, emea.target_tenant_id) == ("production", None)
    assert found["eu_west"].vanity == "saturn"


def test_all_of_them_in_one_variable_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALL, '{"emea": {"vanity": "jupiter"}}')
    assert read().connections["emea"].vanity == "jupiter"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (EMEA + 'host = "ftp://x"', f"{ALL}.emea.host must be {WANTED['visier_host']}."),
        (EMEA + 'kind = "prod"', f"{ALL}.emea.kind must be {WANTED['visier_kind']}."),
        (EMEA + 'apikey = "canary key"', f"{ALL}.emea.apikey must be {WANTED['visier_apikey']}."),
        (EMEA + "password = 3", f"{ALL}.emea.password must be {WANTED['visier_password']}."),
        (
            EMEA + 'api_key = "canary"',
            f"{ALL}.emea.api_key is not a setting. Did you mean {ALL}.emea.apikey? docs/"
            "operating.md explains how to set up several connections.",
        ),
        (EMEA.replace("vanity", "username"), f"{ALL}.emea {NO_ADDRESS}."),
        (f'{ALL} = {{emea = "canary"}}', f"{ALL} must be {WANTED['dashboard_connections']}."),
        (
            EMEA + AMER.replace("https://saturn.example.com", "https://Jupiter.api.visier.io:443/"),
            f"{ALL}: emea and amer are the same tenant of the same Visier: leave one out.",
        ),
    ],
)
def test_what_cannot_be_is_told_by_its_place_and_never_repeated(text: str, told: str) -> None:
    secrets_file(text)
    with pytest.raises(WrongSetting) as refused:
        read()
    assert str(refused.value) == told


def test_two_tenants_of_one_visier_are_two_connections() -> None:
    own = 'target_tenant_id = "WFF_j1r~b"\n'
    secrets_file(EMEA + EMEA.replace("emea", "b") + own)
    assert [*read().connections] == ["emea", "b"]


@pytest.mark.parametrize(
    "name", [f"{ALL}__EMEA", "DASHBOARD_CONNECTION__EMEA__HOST", f"{ALL}__EMEA__HOSST"]
)
def test_a_variable_of_none_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    secrets_file(EMEA)
    monkeypatch.setenv(name, "canary-5514")
    with pytest.raises(WrongSetting, match=rf"is not a setting\. Did you mean {ALL}") as refused:
        read()
    assert "canary-5514" not in str(refused.value)


def test_no_secret_is_in_the_text_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_file(EMEA)
    for field in ("APIKEY", "PASSWORD", "CLIENT_SECRET"):
        monkeypatch.setenv(f"{ALL}__EMEA__{field}", "canary-5515")
    assert "canary-5515" not in repr(read())


def test_who_would_act_for_everyone_is_named_at_the_start_for_each(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # By variables: of a file Streamlit would keep what it has read for the tests after this one.
    for name in ("ann", "ben"):
        whole = {"VANITY": name, "APIKEY": "k", "USERNAME": name, "PASSWORD": "p"}
        for field, value in whole.items():
            monkeypatch.setenv(f"{ALL}__{name}__{field}", value)
    access.warn_of_settings()
    assert "acts in Visier as ann without signing in" in caplog.text
    assert "acts in Visier as ben without signing in" in caplog.text


def test_calls_of_one_key_share_a_budget_whatever_the_connection() -> None:
    whole = 'apikey = "{}"\npassword = "p"\nusername = "ann"\n'
    tenants = ["", 'target_tenant_id = "WFF_j1r~b"\n', 'target_tenant_id = "WFF_j1r~c"\n']
    tables = [
        EMEA.replace("emea", name) + whole.format(key) + tenant
        for name, key, tenant in zip("abc", ("one", "one", "two"), tenants, strict=True)
    ]
    secrets_file("".join(tables))
    limiters = [
        made.client._connection.rate_limiter
        for name in "abc"
        if (made := bootstrap.default_connection(None, name))
    ]
    assert limiters[0] is limiters[1] is not limiters[2]
