"""Which deliveries Overview names, and in which order."""

import pandas as pd

from pages.overview.deliveries import still_included, worst_first


def test_the_delivery_of_most_tenants_is_named_first_and_then_the_newest() -> None:
    newest_first = pd.DataFrame(
        {
            "delivery_id": ["newest", "of most", "oldest"],
            "tenants": [7, 1000, 3],
            "unusual": [1.0, 1.0, 9.0],
        }
    )
    assert list(worst_first(newest_first)["delivery_id"]) == ["of most", "newest"]
    assert list(worst_first(newest_first.iloc[1:])["delivery_id"]) == ["of most"]


def test_a_delivery_that_is_partly_excluded_says_how_much_of_it_is_left() -> None:
    assert still_included(pd.Series({"uploads": 1000, "excluded": 0})) == ""
    left = still_included(pd.Series({"uploads": 1000, "excluded": 999}))
    assert left == "; 1 of 1,000 uploads still included"
