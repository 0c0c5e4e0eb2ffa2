"""Every setting, read once from the environment and from `.streamlit/secrets.toml`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from services.operations import EVERY_VERB

SECRETS_FILE = Path(".streamlit") / "secrets.toml"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

ANY_VERB = "*"


class Settings(BaseSettings):
    """Each field is read from the variable of the same name in capitals.

    The `visier_*` names are those of Visier's official SDK. The environment wins over the file.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    visier_host: Text | None = None
    visier_vanity: Text | None = None
    visier_apikey: SecretStr | None = None
    visier_username: Text | None = None
    visier_password: SecretStr | None = None
    visier_client_id: Text | None = None
    visier_client_secret: SecretStr | None = None
    visier_target_tenant_id: Text | None = None
    visier_body_encoding: Literal["samples", "openapi"] = "samples"

    dashboard_ledger_url: Text | None = None
    dashboard_ledger_days: int = Field(default=365, ge=1)
    dashboard_sightings_days: int = Field(default=30, ge=1)
    dashboard_fallback_days: int = Field(default=7, ge=1)
    dashboard_fresh_hours: int = Field(default=36, ge=1, le=8760)
    dashboard_log_format: Literal["text", "json"] = "text"
    # The figures are served to whoever can reach this; without a port they are not served.
    dashboard_metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    dashboard_metrics_address: Text = "127.0.0.1"
    dashboard_idle_minutes: float = Field(default=60, gt=0, allow_inf_nan=False)
    dashboard_require_oidc: bool = False
    dashboard_oidc_hours: float | None = Field(default=None, gt=0, le=720)
    dashboard_read_only: bool = False
    dashboard_permissions: Mapping[str, tuple[str, ...]] | None = None
    dashboard_groups_claim: Text = "groups"
    dashboard_sandbox_tenants: int = Field(default=120, ge=6, le=50_000)
    dashboard_sandbox_seed: int = 7
    dashboard_sandbox_speed: float = Field(default=10.0, ge=0, le=10_000)
    dashboard_sandbox_rate_limit: int = Field(default=100, ge=0)

    @field_validator("dashboard_permissions")
    @classmethod
    def _only_known_verbs(
        cls, given: Mapping[str, tuple[str, ...]] | None
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Refuse a verb nobody knows: it would permit nothing, and look as if it did."""
        named = {verb for verbs in (given or {}).values() for verb in verbs}
        unknown = sorted(named - EVERY_VERB - {ANY_VERB})
        if unknown:
            known = ", ".join(sorted(EVERY_VERB))
            raise ValueError(f"no such verb: {', '.join(unknown)}; there are: {known}")
        return given

    @property
    def names_a_visier(self) -> bool:
        """Whether anything says which Visier to use; if not, the sandbox is opened."""
        return bool(self.visier_host or self.visier_vanity)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the secrets file."""
        in_file = TomlConfigSettingsSource(settings_cls, SECRETS_FILE)()
        lower_case = {name.lower(): value for name, value in in_file.items()}
        return init_settings, env_settings, InitSettingsSource(settings_cls, lower_case)
