"""Compare with the consoles of others: `python -m tests.benchmarks.peers [--cache FOLDER] ...`."""

import argparse
from collections import deque
from pathlib import Path

from tests.benchmarks.peers import CACHE, ROUNDS, TENANTS, compare


def main() -> None:
    """Read the options, and compare; the tables are printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for the environments")
    parser.add_argument("--runs", type=int, nargs="*", choices=[*TENANTS], default=[*TENANTS])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    told = parser.parse_args()
    deque(compare(told.cache, told.runs, told.rounds), maxlen=0)


if __name__ == "__main__":
    main()
