"""The faults of the sandbox, met by the screens of all that changes something."""

from collections.abc import Sequence

import pytest

from tests.faults.columns import Column
from tests.faults.document import check_published
from tests.faults.running import run_write
from tests.faults.stage import Stage
from tests.faults.writes import CHANGES


@pytest.mark.parametrize("operation", CHANGES)
def test_no_fault_misleads(stage_of_all: Stage, operation: str, columns: Sequence[Column]) -> None:
    row = CHANGES[operation]
    check_published(row, run_write(stage_of_all, row, columns), columns)
