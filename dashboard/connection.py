"""Who is asking whom, and the client they ask through."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from dashboard.people import Person
from services import visier
from services.ledger import Actor


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking whom: what every cached answer is kept under.

    `person` is the key of who signed in by OIDC, or empty. Several people may share one user of
    Visier, and each still reads for themselves: what one has read, looked at or tracks is not
    shown to another, and would not be if the permissions of one were to become narrower. They
    share the call budget, which belongs to the API key.
    """

    base_url: str
    key_digest: str
    user: str
    target_tenant: str | None
    person: str = ""

    @property
    def name(self) -> str:
        """One text for the whole identity, as the ledger keeps it; it holds no secret."""
        parts = (self.base_url, self.key_digest[:12], self.user, self.target_tenant or "")
        return " ".join((*parts, self.person) if self.person else parts)

    @property
    def host(self) -> str:
        """The host, port and path, as a person knows them: the same Visier has always the same."""
        parts = urlsplit(self.base_url)
        usual = ":443" if parts.scheme == "https" else ":80"
        return f"{parts.netloc.lower().removesuffix(usual)}{parts.path.rstrip('/')}"


@dataclass(slots=True, eq=False, weakref_slot=True)
class Connection:
    """A signed-in client and whose it is, until it is forgotten.

    `person` is who signed in by OIDC; `is_by_settings` says that nobody typed its credentials.
    """

    identity: Identity
    _client: visier.Client | None = field(repr=False)
    is_sandbox: bool
    is_by_settings: bool = False
    person: Person | None = None

    @property
    def client(self) -> visier.Client:
        """The client; raises visier.SignedOut once the connection is forgotten."""
        if self._client is None:
            raise visier.SignedOut("This sign-in has ended.")
        return self._client

    @property
    def actor(self) -> Actor:
        """Who acts through it, for the ledger: a person, if one is known."""
        identity = self.identity
        user = self.person.name if self.person else identity.user
        return Actor(user=user, tenant=identity.target_tenant or "", host=identity.host)

    def forget(self) -> None:
        """Let go of the client, and with it of the credentials.

        Streamlit keeps the callbacks of a session, and what they hold, for as long as its tab is
        open. An operation at work has a client of its own.
        """
        self._client = None

    def of(self, person: Person | None) -> "Connection":
        """Return it as the connection of a person: what is read through it is theirs alone."""
        identity = replace(self.identity, person=person.key if person else "")
        return Connection(identity, self._client, self.is_sandbox, self.is_by_settings, person)
