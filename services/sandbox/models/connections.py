from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connector:
    """A data connector, defined by the administrating tenant for all its tenants."""

    id: str
    display_name: str
    provider: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Credential:
    """A connector credential. Of its secrets only a salted digest is kept."""

    id: str
    display_name: str
    provider: str
    owner: str
    description: str = ""
    inheritable: bool = False
    auth_context: str = "DefaultDataExtraction"
    table_mode: str = "SQL_TABLE_INHERITANCE_MODE_NONE"
    digest: str = ""


@dataclass(slots=True)
class Links:
    """One tenant's connectors, what is assigned to them, and the credentials it owns."""

    connectors: list[Connector]
    assigned: dict[str, str]
    credentials: list[Credential]
    settings: dict[tuple[str, str], str] = field(default_factory=dict)

    def connector(self, connector_id: str) -> Connector | None:
        """Return one of the tenant's connectors by its id, or None."""
        return next((c for c in self.connectors if c.id == connector_id), None)
