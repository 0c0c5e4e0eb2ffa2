"""Every fault of the sandbox, as the columns of the matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from services.sandbox.distortions import DISTORTIONS
from services.sandbox.faults import FIVE_UPLOADS, PARTIAL_FAILURE

BEFORE, AFTER = "before", "after"
NO_KEY = "No API key found in request"
# A hang that outlasts every patience ends as this one does: with a connection that is cut.
A_MOMENT = 0.01


@dataclass(frozen=True)
class Strike:
    """One fault as the sandbox is told of it: until it is cleared, unless ``details`` say else."""

    fault: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        words = (str(word) for word in self.details.values() if word in (BEFORE, AFTER))
        return " ".join([self.fault, *words])


@dataclass(frozen=True)
class Column:
    """A fault that is brought onto every screen, and those that no screen can tell from it."""

    title: str
    strike: Strike
    alike: tuple[Strike, ...] = ()

    @property
    def distorts(self) -> bool:
        """Say whether it changes what an answer says, and so only some answers."""
        return self.strike.fault in DISTORTIONS

    @property
    def faults(self) -> set[str]:
        """The names of all its faults."""
        return {each.fault for each in (self.strike, *self.alike)}


def _all(when: str, *faults: str) -> tuple[Strike, ...]:
    return tuple(Strike(fault, {"when": when}) for fault in faults)


def _silence(when: str) -> tuple[Strike, ...]:
    return (Strike("hang", {"when": when, "seconds": A_MOMENT}),)


def _failure(when: str) -> tuple[Strike, ...]:
    gateway = Strike("gateway", {"when": when, "status": 503})
    return (gateway, *_all(when, "502", "503", "504"))


ON_THE_WAY = (
    Column(
        "slow",
        Strike("latency", {"seconds": A_MOMENT}),
        (Strike("slow_body", {"seconds": A_MOMENT}), Strike("207", {"when": AFTER})),
    ),
    Column("401 once", Strike("401", {"times": 1})),
    Column("401", Strike("401")),
    Column("key refused", Strike("gateway", {"status": 401, "value": NO_KEY})),
    Column("403", Strike("403")),
    Column("404", Strike("404")),
    Column("400", Strike("400"), (Strike("409"), Strike("422"))),
    Column("429 short", Strike("429", {"times": 1, "retry_after": 1})),
    Column("429 long", Strike("429", {"times": 2, "retry_after": 7})),
    Column("cut before", Strike("cut", {"when": BEFORE}), _silence(BEFORE)),
    Column("cut after", Strike("cut", {"when": AFTER}), _silence(AFTER)),
    Column("5xx before", Strike("500", {"when": BEFORE}), _failure(BEFORE)),
    Column("5xx after", Strike("500", {"when": AFTER}), _failure(AFTER)),
    Column("nonsense before", Strike("html", {"when": BEFORE}), _all(BEFORE, "malformed", "empty")),
    Column("nonsense after", Strike("html", {"when": AFTER}), _all(AFTER, "malformed", "empty")),
)

# Of which fields a distortion is about, an operation's row says: "key" or "status".
OF_FIELDS = ("drop_field", "null_field")
NAMES_A_FIELD = "other_value"
# Of another id and of another value alike it is asked how it stands.
LIKE = {"other_key": (Strike(NAMES_A_FIELD, {"value": "credentialId=another"}),)}
IN_THE_ANSWER = (
    *(
        Column(f"{name} {part}", Strike(name, {"value": part}))
        for name in OF_FIELDS
        for part in ("key", "status")
    ),
    *(
        Column(name, Strike(name), LIKE.get(name, ()))
        for name in DISTORTIONS
        if name not in (*OF_FIELDS, NAMES_A_FIELD)
    ),
    Column(PARTIAL_FAILURE, Strike(PARTIAL_FAILURE)),
    Column(FIVE_UPLOADS, Strike(FIVE_UPLOADS)),
)
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {column.title: column for column in (*ON_THE_WAY, *IN_THE_ANSWER)}
)
# One of each kind of outcome that a screen can tell apart: it was refused, the budget is used up,
# it was lost before or after it was done, its answer is odd.
KINDS = tuple(
    COLUMNS[title] for title in ("403", "429 long", "cut before", "cut after", "nonsense after")
)
