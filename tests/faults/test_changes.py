"""Every fault of the sandbox, met by the screens of all that changes something."""

import pytest

from tests.faults.document import check_published
from tests.faults.running import run_write
from tests.faults.stage import Stage
from tests.faults.writes import CHANGES


@pytest.mark.parametrize("operation", CHANGES)
def test_no_fault_misleads(stage_of_all: Stage, operation: str) -> None:
    row = CHANGES[operation]
    check_published(row, run_write(stage_of_all, row))
