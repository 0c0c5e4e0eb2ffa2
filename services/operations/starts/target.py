"""The target of a start, as its item keeps it: files or tenants, and how many."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from .forms import ConsolidationForm, LoadForm, ScopedForm, StartForm


class TargetKind(StrEnum):
    """The kinds of target."""

    FILES = "files"
    TENANTS = "tenants"
    ALL_TENANTS = "all_tenants"
    OWN_TENANT = "own_tenant"


@dataclass(frozen=True)
class Listed:
    """How many tenants were listed, and of them disabled, when a start was confirmed.

    ``is_complete`` is False where the list has more.
    """

    tenants: int
    is_complete: bool = True
    disabled: int = 0


@dataclass(frozen=True)
class Target:
    """The files or tenants of a start.

    ``count`` files or tenants are named; of a single tenant ``tenant_code`` is the code. For all
    tenants ``left_out`` counts the excluded ones, and ``listed`` is how many there were; None where
    that was unknown.
    """

    kind: TargetKind
    count: int = 0
    tenant_code: str = ""
    left_out: int = 0
    listed: Listed | None = None


OF_TARGET: Final = TypeAdapter(Target)


def target_of(form: StartForm, listed: Listed | None = None) -> Target:
    """Return the target of a form; raises ValueError for an unknown kind of form."""
    match form:
        case LoadForm():
            return Target(TargetKind.FILES, len(form.files))
        case ConsolidationForm():
            return Target(TargetKind.TENANTS, 1, form.tenant_code)
        case ScopedForm(all_tenants=True):
            left_out = len(form.excluded_tenants or ())
            return Target(TargetKind.ALL_TENANTS, left_out=left_out, listed=listed)
        case ScopedForm(tenants=[code]):
            return Target(TargetKind.TENANTS, 1, code)
        case ScopedForm(tenants=[*codes]):
            return Target(TargetKind.TENANTS, len(codes))
        case ScopedForm():
            return Target(TargetKind.OWN_TENANT)
    raise ValueError(form.verb)
