"""Who is asking whom, through which client and in which process."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from dashboard.connection_settings import Kind, host_of
from dashboard.oidc_user import OidcUser
from dashboard.settings import Settings
from services import visier
from services.ledger import Actor, Ledger
from services.monitoring import JobMonitor
from services.operations import Runner, Threads


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
        return host_of(self.base_url)


@dataclass(frozen=True, slots=True)
class App:
    """What the whole process has one of: each is made when it is first asked for.

    `ledger` is that of all places; it raises services.ledger.LedgerTrouble when its database cannot
    be used. `job_monitor` gives the job monitor that all of an identity share.
    """

    settings: Callable[[], Settings]
    ledger: Callable[[], Ledger]
    runner: Callable[[], Runner]
    threads: Callable[[], Threads]
    job_monitor: Callable[[Identity], JobMonitor]


@dataclass(slots=True, eq=False, weakref_slot=True)
class Connection:
    """A signed-in client, whose it is and in which process, until it is forgotten.

    `person` is who signed in by OIDC; `is_by_settings` says that nobody typed its credentials.
    `name` is what the settings call it, "" where they have only one; `kind` is None where they do
    not say, and where another Visier was typed than theirs.
    """

    identity: Identity
    _client: visier.Client | None = field(repr=False)
    app: App = field(repr=False)
    is_sandbox: bool
    is_by_settings: bool = False
    person: OidcUser | None = None
    name: str = ""
    kind: Kind | None = None

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

    @property
    def ledger(self) -> Ledger:
        """The ledger as this connection may see it: at its own place, and no other.

        Raises services.ledger.LedgerTrouble when its database cannot be used.
        """
        return self.app.ledger().at(self.actor.place)

    @property
    def job_monitor(self) -> JobMonitor:
        """The job monitor that everyone signed in under this identity shares."""
        return self.app.job_monitor(self.identity)

    def forget(self) -> None:
        """Forget the client, and with it the credentials.

        Streamlit keeps the callbacks of a session, and what they hold, for as long as its tab is
        open. An operation at work has a client of its own.
        """
        self._client = None

    def of(self, person: OidcUser | None) -> "Connection":
        """Return it as the connection of a person: what is read through it is theirs alone."""
        identity = replace(self.identity, person=person.key if person else "")
        return replace(self, identity=identity, person=person)
