"""What Visier's answers told of jobs, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import orjson

from tests.simulation.visier import READS, RoundTrip

OF_JOBS: Final = ("/job-status", "/jobs/")
_IDS: Final = frozenset({"jobid", "extractionjobid", "receivingjobid"})


def plain(word: object) -> str:
    """Give a word as it is compared: in whatever case and spacing it is written."""
    return "".join(filter(str.isalnum, str(word))).lower()


class Told:
    """The words that Visier gave to each job: when it first said each, and when last."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], int] = {}
        self._last: dict[tuple[str, str], int] = {}
        self._answers = 0

    def hear(self, round_trip: RoundTrip) -> None:
        """Take in an answer on its way."""
        path = str(round_trip.request.path_url).partition("?")[0]
        answer = round_trip.answer
        if round_trip.request.method not in READS or not any(each in path for each in OF_JOBS):
            return
        if answer is None or answer[0] >= 300:
            return
        self._answers += 1
        # An answer that was broken on its way tells nothing.
        with suppress(orjson.JSONDecodeError):
            for ids, word in _tellings(orjson.loads(answer[2])):
                # One that is asked for alone is that one, whatever id the answer echoes.
                for id_ in (*ids, *path.split("/")):
                    self._first.setdefault((id_, word), self._answers)
                    self._last[id_, word] = self._answers

    def said(self, job_id: str, word: str) -> bool:
        """Say whether Visier ever gave this word to a job."""
        return (job_id, plain(word)) in self._first

    def said_after(self, job_id: str, word: str, before: str) -> bool:
        """Say whether Visier gave a job this word once it had given it the other."""
        had = self._first.get((job_id, plain(before)), 0)
        return self._last.get((job_id, plain(word)), 0) > had


def _tellings(node: Any) -> Iterator[tuple[list[str], str]]:
    if isinstance(node, dict):
        if "status" in node:
            ids = [str(value) for name, value in node.items() if plain(name) in _IDS]
            yield ids, plain(node["status"])
        for value in node.values():
            yield from _tellings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _tellings(value)
