"""The faults of the sandbox, met by the screens of all that is read."""

from collections.abc import Sequence

import pytest

from tests.faults.columns import Column
from tests.faults.document import check_published
from tests.faults.reads import READS
from tests.faults.running import run_read
from tests.faults.stage import Stage


@pytest.mark.parametrize("operation", READS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str, columns: Sequence[Column]) -> None:
    row = READS[operation]
    # A read has no effect: lost before it or after is one.
    told = [column for column in columns if column.title != "cut after"]
    check_published(row, run_read(stage_of_all, row, told), told)
