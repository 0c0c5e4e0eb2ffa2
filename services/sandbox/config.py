from dataclasses import dataclass, field
from enum import StrEnum

# Printed at start-up and in the README: they protect nothing.
API_KEY = "sandbox-key"
USERNAME = "sandbox@example.com"
PASSWORD = "sandbox"  # noqa: S105 - the one account of a simulator, printed at start-up
VANITY_NAME = "sandbox"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - of the same simulator, written in its README
# By the display names of encryption keys, which a webhook names.
WEBHOOK_KEYS = {"sandbox-webhooks": "sandbox-webhook-key"}

# Of the code samples' four tenants: a world too small for a part of the past goes without it.
SMALLEST_POPULATION = 1
# Visier's default limit for an administrating tenant.
LARGEST_POPULATION = 50_000


class Scenario(StrEnum):
    """What happened last night, as `population` writes it."""

    BAD_DELIVERY = "bad_delivery"
    QUIET_NIGHT = "quiet_night"
    HALF_DELIVERY = "half_delivery"
    DELIVERED_TWICE = "delivered_twice"
    SWAPPED_FILES = "swapped_files"
    OVERLAPPING_BATCHES = "overlapping_batches"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Odds:
    """The probabilities of how jobs end; the rest succeeds. All of them are assumed."""

    extraction_failed: float = 0.025
    extraction_error: float = 0.007
    extraction_rolled_back: float = 0.003
    extraction_rescheduled: float = 0.005
    receiving_failed: float = 0.04
    processing_failed: float = 0.05
    processing_error: float = 0.01
    cancel_overtaken: float = 0.03


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a sandbox.

    `tenants` counts analytic tenants (1 to 50,000). `speed` divides the durations of the state
    machine: at 60 minutes become seconds, at 0 nothing moves until the clock is advanced.
    `rate_limit` is in calls per minute and API key, with sixty times as many per hour; 0 is none.
    `scenario` is what happened last night.
    """

    tenants: int = 120
    seed: int = 7
    speed: float = 1.0
    # Visier's default.
    rate_limit: int = 100
    odds: Odds = field(default_factory=Odds)
    scenario: Scenario = Scenario.BAD_DELIVERY

    def __post_init__(self) -> None:
        if not SMALLEST_POPULATION <= self.tenants <= LARGEST_POPULATION:
            raise ValueError(
                f"tenants must be {SMALLEST_POPULATION} to {LARGEST_POPULATION}, not {self.tenants}"
            )
        if self.speed < 0:
            raise ValueError(f"speed must not be negative: {self.speed}")
        if self.rate_limit < 0:
            raise ValueError(f"rate_limit must not be negative: {self.rate_limit}")
