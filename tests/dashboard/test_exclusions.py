"""Since when an upload is out by what was done from here."""

from collections.abc import Sequence

import pandas as pd
import pytest

from dashboard.exclusions import exclusions_of
from services.operations import Verb
from services.operations.excluded import absences

OUT, IN = Verb.EXCLUDE_UPLOADS, Verb.INCLUDE_UPLOADS
ALL_OUT, ALL_IN = Verb.EXCLUDE_ALL_UPLOADS, Verb.INCLUDE_ALL_UPLOADS
DAY = pd.Timestamp("2026-11-28", tz="UTC")
UPLOADED_AT = 1
Change = tuple[Verb, int]


def done_here(changes: Sequence[Change]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tenant_code": "a",
            "upload_time_text": pd.array(
                [None if verb in (ALL_OUT, ALL_IN) else "one" for verb, _ in changes], dtype="str"
            ),
            "excluded_at": pd.to_datetime(
                [DAY + pd.Timedelta(hours=hour) for _, hour in changes], utc=True
            ).as_unit("ms"),
            "verb": [verb for verb, _ in changes],
            "first_id": pd.array([f"{verb} {hour}" for verb, hour in changes], dtype="str"),
        }
    )


def listed(*, included: bool = True) -> pd.DataFrame:
    """Give an upload of one o'clock of each of two tenants, of which the first was changed."""
    return pd.DataFrame(
        {
            "tenant_code": pd.array(["a", "b"], dtype="str"),
            "upload_time_text": pd.array(["one", "one"], dtype="str"),
            "upload_time": [DAY + pd.Timedelta(hours=UPLOADED_AT)] * 2,
            "included": pd.array([included, True], dtype="boolean"),
        }
    )


def since(changes: Sequence[Change]) -> tuple[int, str] | None:
    """Give the hour since when an upload of one o'clock is out, and by what; None for not known."""
    found = exclusions_of(listed(), done_here(changes))
    assert found.iloc[1].isna().all()
    at, by = found.iloc[0]
    return None if pd.isna(at) else ((at - DAY) // pd.Timedelta(hours=1), by)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([(OUT, 2)], (2, f"{OUT} 2")),
        # What is out now was then excluded elsewhere, nobody knows when.
        ([(OUT, 2), (IN, 3)], None),
        ([(IN, 3), (OUT, 2)], None),
        ([(OUT, 2), (IN, 3), (OUT, 4)], (4, f"{OUT} 4")),
        ([(OUT, 2), (ALL_IN, 3)], None),
        ([(ALL_OUT, 2)], (2, f"{ALL_OUT} 2")),
        ([(ALL_OUT, 2), (IN, 3)], None),
        ([(IN, 2), (ALL_OUT, 3)], (3, f"{ALL_OUT} 3")),
        ([(ALL_OUT, 2), (ALL_IN, 3), (OUT, 4)], (4, f"{OUT} 4")),
        # It came later than all that were there.
        ([(ALL_OUT, 0)], None),
    ],
)
def test_an_upload_is_out_since_the_last_exclusion_that_holds(
    changes: Sequence[Change], told: tuple[int, str] | None
) -> None:
    assert since(changes) == told


@pytest.mark.parametrize(
    ("changes", "included", "spans"),
    [
        ([(OUT, 2)], False, [(2, None)]),
        # It is in although nobody here has included it: nobody knows since when.
        ([(OUT, 2)], True, []),
        ([(OUT, 2), (IN, 3)], True, [(2, 3)]),
        ([(IN, 3), (OUT, 2)], True, [(2, 3)]),
        ([(OUT, 2), (IN, 3), (OUT, 4), (IN, 6)], True, [(2, 3), (4, 6)]),
        ([(OUT, 2), (IN, 3), (OUT, 4)], False, [(2, 3), (4, None)]),
        ([(OUT, 2), (ALL_IN, 3)], True, [(2, 3)]),
        ([(OUT, 2), (ALL_OUT, 3), (ALL_IN, 5)], True, [(2, 5)]),
        ([(ALL_OUT, 0), (IN, 3)], True, []),
        ([(IN, 3)], True, []),
    ],
)
def test_an_upload_was_out_from_each_exclusion_until_it_was_included_again(
    changes: Sequence[Change], included: bool, spans: Sequence[tuple[int, int | None]]
) -> None:
    found = absences(listed(included=included), done_here(changes))
    assert set(found["upload"]) <= {0}
    from_when, until = (
        [None if pd.isna(at) else (at - DAY) // pd.Timedelta(hours=1) for at in found[name]]
        for name in ("excluded_at", "included_at")
    )
    assert [*zip(from_when, until, strict=True)] == [*spans]
