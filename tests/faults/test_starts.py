"""Every fault of the sandbox, met by the screens of all that starts jobs."""

import pytest

from tests.faults.document import PUBLISHED, lines
from tests.faults.running import run_write
from tests.faults.stage import Stage
from tests.faults.writes import STARTS


@pytest.mark.parametrize("operation", STARTS)
def test_no_fault_misleads(stage_of_all: Stage, operation: str) -> None:
    row = STARTS[operation]
    cells = run_write(stage_of_all, row)
    published = PUBLISHED.read_text(encoding="utf-8").splitlines()
    for line in lines(row, cells):
        assert line in published, "run make reliability"
