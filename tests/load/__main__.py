"""Many people at once: `python -m tests.load --people 50 --minutes 5`.

Prints what came of it as a table and writes it to load.json at the root of the repository. It ends
with an error when anything was wrong; how fast it was is for people to read.
"""

import argparse
import asyncio
import math
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tests.load import crowd
from tests.load.budget import CallLog
from tests.load.people import Record
from tests.load.world import running

RESULTS = Path(__file__).parents[2] / "load.json"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--tenants", type=int, default=5000)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--thinking", type=float, default=5.0, help="seconds between two clicks")
    parser.add_argument("--calls", type=int, default=100, help="calls a minute Visier allows")
    parser.add_argument("--visits", type=int, default=0, help="visits afterwards, for the memory")
    asked = parser.parse_args()
    found = run(asked)
    RESULTS.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    sys.stdout.write("\n".join(_lines(found)) + "\n")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Let one alone, then all together, then visits; return what was measured.

    Raises tests.load.checking.WrongAnswer, or AssertionError, when anything was wrong.
    """
    with running(asked.tenants, asked.calls) as world:
        people = world.people(asked.people)
        todo = crowd.bulks(
            world.tenants(), tenants=asked.tenants // 25, uploads_of=asked.tenants // 11
        )
        before, log = crowd.state(world, todo), CallLog(world.control)
        empty = world.memory()
        single = asyncio.run(crowd.alone(world, people[0], thinking=0.2, rounds=3))
        one = world.memory()
        seconds = 60 * asked.minutes
        together = crowd.together(
            world, people, todo, thinking=asked.thinking, seconds=seconds, log=log
        )
        record, memory = asyncio.run(together)
        log.gather()
        crowd.settle(before, crowd.state(world, todo), record)
        churned = asyncio.run(crowd.churn(world, people, asked.visits)) if asked.visits else []
        if asked.calls and log.fullest_minute > asked.calls:
            raise AssertionError(f"{log.fullest_minute} calls within one minute.")
        if mishaps := world.mishaps():
            raise AssertionError(mishaps[0])
    return vars(asked) | {
        "latency": list(_latency(single, record)),
        "answers": sum(map(len, record.seconds.values())),
        "megabytes_answered": round(record.bytes / 1e6),
        "applied": record.applied,
        "calls_let_through": log.calls,
        "calls_in_the_fullest_minute": log.fullest_minute,
        "calls_refused": log.refused,
        "waits_for_budget": record.waits,
        "memory_empty": round(empty),
        "memory_after_one": round(one),
        "memory_with_all": round(memory),
        "memory_per_session": round((memory - one) / asked.people, 1),
        "memory_during_visits": [round(each) for each in churned],
    }


def _latency(single: Record, record: Record) -> Iterator[dict[str, Any]]:
    for kind, seconds in sorted(record.seconds.items()):
        alone = single.seconds.get(kind)
        yield {
            "step": kind,
            "answers": len(seconds),
            "alone": statistics.median(alone) if alone else None,
            "together": statistics.median(seconds),
            "p95": sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1],
            "ratio": statistics.median(seconds) / statistics.median(alone) if alone else None,
        }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'step':<28}{'answers':>8}{'alone':>9}{'together':>10}{'p95':>9}{'ratio':>7}"
    for row in found["latency"]:
        alone = f"{1000 * row['alone']:.0f} ms" if row["alone"] else "-"
        ratio = f"{row['ratio']:.1f}" if row["ratio"] else "-"
        together, p95 = (f"{1000 * row[name]:.0f} ms" for name in ("together", "p95"))
        yield f"{row['step']:<28}{row['answers']:>8}{alone:>9}{together:>10}{p95:>9}{ratio:>7}"
    for name, value in found.items():
        if name != "latency":
            yield f"{name.replace('_', ' '):<32}{value}"


if __name__ == "__main__":
    main()
