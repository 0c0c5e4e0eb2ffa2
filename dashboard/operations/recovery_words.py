"""A recovery in words: by what it was found, what reading back has told, why nothing is compared.

Earlier versions kept these in words, which are shown as they are.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.components import delivery_words
from services.frames.times import parse_one
from services.operations.recovery.finding import By
from services.operations.recovery.incident import FoundBy
from services.operations.recovery.verdicts import Check, Evidence, NotCompared, Seen, Uncompared

_NOT_COMPARED: Final[Mapping[Uncompared, str]] = {
    Uncompared.REFUSED: "Visier does not report metric values: {said}",
    Uncompared.PRIMARY_ONLY: "Visier reports metric values for the primary data category only.",
    Uncompared.UNASKED: "Metric comparison was turned off.",
    Uncompared.NO_RECOVERY: "Metric values are compared only in a recovery.",
}
_SEEN: Final[Mapping[Seen, str]] = {
    Seen.LEFT_OUT: "Left out.",
    Seen.NOT_LISTED: "Its processing job is not listed yet.",
    Seen.NO_START: "No processing job was started.",
    Seen.SUCCEEDED: "Its processing job succeeded.",
    Seen.RUNS: "Its processing job is {status_word}.",
    Seen.ENDED: "Its processing job ended as {status_word}. {message}",
    Seen.STANDS: "Its processing job has status {status_word}.",
    Seen.STILL_INCLUDED: "The upload is still included.",
    Seen.EXCLUDED: "The upload is excluded.",
    Seen.UPLOAD_UNLISTED: "No longer listed: Visier lists at most five uploads of a tenant.",
    Seen.STILL_ENABLED: "Still enabled: {data_versions}.",
    Seen.NOT_TOLD: "Visier does not report whether it is disabled.",
    Seen.DISABLED: "Disabled: {data_versions}.",
    Seen.FALLS_BACK: "Readers fall back to {data_version}.",
    Seen.NONE_LEFT: "No enabled version is left.",
    Seen.VERSIONS_UNLISTED: "Visier does not list its data versions.",
    Seen.IN_USE: "In use: {data_version} of {date}.",
    Seen.NO_NEWER: "No newer version: {data_version} is in use.",
    Seen.NONE_IN_USE: "No version is in use.",
}
_MADE: Final = "Its processing job succeeded and made data version {data_version}."


def check(given: Check) -> str:
    """Return what a verdict rests on."""
    return given.words or evidence(given.evidence)


def evidence(seen: Iterable[Evidence]) -> str:
    """Return what was seen by reading back."""
    return " ".join(_seen(each) for each in seen)


def _seen(given: Evidence) -> str:
    facts = dict(given.facts)
    if given.seen is Seen.SUCCEEDED and facts:
        return _MADE.format_map(facts)
    if "data_versions" in facts:
        facts["data_versions"] = ", ".join(facts["data_versions"])
    date = parse_one(facts.get("date", ""))
    facts["date"] = f"{date:%Y-%m-%d %H:%M} UTC" if date else ""
    return _SEEN[given.seen].format_map(facts).strip()


def not_compared(given: NotCompared | str) -> str:
    """Return why no metric values are compared; nothing where they are."""
    return given if isinstance(given, str) else _NOT_COMPARED[given.why].format(said=given.said)


def found_by(given: FoundBy | None, how: str, zone: ZoneInfo) -> str:
    """Return by what a bad load was found; ``how`` is what an earlier version kept of it."""
    if given is None:
        return how
    match given.by:
        case By.DELIVERY:
            return f"{_delivery(given, zone)} ({given.delivery_id})"
        case By.JOB:
            return f"receiving job {given.job_id}"
        case By.WINDOW:
            times = " to ".join(
                f"{each.astimezone(zone):%Y-%m-%d %H:%M}" if each else ""
                for each in (given.since, given.until)
            )
            of = f", tenants {given.tenants}" if given.tenants else ""
            return f"uploads that arrived {times} {zone.key}{of}"
        case By.TENANTS:
            return f"the latest upload of tenants {given.tenants}"
        case By.FAILURE:
            return f"jobs with the same failure: {given.failure}"


def _delivery(given: FoundBy, zone: ZoneInfo) -> str:
    arrived = pd.NaT if given.arrived is None else pd.Timestamp(given.arrived)
    row = pd.Series({"arrived": arrived, "tenants": given.of_tenants}, dtype=object)
    return delivery_words.title_on_record(row, zone)
