"""Every fault of the sandbox, met by the screens of all that is read."""

import pytest

from tests.faults.document import check_published
from tests.faults.reads import READS
from tests.faults.running import run_read
from tests.faults.stage import Stage


@pytest.mark.parametrize("operation", READS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str) -> None:
    row = READS[operation]
    check_published(row, run_read(stage_of_all, row))
