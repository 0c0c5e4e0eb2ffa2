"""20,000 jobs made a tree with the states of all descendants rolled up."""

import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

from services.frames import WORST_FIRST, job_tree, jobs, words
from tests.benchmarks.ratios import Ratio, side_by_side

JOBS = 20_000
Job: TypeAlias = dict[str, Any]

_RANK = {status: rank for rank, status in enumerate(WORST_FIRST)}
_WORDS = ["Succeeded"] * 18 + ["Failed", "Running"]


def measure() -> list[Ratio]:
    """Compare a frame's roll-up with a walk over dictionaries that builds the same tree."""
    listed = _jobs(random.Random(7))
    frame = jobs.from_job_status({"jobStatus": listed})
    ranked = [job | {"rank": _RANK[words.status(job["status"])]} for job in listed]

    walked = [(row["jobId"], row["depth"], row["descendants"]) for row in _walk(ranked)]
    columns = job_tree.roll_up(frame)[["job_id", "depth", "descendant_count"]]
    if walked != list(columns.itertuples(index=False, name=None)):
        raise AssertionError("The two trees differ.")
    rolled_up = side_by_side(
        lambda: job_tree.roll_up(frame), lambda: list(_walk(ranked)), rounds=15
    )[0]
    return [Ratio("20,000 jobs rolled up / a walk over dictionaries", *rolled_up)]


def _jobs(chance: random.Random) -> list[Job]:
    """Return four dispatches with 6,000 jobs right below them, and what follows on those."""
    listed: list[Job] = []
    for number in range(JOBS):
        second = f"{number % 24:02d}:00:00.{number % 1000:03d}"
        job = {
            "jobId": f"{number:08x}-0000-4000-8000-{chance.getrandbits(48):012x}",
            "tenant": f"WFF_j1r~{number % 5000:04x}",
            "status": chance.choice(_WORDS),
            "jobType": "PROCESSING_JOB",
            "startTime": f"2026-11-{1 + number % 28:02d}T{second}Z",
        }
        if number >= 4:
            job["parentJobId"] = listed[number % 4 if number < 6004 else number - 6000]["jobId"]
        listed.append(job)
    return listed


def _walk(listed: list[Job]) -> Iterator[Job]:
    children: defaultdict[str | None, list[Job]] = defaultdict(list)
    for job in listed:
        children[job.get("parentJobId")].append(job)
    branches: dict[str, list[int]] = {}

    def count(job: Job) -> list[int]:
        branch = [0] * len(WORST_FIRST)
        branch[job["rank"]] = 1
        for child in children[job["jobId"]]:
            for rank, number in enumerate(count(child)):
                branch[rank] += number
        branches[job["jobId"]] = branch
        return branch

    def worst(job: Job) -> int:
        return next(rank for rank, number in enumerate(branches[job["jobId"]]) if number)

    def rows(family: list[Job], depth: int, root: str | None) -> Iterator[Job]:
        newest_first = sorted(family, key=lambda job: job["startTime"], reverse=True)
        for job in sorted(newest_first, key=worst) if depth else newest_first:
            below = branches[job["jobId"]].copy()
            below[job["rank"]] -= 1
            yield job | {
                "depth": depth,
                "root": root or job["jobId"],
                "children": len(children[job["jobId"]]),
                "descendants": sum(below),
                "worst": WORST_FIRST[worst(job)],
                "below": below,
            }
            yield from rows(children[job["jobId"]], depth + 1, root or job["jobId"])

    for job in children[None]:
        count(job)
    yield from rows(children[None], 0, None)
