"""Request bodies in every encoding that Visier's sources have.

Form `model=` (the code samples), JSON wrapped in `model` or bare (the OpenAPI document), and
JSON text under a form content type (what curl sends with `-d` alone).
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import parse_qsl

import orjson

from services.sandbox.errors import bad_request

Body = dict[str, object]


class Encoding(StrEnum):
    """How a body arrived."""

    NONE = "none"
    FORM = "form"
    FORM_MODEL = "form-model"
    JSON_MODEL = "json-model"
    JSON = "json"
    JSON_AS_FORM = "json-as-form"


def read_form(raw: bytes) -> dict[str, str]:
    """Return the fields of a form; of a field sent twice the last one."""
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def read_body(raw: bytes, content_type: str) -> tuple[Body, Encoding]:
    """Return a body, a JSON object in one of the encodings, and which; raise 400 otherwise."""
    as_form = "json" not in content_type
    found = _json_object(raw)
    if found is not None:
        inner = found.get("model")
        # Beside other fields, model is a field of the body itself.
        if isinstance(inner, dict) and len(found) == 1:
            return inner, Encoding.JSON_MODEL
        return found, Encoding.JSON_AS_FORM if as_form else Encoding.JSON
    model = _json_object(read_form(raw).get("model", "").encode())
    if model is None:
        raise bad_request("The request body could not be read.")
    return model, Encoding.FORM_MODEL


def _json_object(raw: bytes) -> Body | None:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
