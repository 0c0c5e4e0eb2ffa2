"""Every setting, read once from the environment and from `.streamlit/secrets.toml`."""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from dashboard import connection_settings
from dashboard.connection_settings import (
    DEFAULT,
    ConnectionName,
    ConnectionSettings,
    Kind,
    in_environment,
    is_variable,
)
from dashboard.setting_kinds import (
    WANTED,
    Address,
    Days,
    DestinationAddress,
    DestinationName,
    HeaderText,
    Host,
    Key,
    LedgerUrl,
    Line,
    Port,
    Secret,
    VanityName,
    Zone,
)
from services.operations import EVERY_VERB, FORMER_NAMES

SECRETS_FILE = Path(".streamlit") / "secrets.toml"

ANY_VERB = "*"

PREFIXES = ("DASHBOARD_", "VISIER_")
# Names of earlier versions, which go on working; the log says what they are called now.
RENAMED = {"DASHBOARD_SIGHTINGS_DAYS": "DASHBOARD_JOB_OBSERVATIONS_DAYS"}
# What Visier's official SDK reads and the dashboard has no use for.
OF_THE_SDK = frozenset({"VISIER_OAUTH_CALLBACK_URL", "VISIER_REDIRECT_URI"})
# What Streamlit reads of the secrets file.
OF_STREAMLIT = frozenset({"AUTH"})
AUTH = (
    "[auth] in .streamlit/secrets.toml must be {wrong}. docs/operating.md explains how to set up"
    " OpenID Connect."
)
UNKNOWN = (
    "{name} is not a setting. Did you mean {near}? All settings are listed in docs/settings.md."
)


SAME_PLACE = (
    "DASHBOARD_CONNECTIONS: {one} and {other} are the same tenant of the same Visier: leave one out"
)


# What `st.login` reads, beside the parts of a provider.
SIGNING_IN = ("redirect_uri", "cookie_secret")
PROVIDER = ("client_id", "client_secret", "server_metadata_url")
FOR_CLIENT = "client_kwargs"  # a table of `[auth]` that is no provider


class WrongSetting(ValueError):
    """A setting that keeps the dashboard from starting; one sentence for each that is wrong."""


class UnknownVerb(ValueError):
    """A verb nobody knows; says which there are."""


class SamePlace(ValueError):
    """Two connections of which one would be shown what was done at the other; says which."""


class UnknownSetting(WrongSetting):
    """A name that looks like a setting and is none; says which one may be meant."""


class Settings(BaseSettings):
    """Each field is read from the variable of the same name in capitals.

    The `visier_*` names are those of Visier's official SDK. The environment wins over the file.
    """

    model_config = SettingsConfigDict(
        # env_ignore_empty: `VISIER_HOST=` in a compose file means unset. hide_input_in_errors: an
        # error must not repeat a secret.
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    visier_vanity: VanityName | None = Field(
        default=None,
        description="tenant's vanity name: `jupiter` in `https://jupiter.api.visier.io`",
    )
    visier_host: Host | None = Field(
        default=None, description="base URL with scheme, if it differs from the one above"
    )
    visier_apikey: Key | None = Field(default=None, description="API key of the tenant")
    visier_username: Line | None = Field(default=None, description="user who may call the API")
    visier_password: Secret | None = Field(default=None, description="password of that user")
    visier_client_id: Line | None = Field(
        default=None,
        description="OAuth 2.0 client (password grant), used instead of a security token",
    )
    visier_client_secret: Secret | None = Field(
        default=None, description="secret of the OAuth 2.0 client"
    )
    visier_target_tenant_id: HeaderText | None = Field(
        default=None, description="tenant to log in to, if not the administrating tenant"
    )
    visier_body_encoding: Literal["samples", "openapi"] = Field(
        default="samples",
        description="format of request bodies: `samples` as in Visier's code samples, `openapi` "
        "as in its OpenAPI documents",
    )
    visier_kind: Kind | None = Field(
        default=None,
        description="kind of tenant, shown as a badge: `production`, `test` or `sandbox`; default: "
        "no badge",
    )

    dashboard_connections: Mapping[ConnectionName, ConnectionSettings] | None = Field(
        default=None,
        description="several connections to switch between, one table each: "
        "[operating.md](operating.md#several-connections)",
    )
    dashboard_ledger_url: LedgerUrl | None = Field(
        default=None,
        description="database for operations and observations, as an SQLAlchemy URL such as "
        "`postgresql+psycopg://user@host/ledger`; default: a SQLite file in your data directory",
    )
    dashboard_ledger_days: Days = Field(default=365, description="days to keep finished operations")
    dashboard_job_observations_days: Days = Field(
        default=30,
        description="days to keep observed jobs (including those of starts in Activity) and the "
        "list of tracked jobs; its former name `DASHBOARD_SIGHTINGS_DAYS` still works",
    )
    dashboard_watch: bool = Field(
        default=True,
        description="look at each connection that has whole credentials, and at the embedded "
        "sandbox, while no tab is open, and record every night",
    )
    dashboard_watch_minutes: int = Field(
        default=5,
        ge=1,
        le=1440,
        description="minutes from one look at the jobs to the next; versions and uploads are read "
        "every quarter of an hour at most. The watch never takes more than a fifth of the calls of "
        "a minute",
    )
    dashboard_watch_zone: Zone = Field(
        default="UTC",
        description="time zone of the nights, such as `Europe/Berlin`: each runs from noon to noon "
        "and is named by the date it ends on",
    )
    dashboard_nights_days: Days = Field(default=365, description="days to keep recorded nights")
    dashboard_fallback_days: Days = Field(
        default=7,
        description="disabling warns when a tenant falls back to a data version older than this "
        "many days",
    )
    dashboard_fresh_hours: int | None = Field(
        default=None,
        ge=1,
        le=8760,
        description="hours after which a tenant's latest data version is overdue; default: each "
        "tenant's own rhythm decides",
    )
    dashboard_destinations: Mapping[DestinationName, DestinationAddress] | None = Field(
        default=None,
        description="where the rules of Watch send messages: names with addresses of apprise, see "
        "[operating.md](operating.md#messages)",
    )
    dashboard_public_url: Host | None = Field(
        default=None,
        description="address at which people open the dashboard; messages link to it; default: no "
        "links",
    )
    dashboard_idle_minutes: float = Field(
        default=60,
        gt=0,
        le=525_600,
        allow_inf_nan=False,
        description="minutes of inactivity before typed credentials are forgotten",
    )
    dashboard_require_oidc: bool = Field(
        default=False,
        description="require sign-in with the OpenID Connect provider in `[auth]`",
    )
    dashboard_oidc_hours: float | None = Field(
        default=None,
        gt=0,
        le=720,
        allow_inf_nan=False,
        description="hours a provider sign-in is valid; default: until its identity token expires",
    )
    dashboard_read_only: bool = Field(default=False, description="block every change, for everyone")
    dashboard_permissions: Mapping[str, tuple[str, ...]] | None = Field(
        default=None,
        description="verbs each group may use; default: everyone may do everything. Names from "
        "earlier versions (`Exclude data uploads`) still work",
    )
    dashboard_groups_claim: Line = Field(
        default="groups", description="claim in the identity token that lists a person's groups"
    )
    dashboard_download_mb: float = Field(
        default=500,
        gt=0,
        le=100_000,
        allow_inf_nan=False,
        description="largest file download in megabytes; a larger one is stopped",
    )
    dashboard_log_format: Literal["text", "json"] = Field(
        default="text", description="`text` or `json`; one line per request, without secrets"
    )
    dashboard_metrics_port: Port | None = Field(
        default=None,
        description="port for Prometheus metrics, open to anyone who can reach it; default: not "
        "served",
    )
    dashboard_metrics_address: Address = Field(
        default="127.0.0.1", description="address on which metrics are served"
    )
    dashboard_webhook_key: Secret | None = Field(
        default=None,
        description="value of the encryption key with which Visier signs the events it pushes: "
        "[operating.md](operating.md#pushed-events); default: none are received",
    )
    dashboard_sandbox_tenants: int = Field(
        default=120,
        ge=1,
        le=50_000,
        description="number of analytic tenants in the embedded sandbox",
    )
    dashboard_sandbox_seed: int = Field(
        default=7,
        ge=0,
        lt=2**32,
        description="seed of the sandbox population; the same seed gives the same data",
    )
    dashboard_sandbox_speed: float = Field(
        default=10.0,
        ge=0,
        le=10_000,
        allow_inf_nan=False,
        description="speed of sandbox jobs relative to real time",
    )
    dashboard_sandbox_rate_limit: int = Field(
        default=100,
        ge=0,
        le=1_000_000,
        description="API calls the sandbox allows per minute; 0 for no limit",
    )

    @field_validator("dashboard_permissions")
    @classmethod
    def _only_known_verbs(
        cls, given: Mapping[str, tuple[str, ...]] | None
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Refuse a verb nobody knows: it would permit nothing, and look as if it did."""
        named = {verb for verbs in (given or {}).values() for verb in verbs}
        unknown = sorted(named - EVERY_VERB - {ANY_VERB, *FORMER_NAMES})
        if unknown:
            known = ", ".join(sorted(EVERY_VERB))
            raise UnknownVerb(f"unknown verb: {', '.join(unknown)}; known verbs: {known}")
        return given

    @model_validator(mode="after")
    def _each_at_a_place_of_its_own(self) -> "Settings":
        for one, other in connection_settings.same_place(self.connections):
            raise SamePlace(SAME_PLACE.format(one=one, other=other))
        return self

    @property
    def connections(self) -> Mapping[str, ConnectionSettings]:
        """The connections by name; the first is opened where an address names none.

        It is that of the `VISIER_*` settings where they name a Visier. Where nothing does there is
        one, the embedded sandbox.
        """
        own = {name: getattr(self, f"visier_{name}") for name in ConnectionSettings.model_fields}
        named = dict(self.dashboard_connections or {})
        if self.visier_host or self.visier_vanity:
            return {DEFAULT: ConnectionSettings(**own), **named}
        encoding = self.visier_body_encoding
        return named or {DEFAULT: ConnectionSettings(kind="sandbox", body_encoding=encoding)}

    @property
    def has_sandbox(self) -> bool:
        """Whether the embedded sandbox is one of the connections."""
        return any(each.is_embedded for each in self.connections.values())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - handed over by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - handed over by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the secrets file."""
        in_file = _in_file()
        _refuse_auth(in_file)
        given = [name for name in os.environ if name.startswith(PREFIXES)]
        _refuse_unknown([name for name in given if not is_variable(name)], in_file)
        variables = os.environ.items()
        former = {name: text for name, text in variables if text and name.upper() in RENAMED}
        # A variable of one connection wins over the table of all, in which it may be left out.
        own = {connection_settings.SETTING: found} if (found := in_environment()) else {}
        by_name = [InitSettingsSource(settings_cls, _by_field(each)) for each in (former, in_file)]
        return init_settings, InitSettingsSource(settings_cls, own), env_settings, *by_name


def _in_file() -> dict[str, Any]:
    try:
        return TomlConfigSettingsSource(Settings, SECRETS_FILE)()
    except (OSError, ValueError) as error:
        raise WrongSetting(f"{SECRETS_FILE.as_posix()} cannot be read: {error}.") from error


def _by_field(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by field; one by a former name counts where there is none by the present."""
    by_name = {name.upper(): value for name, value in given.items()}
    former = {RENAMED[name]: value for name, value in by_name.items() if name in RENAMED}
    return {name.lower(): value for name, value in (former | by_name).items()}


def former_names_given() -> list[str]:
    """Return the names of earlier versions by which settings are given; raises WrongSetting."""
    given = {*(name for name in os.environ if os.environ[name]), *_in_file()}
    return sorted(RENAMED.keys() & {name.upper() for name in given})


def _refuse_unknown(in_environment: Iterable[str], in_file: Iterable[str]) -> None:
    """Raise UnknownSetting at a name that is none: left out, it would be taken for in force."""
    known = {name.upper() for name in Settings.model_fields}
    meant = {*known, *RENAMED, *OF_THE_SDK, *OF_STREAMLIT}
    for name in (*in_environment, *in_file):
        if name.upper() not in meant:
            # A cutoff of 0 always finds one, so that a message always has a name to try.
            (near,) = get_close_matches(name.upper(), sorted(known), n=1, cutoff=0)
            raise UnknownSetting(UNKNOWN.format(name=name, near=near))


def _refuse_auth(in_file: Mapping[str, Any]) -> None:
    """Raise WrongSetting at an `[auth]` by which nobody could sign in."""
    names = [name for name in in_file if name.upper() in OF_STREAMLIT]
    if not names:
        return
    auth = in_file[names[0]]
    if names != ["auth"] or not isinstance(auth, Mapping):
        raise WrongSetting(AUTH.format(wrong="a table with this name in lower case"))
    named = [
        each for name, each in auth.items() if isinstance(each, Mapping) and name != FOR_CLIENT
    ]
    is_one_unnamed = not named or any(auth.get(name) for name in PROVIDER)
    providers = [*named, auth] if is_one_unnamed else named
    missing = [name for name in SIGNING_IN if not auth.get(name)]
    missing += [name for name in PROVIDER if not all(each.get(name) for each in providers)]
    if missing:
        raise WrongSetting(AUTH.format(wrong=f"complete; missing: {', '.join(missing)}"))


def read() -> Settings:
    """Return the settings.

    Raises WrongSetting, with a sentence for each that is wrong: which it is, and what to write.
    """
    try:
        return Settings()
    except ValidationError as wrong:
        raise WrongSetting(" ".join(dict.fromkeys(map(_sentence, wrong.errors())))) from None
    except SettingsError as wrong:
        # One that is written as JSON; no more of it is told than its name.
        (name,) = (each for each in WANTED if f'"{each}"' in str(wrong))
        raise WrongSetting(f"{name.upper()} must be {WANTED[name]}.") from None


def _sentence(details: ErrorDetails) -> str:
    error = details.get("ctx", {}).get("error")
    if isinstance(error, SamePlace):
        return f"{error}."
    name = str(details["loc"][0])
    if isinstance(error, UnknownVerb):
        return f"{name.upper()}: {error}."
    if name == connection_settings.SETTING:
        return connection_settings.sentence(details)
    return f"{name.upper()} must be {WANTED[name]}."
