"""Cancelling jobs, at most 500 a request.

Key: tenant_code (empty where it is not known), job_key; items of earlier versions have the bare id,
which is all that Visier is told. States: a status and a type of job in words,
`Running extraction job`. Data and Job Handling API, POST /v1/op/jobs/cancel.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

import pandas as pd

from services.frames import ENDED, JobType, Outcome, Status, job_tree, jobs, results
from services.frames.jobs import key_of, kind_and_id, named
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


def plan_cancel_jobs(names: Iterable[str], listed: pd.DataFrame) -> Plan:
    """Plan to cancel jobs, each named by its key, or by its id where only one job has it.

    ``listed`` are all jobs known, with the columns of ``services.frames.jobs.SCHEMA``. What cannot
    be cancelled is skipped with its reason. Before they are cancelled the jobs are read again in
    the list of the time they started in or, where that is not known, in the trees of the
    dispatching and receiving jobs above them. Warns of jobs below that would go on, and of ids
    that several jobs have.
    """
    if "root_key" not in listed:
        listed = job_tree.roll_up(listed)
    asked = list(names)
    meant = _meant(asked, listed)
    keys = dict.fromkeys(meant.get(name, key_of(*kind_and_id(name))) for name in asked)
    chosen = pd.DataFrame({"job_key": pd.array(list(keys), dtype="str")})
    known = listed.drop_duplicates("job_key")
    found = chosen.merge(known, how="left", on="job_key", indicator="listed")
    codes = found["tenant_code"].fillna("").astype("str")
    items = pd.DataFrame(
        {
            "tenant_code": codes,
            "label": [kind_and_id(key)[1] for key in keys],
            "before": _words(found).where(found["listed"] == "both", UNLISTED).astype("str"),
        }
    )
    planned = judged(CANCEL, items, list(zip(codes, keys, strict=True)))
    going = found[planned["eligible"].to_numpy()]
    return Plan(CANCEL, planned, tuple(_warnings(going, listed)), query=_query(going))


def job_named_by(item_key: str) -> str:
    """Return the key, or the bare id, of the job that an item is."""
    return read_key(item_key)[1]


def job_id_in(item_key: str) -> str:
    """Return the id of the job that an item is, as Visier knows it."""
    return kind_and_id(job_named_by(item_key))[1]


def _meant(names: Iterable[str], listed: pd.DataFrame) -> dict[str, str]:
    """Return the key of the job that each name means, for those that mean exactly one."""
    keys, meant = set(listed["job_key"].dropna()), {}
    for name in names:
        found = [name] if name in keys else [*named(listed, name)["job_key"].unique()]
        if len(found) == 1:
            meant[name] = found[0]
    return meant


def _words(rows: pd.DataFrame) -> "pd.Series[str]":
    kinds = rows["job_type"].astype("str").str.lower()
    words: pd.Series[str] = rows["status"].astype("str") + " " + kinds + " job"
    return words


def _warnings(going: pd.DataFrame, listed: pd.DataFrame) -> Iterator[Concern]:
    keys, columns = going["job_key"], ["tenant_code", "job_type", "status", "job_id"]
    below = is_among(listed["parent_key"], keys) & ~is_among(listed["job_key"], keys)
    left = listed.loc[below & ~listed["status"].isin(ENDED), columns]
    if len(left):
        yield Concern(LEFT_BELOW, left.reset_index(drop=True), "job")
    alike = listed[is_among(listed["job_id"], going["job_id"])].drop_duplicates("job_key")
    shared = alike.loc[alike["job_id"].duplicated(keep=False), columns]
    if len(shared):
        yield Concern(SHARED_ID, shared.reset_index(drop=True), "job")


LEFT_BELOW = (
    "Cancelling does not reach the jobs below. These are below what you chose and would go on:"
    " choose the whole subtree to cancel them too."
)
SHARED_ID = (
    "Visier cancels by id alone, and these jobs of different types share theirs: it may cancel"
    " another one than you chose."
)


def _query(going: pd.DataFrame) -> Query:
    started = going["start_time"]
    if started.notna().all() and len(started):
        return {"since": iso_utc(started.min()), "until": iso_utc(started.max())}
    # Of the dispatching and receiving jobs whose lists name these jobs.
    return {"trees": " ".join(going["root_key"].dropna().unique())}


def _slices(query: Query) -> list[tuple[datetime, datetime]]:
    since, until = parse_one(query.get("since")), parse_one(query.get("until"))
    return cut(since, until) if since and until else []


def _every(client: Client, query: Query) -> Iterator[Payload | pd.DataFrame]:
    for since, until in _slices(query):
        yield client.job_status(start_time=since, end_time=until)
    for name in query.get("trees", "").split():
        kind, job_id = kind_and_id(name)
        known = kind if kind in sample_endpoints.LISTED_BELOW else None
        yield sample_endpoints.read_tree(client, job_id, known).jobs


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
    told = dict(zip(frame["job_key"], _words(frame), strict=True))
    meant = _meant({key[1] for key in keys}, frame)
    return {key: told[meant[key[1]]] for key in keys if key[1] in meant}


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
    return plan_cancel_jobs([job_named_by(item.key) for item in items], current)


def _name(key: Key) -> Key:
    return (key_of(*kind_and_id(key[1])),)


def _row(row: Mapping[str, Any]) -> Key:
    return (key_of(JobType(row["job_type"]), row["job_id"]),)


def _untyped(key: Key) -> Key:
    """Name an item as a result does whose word for the type of the job is not known."""
    return (key_of(JobType.OTHER, kind_and_id(key[1])[1]),)


def _of_any_type(key: Key) -> tuple[Key, ...]:
    kind, job_id = kind_and_id(key[1])
    if kind is not JobType.OTHER:
        return (_untyped(key),)
    return tuple((key_of(each, job_id),) for each in JobType)


CANCEL = Kind(
    verb=Verb.CANCEL_JOBS,
    operation="cancel_jobs",
    field="jobIds",
    most=MOST,
    send=Client.cancel_jobs,
    objects=lambda keys: list(dict.fromkeys(kind_and_id(key[1])[1] for key in keys)),
    source=Source(_to_frame, every=_every, calls=_calls),
    states=states,
    results=Results(_results, _name, _row, lambda key: (_untyped(key),), _of_any_type),
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
