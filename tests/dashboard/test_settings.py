import os
import subprocess
import sys
from pathlib import Path

import pydantic
import pytest

from dashboard import access, bootstrap
from dashboard.settings import Settings, UnknownSetting, WrongSetting, former_names_given, read

ROOT = Path(__file__).resolve().parents[2]
AUTH = """
[auth]
redirect_uri = "https://loads.example.com/oauth2callback"
cookie_secret = "c"
client_id = "i"
client_secret = "s"
server_metadata_url = "https://id.example.com/.well-known/openid-configuration"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def secrets_file(text: str) -> None:
    Path(".streamlit").mkdir()
    Path(".streamlit/secrets.toml").write_text(text)


def test_without_settings_the_sandbox_is_meant() -> None:
    assert Settings().has_sandbox


def test_settings_come_from_the_secrets_file() -> None:
    secrets_file(f'VISIER_VANITY = "jupiter"\nVISIER_APIKEY = "k"\n{AUTH}')
    settings = Settings()
    assert not settings.has_sandbox
    assert settings.visier_vanity == "jupiter"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_file('VISIER_VANITY = "jupiter"')
    monkeypatch.setenv("VISIER_VANITY", "saturn")
    assert Settings().visier_vanity == "saturn"


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIER_VANITY", "")
    assert Settings().has_sandbox


def test_secrets_are_not_in_the_text_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISIER_APIKEY", "VISIER_PASSWORD", "VISIER_CLIENT_SECRET"):
        monkeypatch.setenv(name, "canary-5512")
    assert "canary-5512" not in repr(Settings())


def test_a_value_that_cannot_be_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DASHBOARD_SANDBOX_TENANTS", "canary-many")
    with pytest.raises(pydantic.ValidationError, match="dashboard_sandbox_tenants") as refused:
        Settings()
    assert "canary-many" not in str(refused.value)


def test_job_observations_are_kept_for_a_month_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().dashboard_job_observations_days == 30
    monkeypatch.setenv("DASHBOARD_JOB_OBSERVATIONS_DAYS", "0")
    with pytest.raises(pydantic.ValidationError, match="dashboard_job_observations_days"):
        Settings()


FORMER, PRESENT = "DASHBOARD_SIGHTINGS_DAYS", "DASHBOARD_JOB_OBSERVATIONS_DAYS"


def test_a_name_of_an_earlier_version_goes_on_working(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets_file(f"{FORMER} = 12")
    assert Settings().dashboard_job_observations_days == 12
    assert former_names_given() == [FORMER]
    monkeypatch.setenv(FORMER, "13")
    assert Settings().dashboard_job_observations_days == 13


@pytest.mark.parametrize("in_file", [f"{PRESENT} = 5", f"{FORMER} = 6\n{PRESENT} = 5"])
def test_the_present_name_wins_over_the_former_one(in_file: str) -> None:
    secrets_file(in_file)
    assert Settings().dashboard_job_observations_days == 5


def test_the_environment_wins_over_the_file_also_by_its_former_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets_file(f"{PRESENT} = 5")
    monkeypatch.setenv(FORMER, "13")
    assert Settings().dashboard_job_observations_days == 13
    monkeypatch.setenv(PRESENT, "14")
    assert Settings().dashboard_job_observations_days == 14


def test_a_wrong_value_by_a_former_name_is_refused_by_the_present_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(FORMER, "0")
    with pytest.raises(WrongSetting, match=f"^{PRESENT} .*whole number of days"):
        read()


def test_the_log_says_what_a_setting_is_called_now(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bootstrap, "settings", read)
    monkeypatch.setenv(FORMER, "13")
    access.warn_of_settings()
    assert f"{FORMER} is called {PRESENT} now." in caplog.text
    caplog.clear()
    monkeypatch.setenv(FORMER, "")
    access.warn_of_settings()
    assert FORMER not in caplog.text


def test_permissions_come_from_a_table_of_the_secrets_file() -> None:
    secrets_file('[DASHBOARD_PERMISSIONS]\nOperators = ["cancel_jobs"]\nadmins = ["*"]')
    assert Settings().dashboard_permissions == {"Operators": ("cancel_jobs",), "admins": ("*",)}


def test_permissions_come_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().dashboard_permissions is None
    monkeypatch.setenv("DASHBOARD_PERMISSIONS", '{"operators": ["cancel_jobs"]}')
    assert Settings().dashboard_permissions == {"operators": ("cancel_jobs",)}


def test_a_verb_nobody_knows_is_refused_by_name() -> None:
    secrets_file('[DASHBOARD_PERMISSIONS]\nops = ["Cancel job"]')
    with pytest.raises(pydantic.ValidationError, match="unknown verb: Cancel job; known verbs:"):
        Settings()


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf"])
def test_an_idle_time_is_a_time(monkeypatch: pytest.MonkeyPatch, minutes: str) -> None:
    monkeypatch.setenv("DASHBOARD_IDLE_MINUTES", minutes)
    with pytest.raises(pydantic.ValidationError, match="dashboard_idle_minutes"):
        Settings()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DASHBOARD_READONLY", "DASHBOARD_READ_ONLY"),
        ("DASHBOARD_SANDBOX_TENANT", "DASHBOARD_SANDBOX_TENANTS"),
        ("VISIER_API_KEY", "VISIER_APIKEY"),
    ],
)
def test_a_name_that_is_no_setting_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "canary-5513")
    with pytest.raises(
        UnknownSetting, match=f"{name} is not .* Did you mean {meant}\\?"
    ) as refused:
        Settings()
    assert "canary-5513" not in str(refused.value)


def test_a_line_of_the_file_that_is_no_setting_is_refused() -> None:
    secrets_file('VISEIR_VANITY = "jupiter"')
    with pytest.raises(UnknownSetting, match=r"Did you mean VISIER_VANITY\?"):
        Settings()


def test_what_only_the_official_sdk_reads_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIER_REDIRECT_URI", "http://localhost")
    assert Settings().has_sandbox


def test_a_dashboard_that_is_told_nonsense_says_so_and_does_not_start(tmp_path: Path) -> None:
    told = {**os.environ, "DASHBOARD_READONLY": "true", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dashboard"]
    ended = subprocess.run(
        command, env=told, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "does not start. DASHBOARD_READONLY is not a setting" in ended.stderr
    assert "Traceback" not in ended.stderr
