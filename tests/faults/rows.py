"""The rows of the matrix: each operation, the screen that uses it, and how a person gets there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streamlit.testing.v1 import AppTest

from tests.sandboxes import Sandbox

State = Mapping[str, object]


@dataclass(frozen=True)
class Read:
    """A read: ``open`` brings a screen to where it reads; ``key`` and ``status`` name fields.

    What only ``comforts`` leaves the rows of its screen there, whatever becomes of it.
    """

    operation: str
    screen: str
    open: Callable[[], AppTest]
    key: str
    status: str = "status"
    comforts: bool = False


@dataclass(frozen=True)
class Renewal:
    """A sign-in that nobody clicks for: it comes with the next run of what ``prepare`` returns."""

    operation: str
    screen: str
    prepare: Callable[[Sandbox], AppTest]
    key: str = ""
    status: str = ""


@dataclass(frozen=True)
class Write:
    """A write: ``prepare`` fills in everything, ``act`` clicks and waits for the end.

    ``state`` tells how each thing that may be changed stands in the sandbox, under the name that
    people read for it; ``requests`` is how many requests the click is to make.
    """

    operation: str
    screen: str
    prepare: Callable[[Sandbox], AppTest]
    act: Callable[[AppTest], AppTest]
    state: Callable[[Sandbox], State]
    key: str
    status: str = "status"
    requests: int = 1
    starts: bool = field(default=False)
