"""Cancelling jobs, at most 500 a request.

Key: tenant_code (empty where it is not known), job_id. States: a status and a type of job in words,
`Running extraction job`. Data and Job Handling API, POST /v1/op/jobs/cancel.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

import pandas as pd

from services.frames import ENDED, JobType, Outcome, Status, jobs, results
from services.frames.membership import is_among
from services.frames.times import parse_one
from services.ledger import Item
from services.visier import Client, Payload, iso_utc
from services.watching import listing, sample_endpoints
from services.watching.windows import cut

from .kinds import Key, Kind, Query, Results, Source, Verb, read_key
from .plan import Concern, Plan, judged

MOST = 500
GOAL, UNLISTED, NO_ID = "Cancelled or cancelling", "Not listed", "Without an id"
TOLD = ("CANCEL_SUCCEEDED", "CANCEL_FAILED")
CANCELLABLE = (Status.PENDING, Status.RUNNING)
_NAMES = ["tenant_code", "job_id"]


def plan_cancel_jobs(job_ids: Iterable[str], listed: pd.DataFrame) -> Plan:
    """Plan to cancel jobs, each by its id.

    ``listed`` are all jobs known, with the columns of ``services.frames.jobs.SCHEMA``. What cannot
    be cancelled is skipped with its reason. Before they are cancelled the jobs are read again in
    the list of the time they started in or, where that is not known, in the trees of the
    dispatching and receiving jobs above them. Warns of jobs below that would go on.
    """
    chosen = pd.DataFrame({"job_id": pd.array(list(dict.fromkeys(job_ids)), dtype="str")})
    known = listed.drop_duplicates("job_id")
    found = chosen.merge(known, how="left", on="job_id", indicator="listed")
    codes = found["tenant_code"].fillna("").astype("str")
    items = pd.DataFrame(
        {
            "tenant_code": codes,
            "label": found["job_id"],
            "before": _words(found).where(found["listed"] == "both", UNLISTED).astype("str"),
        }
    )
    planned = judged(CANCEL, items, list(zip(codes, found["job_id"], strict=True)))
    going = found[planned["eligible"].to_numpy()]
    return Plan(CANCEL, planned, tuple(_warnings(going, listed)), query=_query(going, listed))


def _words(rows: pd.DataFrame) -> "pd.Series[str]":
    kinds = rows["job_type"].astype("str").str.lower()
    words: pd.Series[str] = rows["status"].astype("str") + " " + kinds + " job"
    return words


def _warnings(going: pd.DataFrame, listed: pd.DataFrame) -> Iterator[Concern]:
    ids = going["job_id"]
    below = is_among(listed["parent_job_id"], ids) & ~is_among(listed["job_id"], ids)
    left = listed[below & ~listed["status"].isin(ENDED)]
    if len(left):
        about = left[["tenant_code", "job_type", "status", "job_id"]].reset_index(drop=True)
        yield Concern(LEFT_BELOW, about)


LEFT_BELOW = (
    "Cancelling does not reach the jobs below. These are below what you chose and would go on:"
    " choose the whole subtree to cancel them too."
)


def _query(going: pd.DataFrame, listed: pd.DataFrame) -> Query:
    started = going["start_time"]
    if started.notna().all() and len(started):
        return {"since": iso_utc(started.min()), "until": iso_utc(started.max())}
    return {"trees": " ".join(_tops(going, listed))}


def _tops(going: pd.DataFrame, listed: pd.DataFrame) -> list[str]:
    """Return the dispatching and receiving jobs whose lists name these jobs."""
    above = listed.set_index("job_id")["root_job_id"]
    tops: list[str] = going["job_id"].map(above).dropna().unique().tolist()
    return tops


def _slices(query: Query) -> list[tuple[datetime, datetime]]:
    since, until = parse_one(query.get("since")), parse_one(query.get("until"))
    return cut(since, until) if since and until else []


def _every(client: Client, query: Query) -> Iterator[Payload | pd.DataFrame]:
    for since, until in _slices(query):
        yield client.job_status(start_time=since, end_time=until)
    for job_id in query.get("trees", "").split():
        yield sample_endpoints.read_tree(client, job_id).jobs


def _calls(query: Query) -> int:
    trees = query.get("trees", "").split()
    return len(_slices(query)) + len(trees) * sample_endpoints.CALLS_A_TREE


def _to_frame(pages: Iterable[object]) -> pd.DataFrame:
    read = jobs.combine(
        page if isinstance(page, pd.DataFrame) else listing.to_frame(page) for page in pages
    )
    return read.assign(tenant_code=read["tenant_code"].fillna(""))


def states(frame: pd.DataFrame, keys: Sequence[Key]) -> dict[Key, str]:
    """Say how each job stands that the frame lists."""
    told = dict(zip(frame["job_id"], _words(frame), strict=True))
    return {key: told[key[1]] for key in keys if key[1] in told}


def condition(state: str) -> str:
    """Return which row of the table of eligible states these words belong to."""
    return GOAL if state.startswith((Status.CANCELLED, Status.CANCELLING)) else state


def _refusal(status: Status, kind: JobType) -> str:
    if kind is JobType.DISPATCHING:
        return "A dispatching job cannot be cancelled: choose the jobs below it."
    if status in ENDED:
        return "It has ended."
    if status is Status.RUNNING and kind is JobType.RECEIVING:
        return "A receiving job that is running cannot be cancelled."
    if status is Status.RESCHEDULING:
        return "It is being rescheduled: choose the job that takes its place."
    return "" if status in CANCELLABLE else "Visier's word for its state is not known."


def _results(pages: Iterable[object]) -> pd.DataFrame:
    answered = results.from_cancel_jobs(pages)
    # Visier tells a failure by a message and no word: neither, or another word, tells nothing.
    word = answered["status_word"]
    silent = word.isna() & answered["message"].isna()
    strange = word.notna() & ~word.isin(TOLD)
    answered["outcome"] = answered["outcome"].mask(silent | strange, Outcome.UNKNOWN)
    now = ("Visier says: " + answered["job_status_word"]).where(
        answered["outcome"] == Outcome.SUCCEEDED
    )
    return answered.assign(message=answered["message"].fillna(now))


def _again(items: Sequence[Item], current: pd.DataFrame, _now: datetime) -> Plan:
    return plan_cancel_jobs([read_key(item.key)[1] for item in items], current)


def _row(row: Mapping[str, Any]) -> Key:
    return (row["job_id"],)


CANCEL = Kind(
    verb=Verb.CANCEL_JOBS,
    operation="cancel_jobs",
    field="jobIds",
    most=MOST,
    send=Client.cancel_jobs,
    objects=lambda keys: [key[1] for key in keys],
    source=Source(_to_frame, every=_every, calls=_calls),
    states=states,
    results=Results(_results, lambda key: key[1:], _row),
    eligible={
        **{
            f"{status} {kind.lower()} job": _refusal(status, kind)
            for status, kind in product(Status, JobType)
        },
        GOAL: "It is cancelled, or being cancelled, already.",
        UNLISTED: "It is not among the jobs that are known here.",
    },
    goal=GOAL,
    after="Cancelled",
    again=_again,
    condition=condition,
    may_move=True,
    regret="A cancelled job cannot be taken up again: start a new one.",
)
