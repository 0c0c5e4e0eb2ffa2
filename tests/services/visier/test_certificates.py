"""A server that cannot prove who it is: what is said, and that nothing reaches it."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from services.visier import Timeouts, Unreachable, UntrustedServer
from tests.services.visier.certificates import DAY, Authority
from tests.services.visier.conftest import MakeClient
from tests.services.visier.every_call import CALLS
from tests.services.visier.wire import json_reply, running_wire

Shown = Callable[[Authority, Path], ssl.SSLContext]
CERTIFICATES: dict[str, tuple[Shown, str]] = {
    "of an unknown authority": (
        lambda _, folder: Authority(folder, "somebody else").server(),
        "is signed by an authority this computer does not trust",
    ),
    "of another host": (
        lambda known, _: known.server("127.0.0.9"),
        "belongs to another address",
    ),
    "expired": (lambda known, _: known.server(since=-2 * DAY, until=-DAY), "has expired"),
    "not valid yet": (
        lambda known, _: known.server(since=DAY, until=2 * DAY),
        "is not valid yet, by this computer's clock",
    ),
}


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Give an authority that this computer trusts."""
    made = Authority(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(made.certificate))
    return made


@pytest.mark.parametrize("name", ["job_status", "start_load", "security_token"])
@pytest.mark.parametrize("which", CERTIFICATES)
def test_a_wrong_certificate_is_called_what_it_is(
    make_client: MakeClient, authority: Authority, tmp_path: Path, which: str, name: str
) -> None:
    shown, words = CERTIFICATES[which]
    with running_wire(shown(authority, tmp_path)) as wire:
        with pytest.raises(UntrustedServer) as caught:
            CALLS[name](make_client(url=wire.url))
        assert not wire.seen
    assert caught.value.message == f"The server's certificate {words}."
    assert "Nothing was sent." in caught.value.advice


def test_a_right_certificate_is_trusted(make_client: MakeClient, authority: Authority) -> None:
    with running_wire(authority.server()) as wire:
        wire.script(json_reply({"fine": True}))
        assert make_client(url=wire.url).job_status() == {"fine": True}


@pytest.mark.parametrize("name", ["job_status", "start_load"])
def test_a_server_that_speaks_no_tls_was_sent_nothing(make_client: MakeClient, name: str) -> None:
    with running_wire() as wire:
        with pytest.raises(Unreachable):
            CALLS[name](make_client(url=wire.url.replace("http:", "https:")))
        assert not wire.seen


def test_hands_that_are_never_shaken_have_been_given_nothing(make_client: MakeClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unreachable):
            make_client(url=url, timeouts=Timeouts(0.05, 10)).start_load(["a"])
