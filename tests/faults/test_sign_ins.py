"""The faults of the sandbox, met by whoever signs in or is signed in."""

from collections.abc import Sequence

import pytest

from tests.faults.columns import Column
from tests.faults.document import check_published
from tests.faults.running import run_renewal, run_sign_in
from tests.faults.sign_ins import RENEWALS, SIGN_INS
from tests.faults.stage import Stage


@pytest.mark.parametrize("operation", SIGN_INS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str, columns: Sequence[Column]) -> None:
    row = SIGN_INS[operation]
    check_published(row, run_sign_in(stage_of_all, row, columns), columns)


@pytest.mark.parametrize("screen", RENEWALS)
def test_no_fault_misleads_who_does_not_click(
    stage_of_all: Stage, screen: str, columns: Sequence[Column]
) -> None:
    row = RENEWALS[screen]
    check_published(row, run_renewal(stage_of_all, row, columns), columns)
