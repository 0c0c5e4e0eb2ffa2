"""A webhook in the sandbox, and what its events reach."""

import atexit
from functools import cache
from typing import Any

from dashboard import bootstrap
from tests.services.notifications.receivers import HttpReceiver, http_receiver

NAME = "Loads"


@cache
def receiver() -> HttpReceiver:
    """Return what takes every event, as long as this process runs."""
    context = http_receiver()
    receiving = context.__enter__()
    atexit.register(context.__exit__, None, None, None)
    return receiving


def a_webhook() -> str:
    """Have a webhook in the sandbox that the settings sign in to; return its id."""
    connection = bootstrap.default_connection(None)
    assert connection is not None
    details = {
        "targetUrl": f"http://127.0.0.1:{receiver().port}/hook",
        "isActive": False,
        "events": [{"eventType": "jobResultSuccess"}],
        "displayName": NAME,
    }
    answer: Any = connection.client.create_webhook({"details": details})
    return str(answer["webhookId"])
