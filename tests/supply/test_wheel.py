"""What `pip install .` installs: everything the dashboard reads, and a command that starts it."""

import asyncio
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.browser.conftest import free_port, serving
from tests.load.tab import opened
from tests.supply.licences import ROOT

PACKAGES = ("dashboard", "pages", "services")
# Read by people on their way through the sources.
FOR_READERS = {"services/sandbox/README.md"}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built of: setuptools would put in what an earlier build left."""
    copy = tmp_path_factory.mktemp("sources")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, copy)
    return copy


def pip(python: Path | str, *arguments: str | Path) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], check=True)


def test_the_wheel_holds_every_file_of_the_packages(sources: Path, tmp_path: Path) -> None:
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, sources)
    (wheel,) = tmp_path.iterdir()
    there = set(ZipFile(wheel).namelist())
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.*"))
    wanted = {path.relative_to(ROOT).as_posix() for path in files if path.is_file()}
    assert {name for name in wanted if not name.endswith(".pyc")} - FOR_READERS - there == set()


@pytest.fixture(scope="module")
def installed(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has nothing but the dashboard."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    pip(environment / "bin" / "python", "install", sources)
    return environment / "bin"


@pytest.fixture
def started(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a dashboard that was started by its command, in an empty folder."""
    url = f"http://localhost:{(port := free_port())}"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    command = [str(installed / "visier-dashboard"), f"--server.port={port}"]
    environment = known | {"HOME": str(tmp_path)}
    with serving(command, f"{url}/readyz", tmp_path / "log.txt", environment, elsewhere):
        yield url


async def overview(url: str) -> str:
    """Return what is read on the first screen."""
    async with opened(url) as tab:
        answer = await tab.open("")
        return "\n".join(str(element) for element in answer.elements())


@pytest.mark.slow
def test_its_command_starts_the_dashboard_on_the_sandbox_from_any_folder(started: str) -> None:
    read = asyncio.run(overview(started))
    assert "SANDBOX" in read
    assert "tenants** have a version made since" in read
