import signal

import pytest

from services.sandbox.__main__ import main
from tests.sandboxes import TIMEOUT, ask
from tests.services.sandbox.own_process import started


def test_it_says_where_it_is_and_how_to_sign_in() -> None:
    with started() as (process, url):
        assert process.stdout
        lines = [process.stdout.readline().split()[-1] for _ in range(4)]
        assert lines == ["sandbox-key", "sandbox@example.com", "sandbox", "sandbox"]
        form = {"username": lines[1], "password": lines[2], "vanityName": lines[3]}
        answer = ask("POST", f"{url}/v1/admin/visierSecureToken", data=form)
        assert answer.status_code == 200
        assert answer.headers["X-RateLimit-Limit-Minute"] == "100"


def test_it_ends_with_its_parent_when_asked_to() -> None:
    with started("--exit-with-parent") as (process, _):
        assert process.stdin
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_told_to_its_parent_as_well_does_not_end_it(number: signal.Signals) -> None:
    with started("--exit-with-parent") as (process, url):
        process.send_signal(number)
        assert ask("GET", f"{url}/_sandbox/clock").json()["tenants"] == 6
        assert process.stdin
        process.stdin.close()
        assert process.wait(TIMEOUT) == 0


def test_it_goes_on_without_its_parent_when_not() -> None:
    with started() as (process, url):
        assert process.stdin
        process.stdin.close()
        assert ask("GET", f"{url}/_sandbox/clock").json()["tenants"] == 6
        assert process.poll() is None


@pytest.mark.parametrize("option", ["--scenario", "--story"])
def test_a_scenario_is_chosen_by_either_name_of_the_option(option: str) -> None:
    with started(option, "holiday") as (process, url):
        assert ask("GET", f"{url}/_sandbox/clock").json()["scenario"] == "holiday"
        process.terminate()


def test_it_ends_quietly_when_interrupted() -> None:
    with started() as (process, _):
        process.terminate()
        assert process.wait(TIMEOUT) in (0, -15)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--tenants", "0"],
        ["--speed", "-1"],
        ["--tenants", "x"],
        ["--port", "99999"],
        ["--scenario", "x"],
    ],
)
def test_it_does_not_start_with_what_cannot_be(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)


def test_it_says_when_its_port_is_taken() -> None:
    with started() as (_, url), pytest.raises(SystemExit, match="Cannot listen"):
        main(["--port", url.rpartition(":")[2], "--tenants", "6"])
