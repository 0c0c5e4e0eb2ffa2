"""What a start is for, as its item keeps it: of which kind, and how many of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from .forms import ConsolidationForm, LoadForm, ScopedForm, StartForm


class TargetKind(StrEnum):
    """What a start is for."""

    FILES = "files"
    TENANTS = "tenants"
    ALL_TENANTS = "all_tenants"
    OWN_TENANT = "own_tenant"


@dataclass(frozen=True)
class Listed:
    """How many tenants were listed, and how many of them disabled, when a start was confirmed.

    ``is_complete`` is False where there are more.
    """

    tenants: int
    is_complete: bool = True
    disabled: int = 0


@dataclass(frozen=True)
class Target:
    """What a start is for.

    ``count`` files or tenants are named; of a single tenant ``tenant_code`` is the code. Of all
    tenants ``left_out`` counts those it is not for, and ``listed`` is how many there were; None
    where that was not known.
    """

    kind: TargetKind
    count: int = 0
    tenant_code: str = ""
    left_out: int = 0
    listed: Listed | None = None


OF_TARGET: Final = TypeAdapter(Target)


def target_of(form: StartForm, listed: Listed | None = None) -> Target:
    """Return what a form is for; raises ValueError for one of no known kind."""
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
