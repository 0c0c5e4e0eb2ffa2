"""Which data uploads were excluded from here, and when: what a person has done is no news to it."""

from typing import Final

import pandas as pd

from services.ledger import Ledger, Outcome

from .engine.changes import read_key
from .tokens import Verb

EXCLUDING: Final = (Verb.EXCLUDE_UPLOADS, Verb.EXCLUDE_ALL_UPLOADS)


def excluded_by(ledger: Ledger, operation_id: str, count: int) -> pd.DataFrame:
    """Return what an operation of EXCLUDING has excluded: `count` of its items succeeded.

    Columns: tenant_code str, upload_time_text str (missing where it was every upload of the
    tenant), excluded_at datetime64[ms, UTC].
    """
    items = ledger.items(operation_id, {Outcome.SUCCEEDED}, limit=count)
    keys = [read_key(item.key) for item in items]
    return pd.DataFrame(
        {
            "tenant_code": pd.array([key[0] for key in keys], dtype="str"),
            "upload_time_text": pd.array(
                [key[1] if len(key) > 1 else None for key in keys], dtype="str"
            ),
            "excluded_at": pd.to_datetime([item.at for item in items], utc=True).as_unit("ms"),
        }
    )
