from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Webhook:
    """Where events are pushed to; `authorization` is the header made of its credentials."""

    id: str
    target_url: str
    events: list[str] = field(default_factory=list)
    is_active: bool = False
    key_name: str = ""
    display_name: str = ""
    authorization: str = field(default="", repr=False)
    credential_reference: str = ""
