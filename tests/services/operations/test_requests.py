"""The requests of a plan are those that are sent, and can be pasted into a shell."""

import os
import stat
import subprocess
from pathlib import Path
from urllib.parse import parse_qs

import orjson
import pytest

from services.frames import uploaded_files, uploads
from services.operations import (
    FileChoice,
    Plan,
    curl_of,
    plan_exclude_files,
    plan_exclude_uploads,
    requests_of,
)
from services.visier import BodyEncoding
from tests.services.operations.conftest import Desk

TIME = "2026-03-01T03:00:00.000Z"
ODD = 'it\'s "50%" & $HOME `id` + \\d+ ÷ ●'
FAKE_CURL = """#!/bin/sh
for argument in "$@"; do printf '%s\\0' "$argument"; done
printf '\\n'
"""


def plan() -> Plan:
    file = {"uploadTime": TIME, "filename": "x", "sourceObjectName": "S", "included": True}
    pages = [{"tenantCode": "a~b", "sourceFiles": [file]}]
    return plan_exclude_files(uploaded_files.to_frame(pages), FileChoice.NAME, [ODD])


def pasted(command: str, folder: Path) -> list[list[str]]:
    """Run commands in a shell whose curl writes down its arguments; give those of each."""
    (folder / "curl").write_text(FAKE_CURL)
    (folder / "curl").chmod(stat.S_IRWXU)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "VISIER_APIKEY": "key",
        "VISIER_ASID_TOKEN": "token",
        "VISIER_HOST": "https://vanity.api.visier.io",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    return [line.split("\0")[:-1] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("encoding", BodyEncoding)
def test_a_pasted_command_sends_what_the_plan_sends(tmp_path: Path, encoding: BodyEncoding) -> None:
    (request,) = requests_of(plan(), encoding)
    command = curl_of([request], target_tenant="a~b")

    (arguments,) = pasted(command, tmp_path)

    assert arguments[:3] == [
        *("--request", "PUT", "https://vanity.api.visier.io/v1/op/data/uploads/exclude")
    ]
    assert "apikey: key" in arguments
    assert "VisierASIDToken=token" in arguments
    assert "TargetTenantID: a~b" in arguments
    sent = arguments[-1].removeprefix("model=")
    assert orjson.loads(sent) == {"uploads": [{"tenantCode": "a~b", "fileNameRegex": ODD}]}
    assert arguments[-2] == (
        "--data-urlencode" if encoding is BodyEncoding.SAMPLES else "--data-raw"
    )


def test_a_command_holds_no_secret_but_the_names_of_variables() -> None:
    command = curl_of(requests_of(plan()))
    assert '"apikey: $VISIER_APIKEY"' in command
    assert '"VisierASIDToken=$VISIER_ASID_TOKEN"' in command
    assert '"$VISIER_HOST"/v1/op/data/uploads/exclude' in command


def test_each_request_is_one_command(tmp_path: Path) -> None:
    tenants = [
        {"tenantCode": f"t{n}", "uploads": [{"uploadTime": TIME, "included": True}]}
        for n in range(1001)
    ]
    current = uploads.to_frame([{"tenants": tenants}])
    requests = requests_of(plan_exclude_uploads(current, current))
    found = pasted(curl_of(requests, address="http://127.0.0.1:9000"), tmp_path)
    assert [arguments[2] for arguments in found] == [
        "http://127.0.0.1:9000/v1/op/data/uploads/exclude"
    ] * 2


def test_they_are_the_very_requests_the_runner_sends(desk: Desk) -> None:
    current = desk.uploads()
    applied = plan_exclude_uploads(current.head(9), current)
    (request,) = requests_of(applied)

    desk.apply(applied)

    (asked,) = desk.sandbox.control.requests("exclude_data_uploads")
    assert request.body is not None
    (model,) = parse_qs(request.body.decode())["model"]
    assert asked["body"] == orjson.loads(model)
