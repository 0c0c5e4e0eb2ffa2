"""One row of the matrix: its screen under every fault, and what must hold in every cell."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, list_load, session
from dashboard.tenant_reads import TenantResource
from services.sandbox.distortions import DISTORTIONS
from services.sandbox.faults import FIVE_UPLOADS, PARTIAL_FAILURE
from services.visier import ENDPOINTS
from tests.faults.columns import COLUMNS, OF_FIELDS, Column, Strike
from tests.faults.rows import Read, Renewal, State, Write
from tests.faults.screen import (
    DONE,
    EMPTY,
    LESS,
    NOT_DONE,
    NOT_SENT,
    SHOWN,
    claims,
    face,
    next_steps,
    start_claims,
)
from tests.faults.stage import NOTE, Stage
from tests.pages.acting import button, labels
from tests.pages.conftest import reads
from tests.pages.sessions import in_session
from tests.pages.sign_in.signing_in import press

REFUSED = {401, 429}
CREDENTIALS = ("VISIER_APIKEY", "VISIER_USERNAME", "VISIER_PASSWORD")
AGAIN = "Sign in again"
LOOKS = ("Look up the uncertain", "Look for it", "Look for new credentials")


@dataclass(frozen=True)
class Outcome:
    """What became of one cell: what a person reads, the advice, requests sent, things changed."""

    word: str
    advice: str
    requests: int
    effects: int


Cells = dict[str, Outcome]
Row = TypeVar("Row", Read, Renewal, Write)
NO_FAULT = Column("", Strike(NOTE))


def run_read(stage: Stage, row: Read, columns: Sequence[Column] = ()) -> Cells:
    """Bring faults onto the screen of a read, every one unless told.

    Raises AssertionError where it misleads.
    """
    stage.afresh()
    app = row.open()
    cells = {}
    for column in columns or _columns(row, _answer_to_read(stage, row, app)):
        _forget(app)
        stage.strike(row.operation, _meant(column, row))
        app.run()
        cells[column.title] = _judge_read(stage, row, column, app)
        stage.calm()
        if cells[column.title].word in (SHOWN, EMPTY, LESS):
            _forget(app)
        app.run()
        assert face(app) == SHOWN, f"{row.operation}, after {column.title}: {face(app)}"
    return cells


def _answer_to_read(stage: Stage, row: Read, app: AppTest) -> object:
    _forget(app)
    stage.strike(row.operation, NO_FAULT.strike)
    app.run()
    stage.calm()
    return stage.answer


def run_write(stage: Stage, row: Write, columns: Sequence[Column] = ()) -> Cells:
    """Bring faults onto a write, as a person makes it. Raises AssertionError as above."""
    return _run(stage, row, columns, _write)


def run_sign_in(stage: Stage, row: Read, columns: Sequence[Column] = ()) -> Cells:
    """Bring faults onto signing in. Raises AssertionError as above."""
    with pytest.MonkeyPatch.context() as patched:
        for name in CREDENTIALS:
            patched.delenv(name)
        return _run(stage, row, columns, _sign_in)


def run_renewal(stage: Stage, row: Renewal, columns: Sequence[Column] = ()) -> Cells:
    """Bring faults onto a sign-in that nobody clicks for. Raises AssertionError as above."""
    return _run(stage, row, columns, _renew)


def _run(
    stage: Stage, row: Row, columns: Sequence[Column], run: Callable[[Stage, Row, Column], Outcome]
) -> Cells:
    """Run cells of a row, each from a fresh start: all that can make a difference unless told."""
    if not columns:
        run(stage, row, NO_FAULT)
        columns = [*_columns(row, stage.answer)]
    return {column.title: run(stage, row, column) for column in columns}


def _sign_in(stage: Stage, row: Read, column: Column) -> Outcome:
    stage.afresh()
    app = row.open()
    assert not _is_signed_in(app)
    stage.strike(row.operation, _meant(column, row))
    app = press(app)
    outcome = _judge_read(stage, row, column, app)
    where = f"{row.operation}, {column.title}: {outcome.word}"
    assert _is_signed_in(app) == (outcome.word == SHOWN), where
    stage.calm()
    if not _is_signed_in(app):
        app = press(app)
        assert _is_signed_in(app), f"{where}, and does not work again"
    return outcome


def _renew(stage: Stage, row: Renewal, column: Column) -> Outcome:
    stage.afresh()
    app = row.prepare(stage.sandbox)
    stage.strike(row.operation, _meant(column, row))
    outcome = _judge_read(stage, row, column, app.run())
    stage.calm()
    # What was refused is tried again by a click alone.
    app = button(app, AGAIN) if AGAIN in labels(app) else app.run()
    assert face(app) == SHOWN, f"{row.screen}, after {column.title}: {face(app)}"
    return outcome


def _is_signed_in(app: AppTest) -> bool:
    return in_session(app, session.connection) is not None


def _write(stage: Stage, row: Write, column: Column) -> Outcome:
    stage.afresh()
    app = row.prepare(stage.sandbox)
    before = copy.deepcopy(row.state(stage.sandbox))
    stage.strike(row.operation, _meant(column, row))
    app = row.act(app)
    outcome = _judge_write(stage, row, column, app, before)
    if outcome.word != DONE:
        _go_on(stage, row, column, app)
    return outcome


def _columns(row: Read | Renewal | Write, answer: object) -> Iterator[Column]:
    """Give the columns that can make a difference to this operation."""
    for column in COLUMNS.values():
        fault = column.strike.fault
        if column.distorts and fault in DISTORTIONS:
            value = str(_meant(column, row).details.get("value", ""))
            # The distortion itself says whether it would change the answer of this operation.
            if DISTORTIONS[fault](copy.deepcopy(answer), value) == answer:
                continue
        if fault == PARTIAL_FAILURE and not ENDPOINTS[row.operation].batch:
            continue
        if fault == FIVE_UPLOADS and row.operation != "retrieve_data_uploads":
            continue
        yield column


def _meant(column: Column, row: Read | Renewal | Write) -> Strike:
    """Return the fault of a column with the field of this row that it is about."""
    if column.strike.fault not in OF_FIELDS:
        return column.strike
    field = row.key if column.strike.details["value"] == "key" else row.status
    return Strike(column.strike.fault, {"value": field})


def _forget(app: AppTest) -> None:
    """Have everything read anew that the screen has read."""
    bootstrap.job_monitor.clear()
    for kind in TenantResource:
        reads(app, kind).forget()
    in_session(app, lambda: list_load.lists(session.signed_in()).forget())


def _judge_read(stage: Stage, row: Read | Renewal, column: Column, app: AppTest) -> Outcome:
    where = f"{row.operation}, {column.title}"
    assert not app.exception, f"{where}: {app.exception[0].message}"
    assert not stage.log.seen, f"{where}: {stage.log.seen}"
    asked, word, steps = stage.asked(row.operation), face(app), next_steps(app)
    assert asked, f"{where}: the screen did not ask"
    if not column.distorts and column.title in FAILING:
        assert word != SHOWN, f"{where}: nothing is said"
    if isinstance(row, Read) and row.comforts and column.title != BLOCKS_THE_KEY:
        assert word in (SHOWN, LESS), f"{where}: {word}"
        assert any(len(shown.value) for shown in app.dataframe), f"{where}: no rows"
    if word not in (SHOWN, EMPTY):
        assert steps, f"{where}: {word}, and nothing to do next"
    return Outcome(word, steps[0] if steps else "", len(asked), 0)


# Then what the screen is about has to wait as well.
BLOCKS_THE_KEY = "429 long"
FAILING = {
    "401",
    "key refused",
    "403",
    "404",
    "400",
    "429 long",
    "cut before",
    "cut after",
    "5xx before",
    "5xx after",
    "nonsense before",
    "nonsense after",
}


def _judge_write(stage: Stage, row: Write, column: Column, app: AppTest, before: State) -> Outcome:
    where = f"{row.operation}, {column.title}"
    assert not app.exception, f"{where}: {app.exception[0].message}"
    assert not stage.log.seen, f"{where}: {stage.log.seen}"
    after, asked = row.state(stage.sandbox), stage.asked(row.operation)
    changed = {name for name in after if after[name] != before.get(name)}
    grown = [
        now - then for name, now in after.items()
        if isinstance(now, int) and isinstance(then := before.get(name), int)
    ]  # fmt: skip
    assert max(grown, default=0) <= 1, f"{where}: done more than once"
    executed = [status for status in asked if status not in REFUSED]
    assert len(executed) <= row.requests, f"{where}: sent again: {asked}"
    claimed = start_claims(app) if row.starts else claims(app)
    assert claimed, f"{where}: nothing is said of what became of it"
    assert changed <= set(claimed), f"{where}: {changed} changed beside {claimed}"
    for name, word in claimed.items():
        if word == DONE:
            assert name in changed, f"{where}: {name} is claimed to be done"
        if word in (NOT_DONE, NOT_SENT):
            assert name not in changed, f"{where}: {name} was done, and is said to be {word}"
    words, steps = sorted(set(claimed.values())), next_steps(app)
    if words != [DONE]:
        assert steps, f"{where}: {words}, and nothing to do next"
    return Outcome(" + ".join(words), steps[0] if steps else "", len(asked), len(changed))


def _go_on(stage: Stage, row: Write, column: Column, app: AppTest) -> None:
    """Go on without the fault: looking sends nothing, finishing sends once what was not sent."""
    where = f"{row.operation}, after {column.title}"
    stage.calm()
    sent, stood = stage.asked(row.operation), copy.deepcopy(row.state(stage.sandbox))
    app.run()
    for words in LOOKS:
        if any(label.startswith(words) for label in labels(app)):
            button(app, words)
    assert not app.exception, f"{where}: {app.exception[0].message}"
    assert stage.asked(row.operation) == sent, f"{where}: looking has sent it again"
    assert row.state(stage.sandbox) == stood, f"{where}: looking has changed something"
    if any(label.startswith("Look up and finish") for label in labels(app)):
        button(app, "Look up and finish")
        for operation in bootstrap.whole_ledger().operations():
            bootstrap.runner().wait(operation.id, 30)
        app.run()
        assert set(claims(app).values()) == {DONE}, f"{where}: {claims(app)}"
        assert len(stage.asked(row.operation)) == len(sent) + row.requests, where
    assert not stage.log.seen, f"{where}: {stage.log.seen}"
