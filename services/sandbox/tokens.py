from __future__ import annotations

import secrets
from dataclasses import dataclass, field

LIFETIME = 3_600
"""Seconds a token lasts. Visier publishes no lifetime; its SDK assumes this one."""


@dataclass(slots=True)
class Tokens:
    """Security and access tokens, which expire, and refresh tokens, which do not."""

    _expiry: dict[str, float] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)

    def issue(self, now: float) -> str:
        """Return a new token, valid for an hour from this time in epoch milliseconds."""
        # Without the expired ones: a long run issues many.
        self._expiry = {token: end for token, end in self._expiry.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._expiry[token] = now + LIFETIME * 1_000
        return token

    def issue_refresh(self) -> str:
        """Return a new refresh token."""
        token = secrets.token_urlsafe(32)
        self._refresh.add(token)
        return token

    def good(self, token: str, now: float) -> bool:
        """Return whether a token is valid at this time in epoch milliseconds."""
        return self._expiry.get(token, 0) > now

    def refreshable(self, token: str) -> bool:
        """Return whether a refresh token was issued here."""
        return token in self._refresh

    def expire_all(self) -> int:
        """Expire all security and access tokens; return how many there were."""
        count = len(self._expiry)
        self._expiry.clear()
        return count
