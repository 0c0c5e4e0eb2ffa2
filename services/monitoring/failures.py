"""What failed jobs have in common: their messages without what is each job's own."""

import hashlib
import re
from typing import Final

import numpy as np
import pandas as pd

from services.frames import JobType, Status

from .phrases import in_words

FAILED: Final = frozenset({Status.FAILED, Status.ERROR, Status.ROLLED_BACK})

_ENDS: Final = {
    Status.FAILED: "failed",
    Status.ERROR: "ended in an error",
    Status.ROLLED_BACK: "was rolled back",
}
# What is kept comes first: of all that fits at one place, the first counts.
_OWN: Final = re.compile(
    r"""
    (?P<code>\[(?!RCIP)[A-Z][A-Z_-]*\d+\])
    | (?P<quoted>
        (?<!\w)'[^'\n]+'(?!\w) | "[^"\n]+" | `[^`\n]+`
        | \u201c[^\u201d\n]+\u201d | \u2018[^\u2019\n]+\u2019(?!\w)
      )
    | (?P<value>
        \b[0-9a-zA-Z]{8}(?:-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}\b
        | \b(?=[a-f]*\d)[0-9a-f]{16,}\b
        | \bRCIP\d+\b
        | \bWFF_\w+(?:~[\w-]+)? | \b\w+~[\w-]+
        | \b\d{4}-\d\d-\d\d(?:[T\x20]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b
      )
    | (?P<number>\d+(?:[.,:]\d+)*)
    """,
    re.VERBOSE,
)
_VALUE, _NUMBER = "…", "#"


def fingerprint(messages: "pd.Series[str]") -> "pd.Series[str]":
    """Return the messages without what is each job's own, str; a missing one stays missing.

    Ids, tenant codes, times and quoted values become `…`, all other numbers `#`; spaces are one.
    Codes of errors in brackets, such as `[DP510002]`, stay.
    """
    codes, distinct = pd.factorize(messages)
    # Each distinct text once: thousands of jobs fail alike, apart from their ids.
    plain = pd.array([_without_own(text) for text in distinct], dtype="str")
    return pd.Series(plain.take(codes, allow_fill=True), messages.index, name="fingerprint")


def groups(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per fingerprint among the failed jobs, most hit first.

    `jobs` has the columns of services.frames.jobs.SCHEMA; failed are Failed, Error and Rolled
    back. Columns: key str (short, the same for the same fingerprint everywhere and always, fit
    for a URL), fingerprint str (for jobs without a message built from type, status and stage),
    job_type str (all that are hit, separated by `, `), jobs int64, tenants int64 (distinct ones),
    first and last datetime64[ms, UTC] (of their starts), example str (the whole message of the
    latest, missing where there is none).
    """
    failed = _failed(jobs).sort_values("start_time", na_position="first", kind="stable")
    by_text = failed.groupby("fingerprint", sort=False)
    found = pd.DataFrame(
        {
            "job_type": by_text["job_type"].agg(_all_of).astype("str"),
            "jobs": by_text.size(),
            "tenants": by_text["tenant_code"].nunique(),
            "first": by_text["start_time"].min(),
            "last": by_text["start_time"].max(),
            "example": by_text["message"].last(),
        }
    ).reset_index()
    found.insert(0, "key", found["fingerprint"].map(_key).astype("str"))
    most_hit = ["jobs", "tenants", "last", "fingerprint"]
    return found.sort_values(most_hit, ascending=[False, False, False, True], ignore_index=True)


def cause(groups: pd.DataFrame) -> str:
    """Return the reason of most failures: `58 of 69: [DP510002] Unexpected …`; "" if unknown.

    `groups` is what `groups` returns.
    """
    explained = groups[groups["example"].notna()]
    if explained.empty:
        return ""
    most = explained.iloc[0]
    return f"{most['jobs']:,} of {groups['jobs'].sum():,}: {most['fingerprint']}"


def of_group(jobs: pd.DataFrame, key: str) -> "pd.Series[bool]":
    """Return which jobs are those of the group with this key; none for a key of no group."""
    texts = _failed(jobs)["fingerprint"]
    distinct = texts.unique()
    meant = [text for text in distinct if _key(text) == key]
    return pd.Series(jobs.index.isin(texts.index[texts.isin(meant)]), jobs.index)


def keys(jobs: pd.DataFrame) -> "pd.Series[str]":
    """Return for each failed job the key of its group, with the index of `jobs`; failed alone."""
    texts = _failed(jobs)["fingerprint"]
    codes, distinct = pd.factorize(texts)
    named = pd.array([_key(text) for text in distinct], dtype="str")
    return pd.Series(named.take(codes, allow_fill=True), texts.index, name="key")


def _failed(jobs: pd.DataFrame) -> pd.DataFrame:
    failed = jobs[jobs["status"].isin(FAILED)]
    failed = failed.assign(job_type=failed["job_type"].astype("str"))
    own = fingerprint(failed["message"])
    return failed.assign(fingerprint=own.where(own.notna(), _built(failed)))


def _built(failed: pd.DataFrame) -> "pd.Series[str]":
    """Return a fingerprint in place of the message that a job does not have."""
    kinds = failed[["job_type", "status", "stage"]].astype("str").fillna("")
    found, distinct = pd.factorize(pd.MultiIndex.from_frame(kinds))
    words = pd.array([built(*each) for each in distinct], dtype="str")
    return pd.Series(words.take(found), failed.index)


def built(job_type: str, status: str, stage: str) -> str:
    """Return the words of a failure without a message; `stage` is "" where it has none."""
    # A link names a kind of failure by these words: another one would lead nowhere.
    kind = "Job" if job_type == JobType.OTHER else in_words(job_type).capitalize()
    where = f" in stage {stage}" if stage else ""
    return f"{kind} {_ENDS[Status(status)]}{where}"


def _without_own(text: str) -> str:
    return " ".join(_OWN.sub(_stand_in, text).split())


def _stand_in(found: re.Match[str]) -> str:
    if found.lastgroup == "code":
        return found[0]
    if found.lastgroup == "quoted":
        return found[0][0] + _VALUE + found[0][-1]
    return _NUMBER if found.lastgroup == "number" else _VALUE


def _key(text: str) -> str:
    return hashlib.blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()


def _all_of(job_types: "pd.Series[str]") -> str:
    return ", ".join(np.unique(job_types.to_numpy(str)))
