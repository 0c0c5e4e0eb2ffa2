"""What is said of deliveries, also where there is nothing to say."""

import pandas as pd

from dashboard.components.delivery_words import JUDGEMENT, reasons

ROW = {
    "uploads": 3,
    "live_jobs": 0,
    "received": 3,
    "is_excluded": False,
    "disabled": 0,
    "judgement": next(iter(JUDGEMENT)),
}
NOTHING = pd.DataFrame(columns=["delivery_id", "reason", "value", "out_of"])


def test_where_none_is_unusual_each_delivery_says_so() -> None:
    rows = pd.DataFrame([{"delivery_id": id_, **ROW} for id_ in ("a", "b")])
    rows.loc[1, "is_excluded"] = True
    assert reasons(rows, NOTHING).tolist() == [JUDGEMENT[next(iter(JUDGEMENT))], "Excluded"]
