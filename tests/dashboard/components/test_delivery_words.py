"""What is said of a delivery."""

import pandas as pd

from dashboard.components import delivery_words


def test_where_no_delivery_is_unusual_each_is_as_usual() -> None:
    rows = pd.DataFrame(
        {
            "delivery_id": ["a"],
            "uploads": [3],
            "judgement": ["usual"],
            "live_jobs": [0],
            "received": [3],
            "is_excluded": [False],
            "disabled": [0],
        }
    )
    nothing = pd.DataFrame(columns=["delivery_id", "reason"])
    assert delivery_words.reasons(rows, nothing).tolist() == ["As usual"]
