"""What readers see once data versions are disabled, in the columns of a plan."""

from datetime import datetime
from typing import Final

import pandas as pd

from dashboard.components import formats, tables

AGE_HELP: Final = "Age of the data version that readers then see"


def with_fallbacks(items: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return the items of a plan with what `columns` shows, where they tell it."""
    if "falls_back_to" not in items:
        return items
    return items.assign(
        falls_back_to=formats.version_numbers(items["falls_back_to"]),
        falls_back_age=formats.ages(items["falls_back_date"], now),
    )


def columns(items: pd.DataFrame) -> tables.Columns:
    """Return the columns that `with_fallbacks` fills, none where the items do not tell it."""
    if "falls_back_to" not in items or items["falls_back_to"].isna().all():
        return {}
    return {
        "falls_back_to": tables.version_column("Falls back to", items["falls_back_to"], width=115),
        "falls_back_age": tables.age_column("Its age", AGE_HELP),
    }
