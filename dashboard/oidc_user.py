"""Who is signed in by OpenID Connect (OIDC), as the claims of their identity token say."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class OidcUser:
    """Somebody a provider vouches for, `until` then (aware, UTC).

    `key` stands for issuer and subject, which together name one person for good, and `sign_in` for
    this one time they signed in, in however many tabs; `name` is what people read, and the ledger
    keeps. `groups` is None when the provider told none.
    """

    key: str
    sign_in: str
    name: str
    groups: frozenset[str] | None
    until: datetime


def read(
    claims: Mapping[str, Any], *, groups_claim: str, holds: timedelta | None
) -> OidcUser | None:
    """Return who the claims are about, or None when nobody is signed in.

    A sign-in ends with its identity token (`exp`), or when `holds` has passed since the token was
    issued (`iat`). Claims: OpenID Connect Core 1.0, sections 2 and 5.1.
    """
    subject = claims.get("sub")
    if not (claims.get("is_logged_in") and subject):
        return None
    issuer = claims.get("iss", "")
    key = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:16]
    ends = _moment(claims.get("exp")) if holds is None else _moment(claims.get("iat")) + holds
    return OidcUser(
        key,
        f"{key} {claims.get('iat')}",
        _name(claims, str(subject)),
        _groups(claims.get(groups_claim)),
        ends,
    )


def _name(claims: Mapping[str, Any], subject: str) -> str:
    """Return the mail address, unless the provider says that anyone may have typed it."""
    email = claims.get("email")
    return str(email) if email and claims.get("email_verified") is not False else subject


def _groups(claim: object) -> frozenset[str] | None:
    if isinstance(claim, str):
        return frozenset({claim})
    if isinstance(claim, list):
        return frozenset(str(group) for group in claim)
    return None


def _moment(seconds: object) -> datetime:
    """Return the time of a claim; what is not told is long past."""
    return datetime.fromtimestamp(seconds if isinstance(seconds, int | float) else 0, UTC)
