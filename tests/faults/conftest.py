"""One stage for all rows of a file, and the faults that are brought onto them."""

from collections.abc import Iterator, Sequence

import pytest

from tests.faults.columns import KINDS, Column
from tests.faults.stage import Stage, stage


@pytest.fixture(scope="module")
def stage_of_all() -> Iterator[Stage]:
    with stage() as made:
        yield made


@pytest.fixture(
    params=[
        pytest.param(KINDS, id="of each kind"),
        pytest.param((), id="every", marks=pytest.mark.slow),
    ]
)
def columns(request: pytest.FixtureRequest) -> Sequence[Column]:
    """One fault of each kind that a screen can tell apart, or none: all there are."""
    found: Sequence[Column] = request.param
    return found
