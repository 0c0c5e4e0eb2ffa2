"""A value that cannot be is refused at the start, by a sentence that names its setting."""

import re
import socket
from pathlib import Path

import pytest

from dashboard import metrics
from dashboard.setting_kinds import WANTED
from dashboard.settings import Settings, WrongSetting, read

HUGE = "9" * 5_000
LETTERS = "a" * 64
CONTROLS = ["two\nlines", "a\ttab", "a\0nul", "line\u2028separator"]
NO_NUMBERS = ["", "many", "1.5", "1e3", "0x10", "-1", HUGE]
DAYS = [*NO_NUMBERS[1:], "0", "36501", "1000000"]

WRONG: dict[str, list[str]] = {
    "VISIER_VANITY": ["A B", "Jupiter", "-a", "jupiter.api.visier.io", "https://x", "ä", LETTERS],
    "VISIER_HOST": [
        "jupiter.api.visier.io",
        "ftp://jupiter.api.visier.io",
        "http://jupiter.api.visier.io",
        "https://",
        "https://ann@jupiter.api.visier.io",
        "https://ann:hunter2@jupiter.api.visier.io",
        "https://@jupiter.api.visier.io",
        "https://jupiter.api.visier.io:99999",
        "https://jupiter.api.visier.io:x",
        "https://jupiter.api.visier.io:0",
        "https://jupiter.api.visier.io?x=1",
        "https://jupiter.api.visier.io#x",
        "https://jup iter.api.visier.io",
        "https://a..b",
        f"https://{LETTERS}.visier.io",
        "https://[::1",
    ],
    "VISIER_APIKEY": ["canary\nkey", "canary-é", "canary key", "canary;key", " "],
    "VISIER_USERNAME": [*CONTROLS, " "],
    "VISIER_PASSWORD": ["canary\n", "canary\r\n", "canary\0"],
    "VISIER_CLIENT_ID": [*CONTROLS, " "],
    "VISIER_CLIENT_SECRET": ["canary\n"],
    "VISIER_TARGET_TENANT_ID": [*CONTROLS, "a b", "WFF_é", " "],
    "VISIER_BODY_ENCODING": ["json", "Samples"],
    "VISIER_KIND": ["prod", "Test"],
    "DASHBOARD_CONNECTIONS": [
        "nonsense",
        "[]",
        '{"EMEA": {"vanity": "jupiter"}}',
        '{"a b": {"vanity": "jupiter"}}',
        '{"a__b": {"vanity": "jupiter"}}',
        '{"default": {"vanity": "jupiter"}}',
    ],
    "DASHBOARD_LEDGER_URL": [
        "mysql://user:canary@host/db",
        "ledger.sqlite3",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://host:port/db",
        "https://x",
    ],
    "DASHBOARD_LEDGER_DAYS": DAYS,
    "DASHBOARD_JOB_OBSERVATIONS_DAYS": DAYS,
    "DASHBOARD_WATCH": ["perhaps"],
    "DASHBOARD_WATCH_MINUTES": ["0", "1441", "soon"],
    "DASHBOARD_WATCH_ZONE": ["Berlin", "CET+1", "../etc/passwd"],
    "DASHBOARD_NIGHTS_DAYS": ["0", "36501"],
    "DASHBOARD_FALLBACK_DAYS": DAYS,
    "DASHBOARD_FRESH_HOURS": [*NO_NUMBERS[1:], "0", "8761"],
    "DASHBOARD_DESTINATIONS": [
        "nonsense",
        "[]",
        '{"On Call": "json://hooks.example/x"}',
        '{"mail": "carrier-pigeon://coop"}',
        '{"mail": ""}',
    ],
    "DASHBOARD_PUBLIC_URL": ["loads.example", "ftp://loads.example", "https://", "https://a b"],
    "DASHBOARD_IDLE_MINUTES": ["often", "0", "-1", "nan", "inf", "1e18", "525601"],
    "DASHBOARD_REQUIRE_OIDC": ["maybe", "2"],
    "DASHBOARD_OIDC_HOURS": ["often", "0", "-1", "nan", "inf", "721"],
    "DASHBOARD_READ_ONLY": ["maybe", "2"],
    "DASHBOARD_PERMISSIONS": ["nonsense", "[]", '{"ops": "cancel_jobs"}', '{"ops": [1]}', "3"],
    "DASHBOARD_GROUPS_CLAIM": [*CONTROLS, " "],
    "DASHBOARD_DOWNLOAD_MB": ["much", "0", "-1", "nan", "inf", "100001"],
    "DASHBOARD_LOG_FORMAT": ["xml", "JSON"],
    "DASHBOARD_METRICS_PORT": [*NO_NUMBERS[1:], "0", "65536"],
    "DASHBOARD_WEBHOOK_KEY": ["canary\n", "canary\r\n", "canary\0"],
    "DASHBOARD_METRICS_ADDRESS": ["127.0.0.1:9100", "http://x", "a b", "x\ny", LETTERS, " "],
    "DASHBOARD_SANDBOX_TENANTS": [*NO_NUMBERS[1:], "0", "50001"],
    "DASHBOARD_SANDBOX_SEED": [*NO_NUMBERS[1:], "4294967296"],
    "DASHBOARD_SANDBOX_SPEED": ["fast", "-1", "nan", "inf", "10001"],
    "DASHBOARD_SANDBOX_RATE_LIMIT": [*NO_NUMBERS[1:], "1000001"],
}

RIGHT: dict[str, list[str]] = {
    "VISIER_VANITY": ["jupiter", "a", "7-of-9", "a" * 63, " jupiter "],
    "VISIER_HOST": [
        "https://jupiter.api.visier.io",
        "https://jupiter.api.visier.io/",
        "https://proxy.example:8443/visier",
        "https://jüpiter.example",
        "https://[2001:db8::1]:8443",
        "http://localhost:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
    ],
    "VISIER_APIKEY": ["a-Key.0123_/+="],
    "VISIER_USERNAME": ["ann@example.com", "Ann Müller"],
    "VISIER_PASSWORD": [" with blanks, and öther \u00a0 letters; "],
    "VISIER_TARGET_TENANT_ID": ["WFF_j1r~e1a"],
    "DASHBOARD_LEDGER_URL": [
        "sqlite:///ledger.sqlite3",
        "postgresql://user:secret@host/db",
        "postgres://host/db",
        "postgresql+psycopg://host:5433/db?sslmode=require",
    ],
    "DASHBOARD_LEDGER_DAYS": ["1", "36500"],
    "DASHBOARD_DESTINATIONS": ["{}", '{"on-call": "json://hooks.example/x"}'],
    "DASHBOARD_PUBLIC_URL": ["https://loads.example/visier", "http://127.0.0.1:8501"],
    "DASHBOARD_IDLE_MINUTES": ["0.1", "525600"],
    "DASHBOARD_OIDC_HOURS": ["0.5", "720"],
    "DASHBOARD_DOWNLOAD_MB": ["0.5", "100000"],
    "DASHBOARD_WEBHOOK_KEY": [" with blanks, and öther \u00a0 letters; "],
    "DASHBOARD_METRICS_ADDRESS": ["0.0.0.0", "::1", "localhost", "x.example.com"],  # noqa: S104 - as in a container
    "DASHBOARD_PERMISSIONS": ["{}", '{"ops": ["cancel_jobs", "*"]}'],
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def secrets_file(text: str) -> None:
    Path(".streamlit").mkdir(exist_ok=True)
    Path(".streamlit/secrets.toml").write_text(text, encoding="utf-8")


def sentence(name: str) -> str:
    return f"{name} must be {WANTED[name.lower()]}."


def every(table: dict[str, list[str]]) -> list[object]:
    return [
        pytest.param(name, value, id=f"{name}-{value[:20]!a}")
        for name, values in table.items()
        for value in values
    ]


def test_every_setting_is_tried_and_says_what_it_has_to_be() -> None:
    assert {name.lower() for name in WRONG} == set(WANTED) == set(Settings.model_fields)


@pytest.mark.parametrize(("name", "value"), every(WRONG))
def test_a_wrong_value_is_refused_by_its_name_and_what_to_write(name: str, value: str) -> None:
    secrets_file(f"{name} = {quoted(value)}")
    with pytest.raises(WrongSetting) as refused:
        read()
    assert str(refused.value) == sentence(name)


def quoted(value: str) -> str:
    """Write a text as TOML does."""
    return '"' + "".join(f"\\U{ord(each):08x}" for each in value) + '"'


@pytest.mark.parametrize(("name", "value"), every(RIGHT))
def test_a_right_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    read()


def test_of_several_each_has_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_LEDGER_DAYS", "many")
    monkeypatch.setenv("DASHBOARD_LOG_FORMAT", "xml")
    with pytest.raises(WrongSetting) as refused:
        read()
    told = f"{sentence('DASHBOARD_LEDGER_DAYS')} {sentence('DASHBOARD_LOG_FORMAT')}"
    assert str(refused.value) == told


def test_permissions_in_a_variable_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_PERMISSIONS", "nonsense")
    with pytest.raises(WrongSetting) as refused:
        read()
    assert str(refused.value) == sentence("DASHBOARD_PERMISSIONS")


def test_a_verb_nobody_knows_is_told_with_those_there_are() -> None:
    secrets_file('[DASHBOARD_PERMISSIONS]\nops = ["Cancel job"]')
    told = r"^DASHBOARD_PERMISSIONS: unknown verb: Cancel job; known verbs: .*, cancel_jobs, .*\.$"
    with pytest.raises(WrongSetting, match=told):
        read()


@pytest.mark.parametrize("content", [b"VISIER_VANITY = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_secrets_file_that_cannot_be_read_is_told_by_its_name(content: bytes) -> None:
    secrets_file("")
    Path(".streamlit/secrets.toml").write_bytes(content)
    with pytest.raises(WrongSetting, match=r"^\.streamlit/secrets\.toml cannot be read: "):
        read()


WHOLE = {
    "redirect_uri": "https://loads.example.com/oauth2callback",
    "cookie_secret": "c",
    "client_id": "i",
    "client_secret": "s",
    "server_metadata_url": "https://id.example.com/.well-known/openid-configuration",
}


def auth(head: str = "[auth]", **parts: str) -> str:
    return "\n".join([head, *(f'{name} = "{value}"' for name, value in parts.items())])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('auth = "text"', "a table with this name in lower case"),
        ("auth = true", "a table with this name in lower case"),
        ("auth = []", "a table with this name in lower case"),
        (auth("[Auth]", **WHOLE), "a table with this name in lower case"),
        (auth("[AUTH]", **WHOLE), "a table with this name in lower case"),
        ("[auth]", f"complete; missing: {', '.join(WHOLE)}."),
        *((auth(**WHOLE | {name: ""}), f"complete; missing: {name}.") for name in WHOLE),
        (
            auth(redirect_uri="r", cookie_secret="c") + auth("\n[auth.okta]", client_id="i"),
            "complete; missing: client_secret, server_metadata_url.",
        ),
        (
            auth(redirect_uri="r", cookie_secret="c") + "\n[auth.client_kwargs]",
            "complete; missing: client_id",
        ),
    ],
)
def test_an_auth_by_which_nobody_could_sign_in_is_refused(text: str, wrong: str) -> None:
    secrets_file(text)
    with pytest.raises(
        WrongSetting, match=rf"^\[auth\] in \.streamlit/secrets\.toml must be {re.escape(wrong)}"
    ):
        read()


@pytest.mark.parametrize(
    "text",
    [
        auth(**WHOLE),
        auth(**WHOLE) + '\n[auth.client_kwargs]\nscope = "openid"',
        auth(redirect_uri="r", cookie_secret="c") + auth("\n[auth.okta]", **WHOLE),
    ],
)
def test_a_whole_one_is_taken(text: str) -> None:
    secrets_file(text)
    read()


def test_a_port_that_is_taken_is_told_with_its_settings() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WrongSetting) as refused:
            metrics.serve(port, "127.0.0.1")
    assert str(refused.value) == (
        "DASHBOARD_METRICS_PORT and DASHBOARD_METRICS_ADDRESS must be a free port and an address "
        f"of this computer: cannot listen on {port} at 127.0.0.1 (Address already in use)."
    )
