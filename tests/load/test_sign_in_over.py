"""A sign-in that was ended in one tab: what another tab still asks for, part of a page by part."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.web.server.starlette import starlette_app_utils as streamlit_tokens

from tests.browser.conftest import running_dashboard
from tests.load.tab import Answer, opened
from tests.sandboxes import Sandbox, running_sandbox

ROOT = Path(__file__).resolve().parents[2]
COOKIE_SECRET = "of-a-test-and-long-enough-0123456789"
SECRETS = f"""
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "dashboard"
client_secret = "secret"
server_metadata_url = "http://localhost:1/.well-known/openid-configuration"
"""
A_PART = re.compile(r"\bst\.(fragment|dialog)\(")
# What looks for the end itself, counts down below the form by which one signs in, and tells nothing
# of a tenant.
UNGUARDED = {"sidebar.py", "errors.py", "keyboard.py", "tour.py"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def url(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard with a provider in front, and one service credential behind."""
    told = {
        "VISIER_HOST": sandbox.url,
        "VISIER_VANITY": sandbox.vanity_name,
        "VISIER_APIKEY": sandbox.api_key,
        "VISIER_USERNAME": sandbox.username,
        "VISIER_PASSWORD": sandbox.password,
    }
    folder = tmp_path_factory.mktemp("dashboard")
    with running_dashboard(folder, environment=told, secrets=SECRETS) as address:
        yield address


def of_ada(url: str) -> tuple[dict[str, str], str]:
    """Give the cookies of a browser in which Ada has signed in, and the token of its page."""
    now = int(time.time())
    claims = {"origin": url, "is_logged_in": True, "sub": "ada", "iat": now, "exp": now + 3600}
    user = streamlit_tokens.create_signed_value(
        COOKIE_SECRET, "_streamlit_user", json.dumps(claims)
    )
    token = streamlit_tokens.generate_xsrf_token_string()
    return {"_streamlit_user": user.decode(), "_streamlit_xsrf": token}, token


def titles(answer: Answer) -> list[str]:
    return [each.heading.body for each in answer.elements() if each.HasField("heading")]


@pytest.mark.slow
def test_no_part_of_a_page_goes_on_by_itself(url: str, sandbox: Sandbox) -> None:
    async def hands() -> list[list[str]]:
        cookies, token = of_ada(url)
        async with opened(url, cookies, token) as one, opened(url, cookies, token) as other:
            await other.open("overview")
            await one.open("jobs")
            # The part that looks at the jobs again comes round more often than any other.
            looking = min(one.timers, key=lambda part: one.timers[part])
            before = titles(await one.tick(looking))
            await other.press("shell.sign_out")
            sandbox.control.clear_requests()
            return [before, titles(await one.tick(looking))]

    assert asyncio.run(hands()) == [[], ["Sign in"]]
    assert sandbox.control.requests() == []


def test_every_part_that_tells_something_asks_first() -> None:
    screens = [*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    texts = {each.name: each.read_text(encoding="utf-8") for each in screens}
    parts = {name: len(A_PART.findall(text)) for name, text in texts.items() if A_PART.search(text)}
    assert parts.keys() > UNGUARDED
    asking = {name: texts[name].count("access.while_it_holds") for name in parts}
    assert {name: asking[name] for name in parts.keys() - UNGUARDED} == {
        name: parts[name] for name in parts.keys() - UNGUARDED
    }
