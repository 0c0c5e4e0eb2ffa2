"""The consoles ours is compared with: each in an environment of its own, with runs, served."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.peers.line import HOST, Line, line_to
from tests.benchmarks.peers.runs import runs
from tests.browser.conftest import free_port, serving

SCRIPTS = Path(__file__).parents[1] / "scripts"
QUIET_DAGSTER = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"


@dataclass(frozen=True)
class Peer:
    """A console from PyPI: what is installed, what its settings are, what prepares and starts it.

    Commands are of its environment; `{home}`, `{port}` and `{url}` are filled in.
    """

    name: str
    packages: tuple[str, ...]
    settings: dict[str, str]
    serve: tuple[str, ...]
    health: str
    prepare: tuple[tuple[str, ...], ...] = ()
    files: dict[str, str] = field(default_factory=dict)


PEERS = (
    Peer(
        "Dagster",
        ("dagster==1.13.28", "dagster-webserver==1.13.28"),
        {"DAGSTER_HOME": "{home}"},
        ("dagster-webserver", "-h", "127.0.0.1", "-p", "{port}", "--empty-workspace"),
        "/server_info",
        files={"dagster.yaml": QUIET_DAGSTER},
    ),
    Peer(
        "Prefect",
        ("prefect==3.9.1",),
        {
            "PREFECT_HOME": "{home}",
            "PREFECT_SERVER_UI_API_URL": "{url}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        },
        ("prefect", "server", "start", "--host", "127.0.0.1", "--port", "{port}", "--no-services"),
        "/api/health",
    ),
    Peer(
        "Airflow",
        ("apache-airflow==3.3.2",),
        {
            "AIRFLOW_HOME": "{home}",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        },
        ("airflow", "api-server", "--host", "127.0.0.1", "--port", "{port}"),
        "/api/v2/version",
        prepare=(("airflow", "db", "migrate"), ("airflow", "dags", "reserialize")),
        files={"dags/loads.py": (SCRIPTS / "airflow_dags.py").read_text()},
    ),
)


@contextmanager
def served(peer: Peer, cache: Path, number: int) -> Iterator[tuple[str, Line]]:
    """Serve a peer with so many runs; yields its address and the line to it.

    Its environment and, for a day, its runs are kept in the cache.
    """
    environment = _installed(peer, cache)
    home = _seeded(peer, environment, cache, number)
    port = free_port()
    command = [each.format(port=port) for each in peer.serve]
    command[0] = str(environment / "bin" / command[0])
    health = f"http://{HOST}:{port}{peer.health}"
    with line_to(port) as (line, url):
        # Prefect's page asks its server by this address.
        told = _settings(peer, environment, home, url)
        with serving(command, health, home / "log.txt", told, home):
            yield url, line


def _installed(peer: Peer, cache: Path) -> Path:
    environment = cache / "-".join(peer.packages)
    if not (environment / "is_complete").exists():
        _run(sys.executable, "-m", "uv", "venv", "--clear", "--python", sys.executable, environment)
        python = environment / "bin" / "python"
        _run(sys.executable, "-m", "uv", "pip", "install", "--python", python, *peer.packages)
        (environment / "is_complete").touch()
    return environment


def _seeded(peer: Peer, environment: Path, cache: Path, number: int) -> Path:
    home = cache / f"{peer.name}-{number}-{datetime.now(UTC):%Y-%m-%d}"
    if (home / "is_complete").exists():
        return home
    shutil.rmtree(home, ignore_errors=True)
    for name, content in peer.files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    home.mkdir(exist_ok=True)
    told = _settings(peer, environment, home, url="")
    for program, *arguments in peer.prepare:
        _run(environment / "bin" / program, *arguments, env=told)
    made = json.dumps(list(runs(number, time.time()))).encode()
    script = SCRIPTS / f"seed_{peer.name.lower()}.py"
    _run(environment / "bin" / "python", script, env=told, input=made, cwd=home)
    (home / "is_complete").touch()
    return home


def _settings(peer: Peer, environment: Path, home: Path, url: str) -> dict[str, str]:
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    own = {name: value.format(home=home, url=url) for name, value in peer.settings.items()}
    return os.environ | {"PATH": path, "DO_NOT_TRACK": "1"} | own


def _run(*command: str | Path, **options: object) -> None:
    done = subprocess.run(command, capture_output=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr.decode()}")
