"""A ledger whose file others touch, or whose database fails: it is noticed, told and logged."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.ledger import Ledger, LedgerTrouble, Outcome, database, sqlite_files
from tests.services.ledger.postgres import Postgres
from tests.services.ledger.samples import begin, key, results

GONE = "removed or replaced while the dashboard ran"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite3"


@pytest.fixture
def opened(file: Path) -> Iterator[Ledger]:
    """A ledger in a file, as a running dashboard has it."""
    ledger = Ledger.open(f"sqlite:///{file}")
    yield ledger
    ledger.close()


def beside(file: Path, end: str) -> Path:
    return file.with_name(file.name + end)


def replace(file: Path) -> None:
    shutil.copy(file, beside(file, ".copy"))
    beside(file, ".copy").replace(file)


TOUCHES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "moved away": lambda file: file.rename(beside(file, ".old")),
    "replaced": replace,
    "its folder removed": lambda file: shutil.rmtree(file.parent),
    "its folder replaced": lambda file: (
        file.parent.rename(file.parents[1] / "old"),
        shutil.copytree(file.parents[1] / "old", file.parent),
    ),
    "emptied": lambda file: os.truncate(file, 0),
    "its journal removed": lambda file: beside(file, "-wal").unlink(),
    "its index removed": lambda file: beside(file, "-shm").unlink(),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_nothing_is_intended_that_could_not_be_read_again(
    opened: Ledger, file: Path, touch: Callable[[Path], object]
) -> None:
    operation_id = begin(opened)
    opened.intend(operation_id, [key(0)])
    touch(file)
    writes: list[Callable[[], object]] = [
        lambda: opened.intend(operation_id, [key(1)]),
        lambda: begin(opened),
        opened.check,
        opened.operations,
    ]
    for write in writes:
        with pytest.raises(LedgerTrouble, match=GONE) as caught:
            write()
        assert caught.value.advice.startswith("Put it back or restart the dashboard.")


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_it_is_noticed_behind_a_link_as_well(tmp_path: Path, end: str) -> None:
    real, link = tmp_path / "real.sqlite3", tmp_path / "link.sqlite3"
    link.symlink_to(real)
    with closing(Ledger.open(f"sqlite:///{link}")) as ledger:
        begin(ledger)
        beside(real, end).unlink()
        with pytest.raises(LedgerTrouble, match=GONE):
            begin(ledger)


def test_what_is_removed_in_the_middle_of_a_transaction_is_not_taken_for_written(
    opened: Ledger, file: Path
) -> None:
    operation_id = begin(opened)

    def keys() -> Iterator[str]:
        file.unlink()
        yield key(0)

    with pytest.raises(LedgerTrouble, match=GONE):
        opened.intend(operation_id, keys())


def test_a_ledger_that_is_put_back_is_used_again(opened: Ledger, file: Path) -> None:
    operation_id = begin(opened)
    file.rename(beside(file, ".old"))
    with pytest.raises(LedgerTrouble, match=GONE):
        opened.operation(operation_id)
    beside(file, ".old").rename(file)
    opened.intend(operation_id, [key(0)])
    assert opened.items(operation_id)[0].outcome == Outcome.INTENDED


def touch_between_connections(engine: sa.Engine, touch: Callable[[], object]) -> None:
    with database.transaction(engine):
        touch()
        with database.transaction(engine):
            pytest.fail("It is another ledger, or none.")


@pytest.mark.parametrize("touch", ["removed", "replaced", "emptied"])
def test_a_further_connection_begins_no_new_ledger(file: Path, touch: str) -> None:
    engine = database.engine(f"sqlite:///{file}")
    with pytest.raises(LedgerTrouble, match=GONE):
        touch_between_connections(engine, lambda: TOUCHES[touch](file))
    engine.dispose()
    assert file.exists() is (touch != "removed")


def test_a_new_ledger_is_begun_with_a_word(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "services.ledger"):
        Ledger.open(f"sqlite:///{file}").close()
        assert caplog.messages == [f"A new ledger begins in {file}"]
        Ledger.open(f"sqlite:///{file}").close()
        assert len(caplog.messages) == 1


def test_an_empty_file_is_no_new_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite_files, "_IN_THE_MAKING", 0)
    file = tmp_path / "ledger.sqlite3"
    file.touch()
    with pytest.raises(LedgerTrouble, match="file is empty") as caught:
        Ledger.open(f"sqlite:///{file}")
    assert caught.value.advice.startswith("Restore the newest backup")
    assert file.stat().st_size == 0
    assert f"{file}: The ledger's file is empty" in caplog.text


def halve(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def scribble(file: Path) -> None:
    file.write_bytes(b"Dear Ann, " * 5_000)


@pytest.mark.parametrize("damage", [halve, scribble])
def test_a_damaged_file_is_told_as_such(
    file: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Ledger.open(f"sqlite:///{file}")) as ledger:
        begin(ledger, items=1_000)
    damage(file)
    left = file.read_bytes()
    with pytest.raises(LedgerTrouble, match="damaged or not a ledger") as caught:
        Ledger.open(f"sqlite:///{file}")
    assert "newest backup" in caught.value.advice
    assert file.read_bytes() == left
    assert "malformed" in caplog.text or "not a database" in caplog.text


@contextmanager
def every_connection(pragma: str) -> Iterator[None]:
    """Have SQLite fail as it does on a disk like that."""

    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(sa.Engine, "connect", set_up)
    yield
    sa.event.remove(sa.Engine, "connect", set_up)


@pytest.mark.parametrize(
    ("pragma", "told"),
    [
        ("max_page_count = 1", ("ledger's disk is full", "Free some disk space", "disk is full")),
        ("query_only = ON", ("cannot be written", "Give the user", "readonly database")),
    ],
)
def test_a_disk_that_takes_nothing_is_told_as_such(
    file: Path, caplog: pytest.LogCaptureFixture, pragma: str, told: tuple[str, str, str]
) -> None:
    words, advice, cause = told
    with closing(Ledger.open(f"sqlite:///{file}")) as ledger:
        operation_id = begin(ledger)
    with every_connection(pragma), closing(Ledger(f"sqlite:///{file}")) as ledger:
        assert ledger.operation(operation_id)
        with pytest.raises(LedgerTrouble, match=words) as caught:
            begin(ledger, items=1_000)
    assert caught.value.advice.startswith(advice)
    assert cause in caplog.text


def test_a_ledger_that_another_program_holds_is_told_as_such(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "_SQLITE_SETTINGS", ("busy_timeout = 0", "journal_mode = WAL"))
    with closing(Ledger.open(f"sqlite:///{file}")) as ledger:
        operation_id = begin(ledger)
        with closing(sqlite3.connect(file)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert ledger.operation(operation_id)
            for write in (ledger.check, lambda: ledger.intend(operation_id, [key(0)])):
                with pytest.raises(LedgerTrouble, match="Another program has locked") as caught:
                    write()
                assert caught.value.advice.startswith("End the program that locks its database")
        assert "database is locked" in caplog.text
        ledger.intend(operation_id, [key(0)])


def test_writers_of_one_process_stand_in_line_however_long_one_takes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_SQLITE_SETTINGS", ("busy_timeout = 0", "journal_mode = WAL"))
    with closing(Ledger.open(f"sqlite:///{file}")) as ledger, ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: begin(ledger, items=200), range(40)))
        assert len(ledger.operations()) == len(set(ids)) == 40


def test_nobody_waits_longer_for_a_lock_than_a_click_does() -> None:
    assert "busy_timeout = 5000" in database._SQLITE_SETTINGS


def test_what_can_be_written_is_not_changed_by_asking(ledger: Ledger) -> None:
    operation_id = begin(ledger)
    before = ledger.operation(operation_id)
    ledger.check()
    assert ledger.operation(operation_id) == before


def test_a_postgresql_that_only_reads_is_told_as_such(
    postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.fresh_url()
    Ledger.open(url).close()
    read_only = url + "%20-cdefault_transaction_read_only%3Don"
    with closing(Ledger(read_only)) as ledger:
        assert ledger.operations() == []
        with pytest.raises(LedgerTrouble, match="cannot be written"):
            ledger.check()
    assert "read-only transaction" in caplog.text


def test_what_the_log_is_told_holds_no_value_and_no_password(
    ledger: Ledger, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    operation_id = begin(ledger)
    engine = database.engine(url)
    with database.transaction(engine, writing=True) as connection:
        connection.execute(sa.text("DROP TABLE item_status_change"))
    engine.dispose()
    with pytest.raises(LedgerTrouble, match="ledger's database failed"):
        ledger.settle(operation_id, results(Outcome.FAILED, [0], "canary-9f"))
    assert "item_status_change" in caplog.text
    assert "canary-9f" not in caplog.text
    with pytest.raises(LedgerTrouble, match="cannot be reached"):
        Ledger.open("postgresql://user:hunter2@127.0.0.1:1/ledger?password=hunter3")
    assert "user:***@127.0.0.1:1/ledger: " in caplog.text
    assert "hunter" not in caplog.text
