"""The data versions that were made of the uploads a chain has excluded, and why of some none is."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard import data, deliveries
from dashboard.components import delivery_words, formats, tenants
from dashboard.connection import Connection
from services.monitoring.deliveries import Made as Outcome
from services.operations import read_key
from services.visier import PAGE_SIZE

ALL_DISABLED = "All data versions made from these uploads are already disabled."
NONE_MADE = "No data version made from these uploads is enabled"
NOT_LISTED = "not_listed"
"""Why nothing is known to be made of an upload that Visier lists no more."""
WHY_NOT = {
    **delivery_words.MADE,
    NOT_LISTED: "Upload not listed (Visier lists at most the latest five of a tenant)",
}


@dataclass(frozen=True, eq=False)
class Made:
    """The enabled versions made of some uploads, among all that are listed.

    `why_not` counts the uploads of which none is listed by the token of the reason (WHY_NOT).
    """

    chosen: pd.DataFrame
    listed: pd.DataFrame
    why_not: "pd.Series[int]"

    @property
    def label(self) -> str:
        """The button: `Disable 38 data versions made from these (2 uploads have none)…`."""
        count = int(self.why_not.sum())
        have = "has" if count == 1 else "have"
        none = f" ({formats.counted(count, 'upload')} {have} none)" if count else ""
        return f"Disable {formats.counted(len(self.chosen), 'data version')} made from these{none}…"

    @property
    def in_words(self) -> str:
        """Why some have none: `3 uploads have no data version to disable: 3 processing failed.`."""
        if [*self.why_not.index] == [Outcome.DISABLED] and self.chosen.empty:
            return ALL_DISABLED
        reasons = "; ".join(
            f"{count:,} {_within(WHY_NOT[str(why)])}" for why, count in self.why_not.items()
        )
        if self.chosen.empty:
            return f"{NONE_MADE}: {reasons}." if reasons else f"{NONE_MADE}."
        if not reasons:
            return ""
        count = int(self.why_not.sum())
        have = "has" if count == 1 else "have"
        return f"{formats.counted(count, 'upload')} {have} no data version to disable: {reasons}."


def _within(words: str) -> str:
    """Return words as they stand within a sentence."""
    return words[0].lower() + words[1:]


def calls(connection: Connection) -> tuple[int, bool]:
    """Return how many calls reading it takes, and whether that is at most: not for more tenants.

    Both lists and a week of jobs, but for what the page has read already.
    """
    known, uploads = tenants.at_hand(connection), data.load_uploads.of(connection, None)
    versions = data.load_data_versions.of(connection, None)
    listed, snapshot = len(known.frame), uploads.so_far() if uploads.is_fresh else None
    if snapshot is not None:
        listed = snapshot.frame["tenant_code"].nunique()
    pages = -(-max(1, listed) // PAGE_SIZE)
    kept = connection.job_monitor.kept(deliveries.WINDOW)
    lists = sum(not each.is_fresh for each in (uploads, versions))
    # Of jobs that were read, those of the last day are read again.
    of_jobs = deliveries.DAYS if kept is None else 1
    are_known = snapshot is not None or (known.is_complete and not known.frame.empty)
    return lists * pages + of_jobs, are_known


def read(connection: Connection, upload_keys: Sequence[str]) -> Made:
    """Read which versions were made of uploads, by the keys of the items that excluded them.

    Raises as `dashboard.deliveries.load`.
    """
    snapshot = deliveries.load(connection, with_versions=True)
    names = ["tenant_code", "upload_time_text"]
    wanted = pd.DataFrame([read_key(key)[:2] for key in upload_keys], columns=names, dtype="str")
    rows = (
        snapshot.uploads[names].assign(upload=range(len(snapshot.uploads))).drop_duplicates(names)
    )
    wanted = wanted.merge(rows, how="left", on=names)
    held = snapshot.found.versions
    versions = held.loc[held["upload"].isin(wanted["upload"]), "version"].unique()
    without = wanted[~wanted["upload"].isin(held["upload"])]
    made = snapshot.found.uploads.set_index("upload")["made"].astype("str")
    why_not = without["upload"].map(made).fillna(NOT_LISTED)
    listed = pd.DataFrame() if snapshot.versions is None else snapshot.versions
    return Made(listed.loc[sorted(versions)], listed, why_not.value_counts())
