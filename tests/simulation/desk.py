"""A person at a replica: what a screen reads there, and what a button calls."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final, TypeVar
from uuid import UUID

import pandas as pd

from services.frames import (
    UnexpectedResponse,
    connector_settings,
    connectors,
    credentials,
    data_versions,
    job_tree,
    jobs,
    uploaded_files,
    uploads,
)
from services.ledger import (
    AlreadyApplied,
    Ledger,
    Operation,
    OperationFilter,
    Outcome,
    State,
    TakenOver,
)
from services.operations import (
    CREDENTIAL_VERBS,
    NoInverse,
    NotAllowed,
    Plan,
    Verb,
)
from services.operations.credentials.submission import (
    Submission,
    submit,
)
from services.operations.starts import request
from services.operations.tokens import START_VERBS
from services.visier import Client, InvalidArgument, VisierError
from tests.simulation.replicas import Person, Replica

T = TypeVar("T")
EXPECTED: Final = (
    VisierError,
    UnexpectedResponse,
    InvalidArgument,
    AlreadyApplied,
    NotAllowed,
    NoInverse,
    TakenOver,
)
OTHERS: Final = (
    *(Verb.RECOVER, Verb.DOWNLOAD_FILES),
    *(Verb.CHANGE_RULES, Verb.HANDLE_INCIDENTS),
)
BULK: Final = frozenset(Verb) - {*START_VERBS, *CREDENTIAL_VERBS, *OTHERS}
LATELY: Final = timedelta(hours=12)


class Desk:
    """One person at one replica, about to do one thing."""

    def __init__(
        self,
        replica: Replica,
        others: Sequence[Replica],
        person: Person,
        draw: Random,
        codes: Sequence[str],
    ) -> None:
        self.replica = replica
        self.others = others
        self.person = person
        self.draw = draw
        self.codes = codes
        self.told: list[str] = []

    @property
    def client(self) -> Client:
        return self.replica.client(self.person)

    @property
    def ledger(self) -> Ledger:
        return self.replica.ledger.at(self.person.actor.place)

    def some(self, items: Iterable[T], most: int = 3) -> list[T]:
        listed = list(items)
        return self.draw.sample(listed, min(len(listed), self.draw.randint(1, most)))

    def id(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def tell(self, text: str) -> None:
        self.told.append(text)

    def uploads(self) -> pd.DataFrame:
        return uploads.to_frame(self.client.iter_retrieve_data_uploads())

    def versions(self) -> pd.DataFrame:
        return data_versions.to_frame(self.client.iter_latest_enabled_dv())

    def files(self, codes: Iterable[str], pattern: str | None = None) -> pd.DataFrame:
        return uploaded_files.to_frame(
            page
            for code in codes
            for page in self.client.in_tenant(code).iter_retrieve_tenant_source_files(
                file_name_regex=pattern
            )
        )

    def jobs(self) -> pd.DataFrame:
        now = self.replica.clock.now()
        payload = self.client.job_status(start_time=now - LATELY, end_time=now)
        return job_tree.roll_up(jobs.from_job_status(payload))

    def connectors(self, codes: Iterable[str]) -> pd.DataFrame:
        return pd.concat(
            connectors.to_frame(self.client.iter_data_connectors(tenant_code=code), code)
            for code in codes
        )

    def credentials(self, codes: Iterable[str]) -> pd.DataFrame:
        read = self.client.iter_data_connector_credentials
        return pd.concat(credentials.to_frame(read(tenant_code=code), code) for code in codes)

    def settings(self, codes: Iterable[str]) -> pd.DataFrame:
        return pd.concat(
            connector_settings.to_frame(
                [self.client.in_tenant(code).list_connector_settings()], code
            )
            for code in codes
        )

    def operations(
        self, states: Collection[State], verbs: Collection[str], outcome: Outcome | None = None
    ) -> list[Operation]:
        wanted = OperationFilter(states=tuple(states), verbs=tuple(verbs), outcome=outcome)
        return self.ledger.operations(wanted, 20)

    def apply(self, plan: Plan) -> None:
        """Press the button, and perhaps again: here, or at another replica where it is open too."""
        if not plan.count:
            self.tell(f"{plan.verb}: nothing to do")
            return
        is_step = plan.part_of in self.replica.book.recoveries and plan.undo_of is None
        if not is_step and (plan.part_of is None or plan.retry_of is None):
            plan = replace(plan, id=self.id())
        self.tell(f"{plan.verb} of {plan.count} as {plan.id[:8]}")

        def press(replica: Replica) -> None:
            replica.runner.apply(
                plan,
                replica.client(self.person),
                self.person.actor,
                identity=self.person.identity,
                permissions=self.person.permissions,
            )

        self.press(plan.id, press)

    def press(self, plan_id: str, press: Callable[[Replica], object]) -> None:
        book = self.replica.book

        def counted(replica: Replica) -> None:
            press(replica)
            book.clicks[plan_id] = book.clicks.get(plan_id, 0) + 1

        def again(replica: Replica) -> None:
            try:
                counted(replica)
            except EXPECTED:
                return

        if self.draw.random() < 0.2:
            twin = self.draw.choice([each for each in (self.replica, *self.others) if each.is_up])
            self.tell(f"pressed at {twin.name} as well")
            twin.spawn(lambda: again(twin), f"second click at {twin.name}", self.person)
        counted(self.replica)

    def start(self, what: request.JobRequest) -> None:
        self.tell(f"{what.verb} as {what.id[:8]}")

        def press(replica: Replica) -> None:
            request.start(
                replica.ledger,
                replica.client(self.person),
                what,
                self.person.actor,
                identity=self.person.identity,
                permissions=self.person.permissions,
                threads=replica.threads,
            )

        self.press(what.id, press)

    def submit(self, what: Submission) -> None:
        what = replace(what, id=self.id())
        self.tell(f"{what.verb} as {what.id[:8]}")

        def press(replica: Replica) -> None:
            submit(
                replica.ledger,
                replica.client(self.person),
                what,
                self.person.actor,
                identity=self.person.identity,
                permissions=self.person.permissions,
                threads=replica.threads,
            )

        self.press(what.id, press)

    def stay_open(
        self, work: Callable[[Replica], None], what: str, replica: Replica | None = None
    ) -> None:
        """Leave a screen open that looks by itself, and go on with something else."""
        at = replica or self.replica
        if not at.is_up:
            return

        def look_on() -> None:
            try:
                work(at)
            except EXPECTED:
                return
            except Exception:
                logging.getLogger("services.operations").exception("%s", what)

        self.tell(f"watches {what} at {at.name}")
        at.spawn(look_on, f"{what} at {at.name}", self.person).is_watching = True

    def secret(self) -> str:
        """Type a secret: it may be nowhere in the ledger."""
        secret = f"canary{self.draw.getrandbits(60):x}"
        self.replica.book.secrets.append(secret)
        return secret
