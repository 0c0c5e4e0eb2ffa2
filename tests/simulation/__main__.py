"""Replays or looks for histories: see docs/reliability.md."""

import argparse
import sys
from itertools import product
from random import SystemRandom

from services.clock import CLOCK
from tests.simulation.history import shrunk, simulate
from tests.simulation.people import EVERYTHING, FOCI


def tell(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> int:
    asked = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    asked.add_argument("--seed", type=int, help="one seed; by default as many as --seeds says")
    asked.add_argument("--seeds", type=int, default=10, help="how many seeds, drawn anew")
    asked.add_argument("--from", dest="first", type=int, help="the first of the seeds")
    asked.add_argument("--steps", type=int, default=1500, help="steps of each")
    asked.add_argument("--focus", choices=FOCI, help="what it is about; all, and the watch")
    asked.add_argument("--only", help="the acts to keep, as a failure names them")
    asked.add_argument("--trace", action="store_true", help="tell what happened")
    given = asked.parse_args()
    first = SystemRandom().randrange(10**6) if given.first is None else given.first
    seeds = range(first, first + given.seeds) if given.seed is None else [given.seed]
    only = None if given.only is None else frozenset(given.only.split(","))
    failed = 0
    # The watch has histories of its own: days pass in them.
    usual = (EVERYTHING, "watches") if given.seed is None else (EVERYTHING,)
    foci = usual if given.focus is None else (given.focus,)
    for seed, focus in product(seeds, foci):
        began = CLOCK.now()
        failure, report = simulate(seed, given.steps, only, focus)
        pace = report.steps / ((CLOCK.now() - began).total_seconds())
        if given.trace:
            tell("\n".join(report.trace))
        if failure is not None:
            failed += 1
            tell(failure if only is not None or given.trace else shrunk(failure))
        tell(
            f"seed {seed}, {focus}: {'FAILED' if failure else 'passed'}, {report.steps} steps"
            f" ({pace:.0f} a second), {report.seconds:.0f} virtual seconds,"
            f" {report.operations} operations, {report.requests} requests,"
            f" {report.faults} faults, {report.crashes} crashes, {report.outcomes}"
            + (
                f", {report.looks} nights written, {report.killed.total()} killed at"
                f" {len(report.killed)} seams, {report.suspended.total()} suspended"
                if report.looks
                else ""
            )
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
