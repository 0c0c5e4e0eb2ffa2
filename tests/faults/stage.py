"""The dashboard under test: its real entry script, a sandbox of its own, waits without time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
import streamlit as st

from dashboard import bootstrap
from dashboard.components import tenants
from services import visier
from services.sandbox.distortions import DISTORTIONS
from services.visier import Client, RateLimiter, SharedLists
from services.visier.rate_limiter import Slots
from tests.faults.columns import Strike
from tests.ledgers import empty_ledger
from tests.pages.conftest import sign_in_to
from tests.sandboxes import Sandbox, running_sandbox
from tests.services.visier.clock import Clock

TENANTS = 12
NOTE = "note_the_answer"


class Tracebacks(logging.Handler):
    """Keeps what was logged with a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


@dataclass
class Stage:
    """A sandbox, the clock by which nobody waits long, and what went to the log."""

    sandbox: Sandbox
    clock: Clock
    folder: Path
    log: Tracebacks
    patched: pytest.MonkeyPatch
    number: int = 0
    answer: object = field(default=None)

    def afresh(self) -> None:
        """Begin anew: a sandbox as at its start, an empty ledger, nothing remembered."""
        self.number += 1
        url = empty_ledger(self.folder / f"{self.number}.sqlite3")
        self.patched.setenv("DASHBOARD_LEDGER_URL", url)
        st.cache_resource.clear()
        bootstrap.settings.cache_clear()
        self.sandbox.control.reset()
        self.sandbox.control.clear_requests()
        self.log.seen.clear()

    def strike(self, operation: str, strike: Strike) -> None:
        """Let a fault meet this operation from now on; count its requests from here."""
        self.sandbox.control.clear_requests()
        self.sandbox.control.fault(operation, strike.fault, **{"times": 0, **strike.details})

    def calm(self) -> None:
        """End every fault, and every wait it has led to."""
        self.sandbox.control.clear_faults()
        self.clock.now += 600

    def asked(self, operation: str) -> list[int]:
        """Return the status of each request of this operation; 0 where the connection was cut."""
        return [each["status"] for each in self.sandbox.control.requests(operation)]

    def note(self, payload: object, _: str) -> object:
        """Keep an answer as it would be without a fault."""
        self.answer = orjson.loads(orjson.dumps(payload))
        return payload


@contextmanager
def stage() -> Iterator[Stage]:
    """Set the stage, and leave nothing behind."""
    clock, log = Clock(), Tracebacks()
    loggers = [logging.getLogger(name) for name in (None, "streamlit")]
    with (
        running_sandbox(tenants=TENANTS) as sandbox,
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
    ):
        sign_in_to(sandbox, patched)
        made = Stage(sandbox, clock, Path(folder), log, patched)

        def rate_limiter(slots: Slots | None = None) -> RateLimiter:
            return clock.rate_limiter(None, slots)

        patched.setattr(visier, "RateLimiter", rate_limiter)
        # No timer draws a page anew once the names are there.
        patched.setattr(tenants, "NAMES_PATIENCE", 5.0)
        patched.setattr(visier, "Client", partial(Client, sleep=lambda _seconds: None))
        patched.setattr(visier, "SharedLists", partial(SharedLists, clock=clock))
        patched.setitem(DISTORTIONS, NOTE, made.note)
        for logger in loggers:
            logger.addHandler(log)
        try:
            yield made
        finally:
            for logger in loggers:
                logger.removeHandler(log)
            st.cache_resource.clear()
            bootstrap.settings.cache_clear()
