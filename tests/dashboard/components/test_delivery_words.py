"""What is said of a delivery."""

import pandas as pd

from dashboard.components import delivery_words
from services.monitoring.deliveries import Judgement


def test_where_no_delivery_is_unusual_each_says_so() -> None:
    rows = pd.DataFrame(
        {
            "delivery_id": ["one", "other"],
            "judgement": [Judgement.USUAL, Judgement.TOO_LITTLE_KNOWN],
            "uploads": [3, 2],
            "live_jobs": 0,
            "received": 0,
            "disabled": 0,
            "is_excluded": [False, True],
        }
    )
    found = delivery_words.reasons(rows, pd.DataFrame({"delivery_id": []}))
    assert list(found) == ["As usual", "Excluded"]
