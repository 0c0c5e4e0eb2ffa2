"""What may be kept, where it may be kept, and what is said when it cannot be."""

import json
import stat
import traceback
import unicodedata
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ledger import (
    Actor,
    Event,
    EventKind,
    ItemResult,
    Ledger,
    LedgerTrouble,
    Outcome,
    default_url,
    excerpt,
)
from services.ledger.database import engine, transaction
from services.ledger.tables import SCHEMA
from tests.services.ledger.samples import begin, key, new_item, new_operation, results

CANARY = "yellow bird"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
def test_any_text_can_be_kept(ledger: Ledger, text: str) -> None:
    new = new_operation(actor=Actor(text, text, text), reason=text, filter_text=text)
    told = {"key": text, "tenant_code": text, "name": text, "before": text, "skip": text}
    ledger.begin(new, [new_item(0, **told)])
    ledger.intend(new.id, [text])
    ledger.settle(new.id, [ItemResult(text, Outcome.FAILED, message=text)])
    ledger.note(new.id, Event(kind=EventKind.REMARK, text=text, request=text, answer=text))
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    # Reasons are searched: two ways to write one accent are one text.
    assert ledger.operation(new.id).reason == unicodedata.normalize("NFC", kept)
    assert ledger.items(new.id)[0].message == kept
    assert ledger.events(new.id)[0].answer == kept


def test_long_text_is_cut(ledger: Ledger) -> None:
    new = new_operation(reason="r" * 100_000)
    ledger.begin(new, [new_item(0, before="b" * 100_000)])
    ledger.settle(new.id, results(Outcome.FAILED, [0], "m" * 100_000))
    cut = {
        2_000: [ledger.operation(new.id).reason, ledger.items(new.id)[0].message],
        20_000: [excerpt("a" * 100_000)],
    }
    # A state that was cut could not be restored.
    assert ledger.items(new.id)[0].before == "b" * 100_000
    for limit, texts in cut.items():
        for text in texts:
            assert len(text) == limit
            assert text.endswith(" … (cut)")


def test_a_document_is_never_cut(ledger: Ledger) -> None:
    operation_id, document = begin(ledger), json.dumps(["\N{GRINNING FACE}" * 100] * 1_000)
    ledger.note(operation_id, Event(kind="Write", text="t", request=document, answer=document))
    kept = ledger.events(operation_id)[0]
    assert kept.request == kept.answer == document


def test_a_key_is_never_cut(ledger: Ledger) -> None:
    longest = "\N{CJK UNIFIED IDEOGRAPH-4E00}" * 1_000
    new = new_operation()
    with pytest.raises(ValueError, match="1000 characters, this one has 1001"):
        ledger.begin(new, [new_item(0, key=longest + "x")])
    ledger.begin(new, [new_item(0, key=longest)])
    ledger.intend(new.id, [longest])
    assert ledger.items(new.id)[0].key == longest


def test_the_migrations_make_the_tables(ledger: Ledger, url: str) -> None:
    database = engine(url)
    with transaction(database) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SCHEMA)
    database.dispose()
    assert differences == []


def test_what_is_kept_survives_opening_it_again(ledger: Ledger, url: str) -> None:
    operation_id = begin(ledger)
    ledger.close()
    again = Ledger.open(url)
    assert [each.id for each in again.operations()] == [operation_id]
    again.close()


def test_a_ledger_of_a_newer_version_is_left_alone(ledger: Ledger, url: str) -> None:
    database = engine(url)
    with transaction(database, writing=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    with pytest.raises(LedgerTrouble, match="newer version"):
        Ledger.open(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "neither a SQLite file nor a PostgreSQL"),
        ("ledger.db", "neither a SQLite file nor a PostgreSQL"),
        ("mysql://user:hunter2@db/ledger", "neither a SQLite file nor a PostgreSQL"),
        ("sqlite://", "neither a SQLite file nor a PostgreSQL"),
        ("sqlite:///:memory:", "neither a SQLite file nor a PostgreSQL"),
        ("sqlite:////dev/null/hunter2/ledger", "folder cannot be created"),
        ("sqlite:////dev", "cannot be written"),
        ("postgresql://user:hunter2@127.0.0.1:1/ledger", "cannot be reached"),
        ("postgres://user:hunter2@127.0.0.1:1/ledger", "cannot be reached"),
    ],
)
def test_trouble_is_a_sentence_without_the_password(url: str, words: str) -> None:
    with pytest.raises(LedgerTrouble, match=words) as caught:
        Ledger.open(url) if url else engine(url)
    told = "".join(traceback.format_exception(caught.value))
    assert "user:hunter2" not in told
    assert "hunter2@" not in told


def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ann, " * 500)
    with pytest.raises(LedgerTrouble, match="damaged or not a ledger"):
        Ledger.open(f"sqlite:///{letter}")
    assert letter.read_text() == "Dear Ann, " * 500


def test_trouble_while_working_tells_no_values(ledger: Ledger, url: str) -> None:
    operation_id = begin(ledger)
    database = engine(url)
    with transaction(database, writing=True) as connection:
        connection.execute(sa.text("DROP TABLE item_status_change"))
    database.dispose()
    with pytest.raises(LedgerTrouble) as caught:
        ledger.settle(operation_id, results(Outcome.FAILED, [0], CANARY))
    told = "".join(traceback.format_exception(caught.value))
    assert CANARY not in told
    assert key(0) not in told


def test_the_file_lies_in_a_folder_of_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "dashboard"
    Ledger.open(f"sqlite:///{folder / 'ledger.sqlite3'}").close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_default_is_a_file_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    ledger = Ledger.open()
    begin(ledger)
    ledger.close()
    assert default_url().startswith(f"sqlite:///{tmp_path}")
    assert default_url().endswith("visier-load-dashboard/ledger.sqlite3")
    assert Path(default_url().removeprefix("sqlite:///")).exists()
