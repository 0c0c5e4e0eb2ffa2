"""Opening a database: the engine, its transactions, and bringing its tables up to date."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import ArgumentError, DBAPIError

from . import sqlite_files, troubles
from .errors import LedgerTrouble

# Another process is waited for as long as a click waits for the call budget; within this process
# writers stand in line, however long one takes.
_SQLITE_SETTINGS = ("busy_timeout = 5000", "journal_mode = WAL", "foreign_keys = ON")
_POSTGRES = "postgresql+psycopg"
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": _POSTGRES,
    "postgresql": _POSTGRES,
    "postgresql+psycopg": _POSTGRES,
}
_NEITHER = "DASHBOARD_LEDGER_URL names neither a SQLite file nor a PostgreSQL database."
_NO_PSYCOPG = "A ledger in PostgreSQL needs psycopg, which is missing."
_PATIENCE = 3  # seconds
_MIGRATION_LOCK = 7_418_523  # any number, the same for everybody who migrates a ledger
_ONE_MIGRATION = threading.Lock()  # Alembic knows one migration per process
_log = logging.getLogger("services.ledger")


def address(url: str) -> sa.URL:
    """Return where a ledger is.

    Raises LedgerTrouble when it could be neither in a SQLite file nor in a PostgreSQL database, or
    when what talks to it is missing.
    """
    try:
        found = sa.make_url(url)
        found = found.set(drivername=_DRIVERS[found.drivername])
        found.get_dialect().import_dbapi()
    except (ArgumentError, KeyError, ValueError) as error:
        raise LedgerTrouble(_NEITHER) from error
    except ImportError as error:
        raise LedgerTrouble(_NO_PSYCOPG) from error
    if found.get_backend_name() == "sqlite" and found.database in {None, "", ":memory:"}:
        raise LedgerTrouble(_NEITHER)
    return found


def engine(url: str) -> sa.Engine:
    """Return an engine for a SQLite file or a PostgreSQL database; raises LedgerTrouble."""
    found = address(url)
    if found.get_backend_name() != "sqlite":
        return sa.create_engine(found, pool_pre_ping=True, hide_parameters=True)
    try:
        return _sqlite(found)
    except OSError as error:
        _log.error("The ledger's folder cannot be made: %s", error)
        raise LedgerTrouble(
            "The ledger's folder cannot be created.",
            "Give the user who runs the dashboard permission to create it, or name another in "
            "DASHBOARD_LEDGER_URL.",
        ) from error


def counting_engine(url: str) -> sa.Engine | None:
    """Return an engine for single quick statements, or None when it is not PostgreSQL.

    It gives up on a database that does not answer within seconds: a call to Visier waits for it.
    Raises what ``address`` raises.
    """
    found = address(url)
    if found.get_backend_name() == "sqlite":
        return None
    return sa.create_engine(
        found,
        isolation_level="AUTOCOMMIT",
        pool_timeout=_PATIENCE,
        connect_args={"connect_timeout": _PATIENCE, "tcp_user_timeout": _PATIENCE * 1000},
        hide_parameters=True,
    )


@contextmanager
def transaction(of: sa.Engine, *, writing: bool = False) -> Iterator[sa.Connection]:
    """Run a transaction, committed unless something is raised; raises LedgerTrouble.

    What is committed stands where it can be read again, also when the file was removed meanwhile.
    """
    in_line = of.get_execution_options().get("one_writer") if writing else None
    try:
        with in_line or nullcontext(), of.execution_options(writing=writing).begin() as connection:
            sqlite_files.check(connection.info)
            yield connection
            sqlite_files.check(connection.info)
    except (DBAPIError, sa.exc.TimeoutError) as error:
        cause = getattr(error, "orig", None) or error
        _log.error("The ledger at %s: %s", _shown(of.url), troubles.in_one_line(cause))
        raise troubles.trouble(cause) from error
    except LedgerTrouble as trouble:
        _log.error("The ledger at %s: %s", _shown(of.url), trouble)
        raise


@contextmanager
def in_line(of: sa.Engine, lock: int) -> Iterator[sa.Connection]:
    """Run a transaction that writes, after all others of this lock; raises LedgerTrouble.

    Whatever their process: in PostgreSQL two would wait for each other's rows; SQLite has one
    writer anyway.
    """
    with transaction(of, writing=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
        yield connection


def migrate(database: sa.Engine) -> None:
    """Bring the tables up to date, while nobody else does; raises LedgerTrouble."""
    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    try:
        with _ONE_MIGRATION, in_line(database, _MIGRATION_LOCK) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        _log.error("The ledger at %s: %s", _shown(database.url), error)
        raise LedgerTrouble(
            "A newer version of the dashboard wrote this ledger.",
            "Start that version again, or restore a copy from before its update.",
        ) from error


def _sqlite(address: sa.URL) -> sa.Engine:
    path = Path(str(address.database))
    # Others on this computer have no business in here.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = sqlite_files.Files(path)

    def set_up(connection: Any, record: Any) -> None:
        # Transactions begin where they are said to, not at the first change as the driver has it.
        connection.isolation_level = None
        for setting in _SQLITE_SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        # SQLite's own knows no letters but those of ASCII: a search would find no Ä by ä.
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        files.connected(record.info)

    database = sa.create_engine(address, hide_parameters=True)
    sa.event.listen(database, "do_connect", files.before_connecting)
    sa.event.listen(database, "connect", set_up)
    sa.event.listen(database, "begin", _begin)
    return database.execution_options(one_writer=threading.Lock())


def _lower(text: str | None) -> str | None:
    return text and text.lower()


def _begin(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    # A writer that has read first could not wait for another writer any more.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _shown(address: sa.URL) -> str:
    """Return an address for the log: where the database is, without what opens it."""
    return address.set(query={}).render_as_string(hide_password=True)
