"""The wire that leads to the simulated Visier: bytes of requests there, bytes of answers back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from tests.simulation.visier import Visier


class Wire(HTTPAdapter):
    """What requests are given to in place of a network."""

    def __init__(self, visier: Visier) -> None:
        super().__init__()
        self._visier = visier

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - as it is called
        timeout: Any = None,
        *_: Any,
        **__: Any,
    ) -> requests.Response:
        answer = self._visier.carry(request, timeout[1]).answer
        assert answer is not None
        status, headers, body = answer
        given, enforced = self._visier.hand_on(headers, body)
        raw = HTTPResponse(
            BytesIO(given),
            headers,
            status,
            preload_content=False,
            enforce_content_length=enforced,
        )
        return self.build_response(request, raw)
