from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import orjson

from services.sandbox.models.connections import Connector, Credential, Links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from services.sandbox.models.tenants import Tenant


@dataclass(slots=True)
class Connections:
    """The connectors and credentials of all tenants.

    Those of a tenant are drawn at their first use, from a seed of its own: always the same ones.
    """

    admin: Tenant
    seed: int
    definitions: dict[str, Connector]
    draw: Callable[[str, Random, Connections], Links]
    _links: dict[str, Links] = field(default_factory=dict)
    _deleted: set[str] = field(default_factory=set)
    _created: int = 0

    def of(self, code: str) -> Links:
        """Return the connectors and credentials of one tenant."""
        links = self._links.get(code)
        if links is None:
            # By tenant, so that the order of calls changes nothing.
            source = Random(f"{self.seed} {code}")  # noqa: S311 - repeatable, not secret
            links = self._links[code] = self.draw(code, source, self)
        return links

    def visible(self, code: str) -> list[Credential]:
        """Return the credentials a tenant can use: its own and those it inherits."""
        own = self.of(code).credentials
        if code == self.admin.code:
            return own
        return own + [c for c in self.of(self.admin.code).credentials if c.inheritable]

    def credential(self, code: str, credential_id: str) -> Credential | None:
        """Return a credential among those a tenant can use, or None."""
        return next((c for c in self.visible(code) if c.id == credential_id), None)

    def assigned(self, code: str, connector_id: str) -> str:
        """Return the id of the credential a connector uses, empty when none or deleted."""
        credential_id = self.of(code).assigned.get(connector_id, "")
        return "" if credential_id in self._deleted else credential_id

    def ready(self, code: str, connector_ids: Iterable[str]) -> bool:
        """Return whether an extraction can begin: a connector, and a credential for each."""
        wanted = set(connector_ids)
        chosen = [c.id for c in self.of(code).connectors if not wanted or c.id in wanted]
        return bool(chosen) and all(
            self.credential(code, self.assigned(code, connector_id)) for connector_id in chosen
        )

    def add(self, credential: Credential) -> str:
        """Add a credential to its owner and return its new symbol name."""
        self.of(credential.owner).credentials.append(credential)
        name = f"Extractor_Credential_Design_{self._created}"
        self._created += 1
        return name

    def delete(self, credential: Credential) -> None:
        """Delete a credential; connectors that use it keep an empty one."""
        self.of(credential.owner).credentials.remove(credential)
        self._deleted.add(credential.id)


def digest(salt: str, parameters: object) -> str:
    """Return a salted hash of authentication parameters: no secret is kept."""
    return hashlib.sha256(salt.encode() + orjson.dumps(parameters)).hexdigest()
