"""The faults of the sandbox, met by the screens of all that starts jobs."""

from collections.abc import Sequence

import pytest

from tests.faults.columns import Column
from tests.faults.document import check_published
from tests.faults.running import run_write
from tests.faults.stage import Stage
from tests.faults.writes import STARTS


@pytest.mark.parametrize("operation", STARTS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str, columns: Sequence[Column]) -> None:
    row = STARTS[operation]
    check_published(row, run_write(stage_of_all, row, columns), columns)
