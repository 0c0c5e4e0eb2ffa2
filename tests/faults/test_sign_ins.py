"""Every fault of the sandbox, met by whoever signs in."""

import pytest

from tests.faults.document import check_published
from tests.faults.running import run_sign_in
from tests.faults.sign_ins import SIGN_INS
from tests.faults.stage import Stage


@pytest.mark.parametrize("operation", SIGN_INS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str) -> None:
    row = SIGN_INS[operation]
    check_published(row, run_sign_in(stage_of_all, row))
