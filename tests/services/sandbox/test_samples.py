"""Every call of Visier's code samples can be made, and is answered in the samples' shape."""

import json
from pathlib import Path
from typing import Any

import pytest

import tests.samples
from tests.services.sandbox.api import Api

SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(tests.samples.__file__).parent.glob("*.json"))
}


def names(value: object) -> set[str]:
    """Give the name of every field anywhere in an answer."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(names, value))
    return set()


def test_there_are_twenty_one() -> None:
    assert len(SAMPLES) == 21


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_answered_as_it_says(api: Api, name: str) -> None:
    request: dict[str, Any] = SAMPLES[name]["request"]
    expected = SAMPLES[name].get("response")
    content = dict(request.get("body") or {})
    if name == "cancel_jobs":
        # The sample answers for other ids than it asks for, so both are asked for here.
        answered = [item["jobId"] for item in expected["jobCancellationResults"]]
        content["jobIds"] = content["jobIds"] + answered
    body = json.dumps(content)
    options: dict[str, Any] = {}
    if request["encoding"] == "form":
        options = {"data": {"model": body}}
    elif request["encoding"]:
        options = {"data": body, "headers": {"Content-Type": "application/json"}}
    answer = api.ask(request["method"], request["path"], params=request["query"], **options)
    assert answer.status_code == 200, answer.text
    assert names(expected) <= names(answer.json())
