"""What is deployed, as far as that can be told where there is no container: linted and compared."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "docs" / "deployment"
CONFIG = tomllib.loads((ROOT / "dashboard" / ".streamlit" / "config.toml").read_text())
DOCKERFILE = (DEPLOYMENT / "Dockerfile").read_text()
COMPOSE = (DEPLOYMENT / "compose.yaml").read_text()
NGINX = (DEPLOYMENT / "nginx.conf").read_text()


def run(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def of_this_environment(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def test_the_dockerfile_has_nothing_to_complain_of() -> None:
    run(of_this_environment("hadolint"), DEPLOYMENT / "Dockerfile")


def test_the_compose_file_is_one() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    run(of_this_environment("check-jsonschema"), *schema, DEPLOYMENT / "compose.yaml")


def test_the_image_is_made_of_what_there_is() -> None:
    copied = re.findall(r"^COPY (?!--)(\S+) ", DOCKERFILE, re.MULTILINE)
    let_in = re.findall(
        r"^!(\S+)", (DEPLOYMENT / "Dockerfile.dockerignore").read_text(), re.MULTILINE
    )
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / each).exists() for each in copied)


def test_the_image_runs_as_nobody_in_particular_and_is_told_to_end_itself() -> None:
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.rstrip().endswith('CMD ["python", "-m", "dashboard"]')
    assert "/healthz" in DOCKERFILE


def test_every_package_of_the_image_has_a_hash_and_the_version_that_is_tested() -> None:
    logical = (DEPLOYMENT / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    pinned = [line for line in logical if not line.startswith("#")]
    assert all("--hash=sha256:" in line for line in pinned)
    name_and_version = re.compile(r"^(\S+==[^\s;]+)", re.MULTILINE)
    in_image = set(name_and_version.findall("\n".join(pinned)))
    developed = set(name_and_version.findall((ROOT / "requirements-dev.txt").read_text()))
    names = {each.partition("==")[0] for each in in_image}
    assert "psycopg" in names
    assert {each for each in developed if each.partition("==")[0] in names} >= in_image


def test_both_replicas_are_behind_nginx_at_the_port_of_the_dashboard() -> None:
    services = re.findall(r"^  (dashboard-\d): \*dashboard$", COMPOSE, re.MULTILINE)
    port = CONFIG["server"]["port"]
    assert len(services) == 2
    assert re.findall(r"^\s+server (\S+) ", NGINX, re.MULTILINE) == [
        f"{service}:{port}" for service in services
    ]


def test_nginx_lets_uploads_through_that_the_dashboard_takes() -> None:
    (size,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(size) > CONFIG["server"]["maxUploadSize"]


def test_the_example_of_secrets_names_settings_there_are() -> None:
    named = tomllib.loads((DEPLOYMENT / "secrets.example.toml").read_text())
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_nginx_keeps_what_opens_a_session_or_an_export_out_of_its_log() -> None:
    blocks = re.findall(r"location ~ \^/\((\S+)\)/ \{([^}]*)\}", NGINX)
    unlogged = {
        path for paths, block in blocks if "access_log off" in block for path in paths.split("|")
    }
    assert unlogged == {"_stcore/upload_file", "media", "download"}


def test_nginx_lets_addresses_through_that_name_hundreds_of_tenants() -> None:
    (size,) = re.findall(r"large_client_header_buffers \d+ (\d+)k;", NGINX)
    assert int(size) * 1024 >= 3_000 * len("WFF_j1r~tenant00000+")


def test_the_guide_says_how_long_a_session_waits_for_its_browser() -> None:
    guide = (ROOT / "docs" / "security.md").read_text()
    assert f"waits {CONFIG['server']['disconnectedSessionTTL']} seconds for a browser" in guide
