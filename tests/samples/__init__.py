"""The 21 samples of the Data and Job Handling API, restated as data, one JSON file per operation.

``{api_key}`` and ``{security_token}`` stand where the samples have them. What had to be mended in a
sample before it could be read as JSON stands in its ``repairs``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Sample:
    """One sample: the request as it goes over the wire and the answer, None where none is shown."""

    operation: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    cookie: str
    encoding: Literal["form", "json"] | None
    body: Any
    response: Any
    repairs: tuple[str, ...]


def _read(file: Path) -> Sample:
    document = json.loads(file.read_text(encoding="utf-8"))
    return Sample(
        operation=file.stem,
        response=document["response"],
        repairs=tuple(document["repairs"]),
        **document["request"],
    )


@cache
def samples() -> dict[str, Sample]:
    """Give every sample by the name of its operation."""
    return {file.stem: _read(file) for file in sorted(Path(__file__).parent.glob("*.json"))}
