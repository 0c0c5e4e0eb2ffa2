"""Uploads excluded and versions disabled with this console, which are no news to its users."""

from typing import Final

import pandas as pd
import pyarrow as pa

from services.frames import times
from services.ledger import Ledger, Outcome

from .engine.changes import read_key
from .tokens import Verb

EXCLUDING: Final = (Verb.EXCLUDE_UPLOADS, Verb.EXCLUDE_ALL_UPLOADS)
INCLUDING: Final = (Verb.INCLUDE_UPLOADS, Verb.INCLUDE_ALL_UPLOADS)
_OF_UPLOAD: Final = ["tenant_code", "upload_time_text"]


def excluded_by(ledger: Ledger, operation_id: str, count: int) -> pd.DataFrame:
    """Return the uploads an operation of EXCLUDING or INCLUDING has changed: `count` succeeded.

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


def disabled_by(ledger: Ledger, operation_id: str, count: int) -> pd.DataFrame:
    """Return the versions of the primary category an operation has disabled: `count` succeeded.

    Columns: tenant_code and data_version str, data_version_date datetime64[ms, UTC].
    """
    items = ledger.items(operation_id, {Outcome.SUCCEEDED}, limit=count)
    keys = [key for key in (read_key(item.key) for item in items) if not key[3]]
    codes, numbers, dates = (
        pd.array([key[place] for key in keys], dtype="str") for place in range(3)
    )
    return pd.DataFrame(
        {
            "tenant_code": codes,
            "data_version": numbers,
            "data_version_date": times.parse(pa.array(dates, pa.large_string())),
        }
    )


def that_hold(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the last change of each upload, and of each tenant changed as a whole.

    `changes` has the columns of `excluded_by`, verb and others, which are kept. An upload that was
    last included has no `excluded_at`: if it is excluded now, that was done elsewhere.
    """
    last = changes.sort_values("excluded_at", kind="stable").drop_duplicates(
        _OF_UPLOAD, keep="last"
    )
    is_whole = last["upload_time_text"].isna()
    whole = last[is_whole].set_index("tenant_code")["excluded_at"].reindex(last["tenant_code"])
    # A change of the whole tenant replaces those of single uploads before it.
    last = last[is_whole | ~(whole.set_axis(last.index) > last["excluded_at"])]
    is_out = last["verb"].isin(EXCLUDING)
    return last.assign(excluded_at=last["excluded_at"].where(is_out)).drop(columns="verb")


def absences(uploads: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Return from when until when uploads were excluded, as far as that was done from here.

    `uploads` has tenant_code, upload_time_text, upload_time and included; `changes` the columns of
    `excluded_by`, and verb. Columns: upload int64 (its row), excluded_at and included_at
    datetime64[ms, UTC], the latter missing of what is still out.
    """
    own = uploads[[*_OF_UPLOAD, "upload_time", "included"]].reset_index(drop=True)
    own = own.rename_axis("upload").reset_index()
    is_whole = changes["upload_time_text"].isna()
    single = changes[~is_whole].merge(own, on=_OF_UPLOAD)
    whole = changes[is_whole].drop(columns="upload_time_text").merge(own, on="tenant_code")
    # One that came later than a change of its tenant was not there to be changed.
    whole = whole[whole["upload_time"] <= whole["excluded_at"]]
    done = pd.concat([single, whole]).sort_values(["upload", "excluded_at"], kind="stable")
    done["is_out"] = done["verb"].isin(EXCLUDING)
    turns = done[done["is_out"] != done.groupby("upload")["is_out"].shift(fill_value=False)]
    spans = turns.assign(included_at=turns.groupby("upload")["excluded_at"].shift(-1))
    # One that is in although it was last excluded here was included elsewhere, nobody knows when.
    is_known = spans["included_at"].notna() | spans["included"].eq(False).fillna(False)
    found = spans.loc[spans["is_out"] & is_known, ["upload", "excluded_at", "included_at"]]
    return found.astype({"upload": "int64"}).reset_index(drop=True)
