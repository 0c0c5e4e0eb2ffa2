"""The signature of a pushed event, in every form in which it may be written."""

import base64
import hashlib
import hmac

import pytest

from services.visier.webhook_signatures import SignatureForm, matching_form

KEY, BODY = "schlüssel", b'{"eventId": "1"}\n'
DIGEST = hmac.new(KEY.encode(), BODY, hashlib.sha256).digest()
BASE64 = base64.b64encode(DIGEST).decode()


@pytest.mark.parametrize(
    ("signature", "form"),
    [
        (DIGEST.hex(), SignatureForm.HEX),
        (DIGEST.hex().upper(), SignatureForm.HEX),
        (f" {DIGEST.hex()} ", SignatureForm.HEX),
        (BASE64, SignatureForm.BASE64),
        (f"sha256={DIGEST.hex()}", SignatureForm.PREFIXED_HEX),
        (f"SHA256={BASE64}", SignatureForm.PREFIXED_BASE64),
    ],
)
def test_each_form_matches_and_is_named(signature: str, form: SignatureForm) -> None:
    assert matching_form(KEY, BODY, signature) is form


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", DIGEST.hex()[:-1], BASE64.lower(), "ä" * 64, f"sha1={DIGEST.hex()}", "0" * 64],
)
def test_nothing_else_does(signature: str) -> None:
    assert matching_form(KEY, BODY, signature) is None


def test_the_body_is_signed_as_it_came() -> None:
    assert matching_form(KEY, BODY.strip(), DIGEST.hex()) is None
    assert matching_form("another key", BODY, DIGEST.hex()) is None
