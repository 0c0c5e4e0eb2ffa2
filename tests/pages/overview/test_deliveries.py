"""Which deliveries Overview names, and in which order."""

import pandas as pd

from pages.overview.deliveries import worst_first


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
