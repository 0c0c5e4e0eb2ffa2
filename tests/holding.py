"""Calls that wait for a test instead of a test that waits for calls."""

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

LONG_ENOUGH = 60.0


class Gate:
    """Where calls of a function wait until it is opened."""

    def __init__(self) -> None:
        self._reached, self._opened = threading.Event(), threading.Event()

    def pass_through(self) -> None:
        """Wait until the gate is opened."""
        self._reached.set()
        assert self._opened.wait(LONG_ENOUGH)

    def wait_for_somebody(self) -> None:
        """Wait until a call stands before the gate."""
        assert self._reached.wait(LONG_ENOUGH)

    def open(self) -> None:
        """Let everybody pass, from now on."""
        self._opened.set()


def gate_before(
    patched: pytest.MonkeyPatch, owner: object, name: str, *, after: int = 0, thread: str = ""
) -> Gate:
    """Put a gate before a function.

    ``after`` calls pass before it is there; ``thread`` begins the names of those who meet it.
    """
    gate, calls, original = Gate(), count(), getattr(owner, name)

    def call(*args: Any, **named: Any) -> Any:
        if threading.current_thread().name.startswith(thread) and next(calls) >= after:
            gate.pass_through()
        return original(*args, **named)

    patched.setattr(owner, name, call)
    return gate


def ends_of(patched: pytest.MonkeyPatch, owner: object, name: str) -> Callable[[], None]:
    """Return what waits until no call of a function is under way in any thread."""
    changed, original, under_way = threading.Condition(), getattr(owner, name), [0]

    def moved(by: int) -> None:
        with changed:
            under_way[0] += by
            changed.notify_all()

    def call(*args: Any, **named: Any) -> Any:
        moved(1)
        try:
            return original(*args, **named)
        finally:
            moved(-1)

    def wait() -> None:
        with changed:
            assert changed.wait_for(lambda: not under_way[0], LONG_ENOUGH)

    patched.setattr(owner, name, call)
    return wait
