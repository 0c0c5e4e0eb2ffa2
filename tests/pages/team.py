"""A dashboard with a provider in front, and who comes in by it."""

import json
import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from dashboard.operations import event_words
from services.ledger import OperationFilter, State
from tests.pages.acting import plan_of
from tests.pages.conftest import forget_settings, page_of
from tests.pages.reading import texts
from tests.sandboxes import Sandbox

AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "of-a-test-and-long-enough-0123456789",
    "client_id": "dashboard",
    "client_secret": "secret",
    "server_metadata_url": "https://id.example.com/.well-known/openid-configuration",
}
EXCLUDE, PROCESS = "exclude_uploads", "start_processing"
BY_GROUP = {"admins": ["*"], "excluders": [EXCLUDE], "starters": [PROCESS]}
UPLOADS = {"up_tenant": "WFF_j1r~b", "up_state": "Included"}


def claims(name: str, *groups: str, **others: Any) -> dict[str, Any]:
    """Give what a provider says of a person, good for an hour."""
    now = int(time.time())
    said = {"iss": "https://id.example.com", "sub": f"id-of-{name}", "iat": now, "exp": now + 3600}
    mail = {"email": f"{name}@example.com", "groups": list(groups)}
    return {"is_logged_in": True, **said, **mail, **others}


def opened_by(said: dict[str, Any], page: str = "uploads", **query: str) -> AppTest:
    """Open a page of a dashboard with a provider in front, as the person this is said of."""
    app = page_of(page, **query)
    app.secrets["auth"] = AUTH
    app.user = said
    return app.run()


def permit(monkeypatch: pytest.MonkeyPatch, by_group: dict[str, list[str]]) -> None:
    monkeypatch.setenv("DASHBOARD_PERMISSIONS", json.dumps(by_group))
    forget_settings()


def make_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_READ_ONLY", "true")
    bootstrap.settings.cache_clear()


def shown(app: AppTest) -> str:
    elements = (*app.error, *app.warning, *app.info)
    return texts(app) + "\n".join(str(each.value) for each in elements)


def refusals() -> list[str]:
    """Give who was refused what, and in which words."""
    ledger = bootstrap.whole_ledger()
    found = ledger.operations(OperationFilter(states=(State.REFUSED,)))
    noted = [
        (each.actor.user, event_words.in_words(each.verb, ledger.events(each.id)[0]))
        for each in found
    ]
    return [f"{user}: {words}" for user, words in noted]


def uploads_under_review(sandbox: Sandbox, said: dict[str, Any]) -> AppTest:
    """Open the plan to exclude the uploads of four tenants, every one of them as it was."""
    sandbox.control.reset()
    sandbox.control.clear_requests()
    app = opened_by(said, **UPLOADS)
    return plan_of(app.button(key="uploads.select_all").click().run())
