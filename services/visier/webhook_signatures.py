"""The signature of an event that Visier pushes: an HMAC-SHA256 over the body as it came.

Visier publishes the algorithm and the header, not how the digest is written.
"""

import base64
import hashlib
import hmac
from enum import StrEnum
from typing import Final

HEADER: Final = "x-visier-signature"
_PREFIX: Final = "sha256="


class SignatureForm(StrEnum):
    """How a digest is written; the prefix is that of GitHub's webhooks and of many others."""

    HEX = "hex"
    BASE64 = "base64"
    PREFIXED_HEX = "sha256=hex"
    PREFIXED_BASE64 = "sha256=base64"


def matching_form(key: str, body: bytes, signature: str) -> SignatureForm | None:
    """Return how the signature is written where it is that of the body, None where it is not.

    Every form is compared, each in constant time: how long it takes tells nothing.
    """
    digest = hmac.new(key.encode(), body, hashlib.sha256).digest()
    given = signature.strip()
    is_prefixed = given[: len(_PREFIX)].lower() == _PREFIX
    written = given[len(_PREFIX) :] if is_prefixed else given
    is_hex = hmac.compare_digest(written.lower().encode(), digest.hex().encode())
    is_base64 = hmac.compare_digest(written.encode(), base64.b64encode(digest))
    if is_hex:
        return SignatureForm.PREFIXED_HEX if is_prefixed else SignatureForm.HEX
    if is_base64:
        return SignatureForm.PREFIXED_BASE64 if is_prefixed else SignatureForm.BASE64
    return None
