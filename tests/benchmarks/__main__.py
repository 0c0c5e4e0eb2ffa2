"""Measure everything: `python -m tests.benchmarks [module ...]`.

Runs `measure()` of every module here that has one, prints the ratios beside their targets and
writes them to bench.json at the root of the repository. A missed target is marked and is no
failure: it is read by people, on computers that differ.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from tests import benchmarks
from tests.benchmarks.ratios import Ratio

RESULTS = Path(__file__).parents[2] / "bench.json"
_LINE = "{:<68} {:>9} {:>9} {:>7} {:>7}  {}\n"


def main(chosen: Iterable[str]) -> None:
    """Measure the chosen modules, or all, and report as they go."""
    wanted = list(chosen)
    _say(_LINE.format("ours / reference", "ours", "reference", "ratio", "target", ""))
    measured = []
    for ratio in _measured(wanted):
        measured.append(ratio)
        _say(_row(ratio))
    records = [ratio._asdict() | {"verdict": ratio.verdict} for ratio in measured]
    RESULTS.write_bytes(orjson.dumps(records, option=orjson.OPT_INDENT_2))


def _measured(wanted: list[str]) -> Iterator[Ratio]:
    for found in pkgutil.iter_modules(benchmarks.__path__):
        # A package downloads what it compares with: it is measured only where it is named.
        if found.name not in wanted if wanted or found.ispkg else found.name == "__main__":
            continue
        module = importlib.import_module(f"{benchmarks.__name__}.{found.name}")
        if hasattr(module, "measure"):
            yield from module.measure()


def _row(ratio: Ratio) -> str:
    target = "" if ratio.at_most is None else f"<= {ratio.at_most:g}"
    own, other = (_written(number, ratio.unit) for number in (ratio.ours, ratio.reference))
    return _LINE.format(ratio.name, own, other, f"{ratio.share:.2f}", target, ratio.verdict)


def _written(number: float, unit: str) -> str:
    return f"{number:.1f} MB" if unit == "MB" else f"{1000 * number:.1f} ms"


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
