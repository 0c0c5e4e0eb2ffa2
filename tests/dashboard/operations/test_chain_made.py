"""Why some uploads have no enabled data version reads as a reason with its count."""

import pandas as pd
import pytest

from dashboard.operations.chain_made import ALL_DISABLED, NONE_MADE, NOT_LISTED, Made
from services.monitoring.deliveries import Made as Outcome

SOME, NONE = pd.DataFrame({"data_version": ["1", "2"]}), pd.DataFrame()


@pytest.mark.parametrize(
    ("chosen", "why_not", "label", "words"),
    [
        (SOME, {}, "Disable 2 data versions made from these…", ""),
        (
            SOME,
            {Outcome.FAILED: 1, NOT_LISTED: 2_000},
            "Disable 2 data versions made from these (2,001 uploads have none)…",
            "2,001 uploads have no data version to disable: 1 processing failed; 2,000 upload not "
            "listed (Visier lists at most the latest five of a tenant).",
        ),
        (
            NONE,
            {Outcome.DISABLED: 722, Outcome.NOT_STARTED: 1},
            "Disable 0 data versions made from these (723 uploads have none)…",
            f"{NONE_MADE}: 722 data version disabled; 1 not processed since.",
        ),
        (
            NONE,
            {Outcome.DISABLED: 1},
            "Disable 0 data versions made from these (1 upload has none)…",
            ALL_DISABLED,
        ),
        (NONE, {}, "Disable 0 data versions made from these…", f"{NONE_MADE}."),
    ],
)
def test_a_count_stands_before_its_reason(
    chosen: pd.DataFrame, why_not: dict[str, int], label: str, words: str
) -> None:
    made = Made(chosen, chosen, pd.Series(why_not, dtype="int64"))
    assert (made.label, made.in_words) == (label, words)
