"""What people do at a replica: plan and apply, start, follow, take up, look up, undo, try again.

An action reads what its screen reads, through the client, and calls what its button calls. What
it draws it draws from a source of its own, so that leaving one out changes no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

import pandas as pd

from services.frames import (
    OddAnswer,
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
    LIVE,
    UNSETTLED,
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
    VERBS,
    FileChoice,
    FollowUp,
    NoInverse,
    NotAllowed,
    Plan,
    Planning,
    Verb,
    look_up,
    plan_assign_credentials,
    plan_cancel_jobs,
    plan_delete_credentials,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_range,
    plan_exclude_uploads,
    plan_include_all_uploads,
    plan_include_files,
    plan_include_range,
    plan_include_uploads,
    plan_set_connector_settings,
)
from services.operations.credentials import outcomes as credential_outcomes
from services.operations.credentials.submission import (
    Submission,
    change,
    creation,
    rotation,
    submit,
)
from services.operations.starts import lookup, request
from services.operations.starts.forms import (
    ConsolidationForm,
    ExtractionForm,
    LoadForm,
    ProcessingForm,
    StartForm,
)
from services.operations.starts.record import record_of
from services.operations.tokens import START_VERBS
from services.sandbox.models.jobs import LIVE as LIVE_JOBS
from services.sandbox.population.cast import ADMIN
from services.visier import Client, InvalidArgument, PasswordRefused, VisierError
from services.visier.providers import PROVIDERS, filled_in
from tests.simulation.replicas import Person, Replica

T = TypeVar("T")
EXPECTED: Final = (
    VisierError,
    OddAnswer,
    InvalidArgument,
    AlreadyApplied,
    NotAllowed,
    NoInverse,
    TakenOver,
)
BULK: Final = frozenset(Verb) - {*START_VERBS, *CREDENTIAL_VERBS, Verb.RECOVER, Verb.DOWNLOAD_FILES}
PATTERNS: Final = (r"^Employee_", r"_rerun\.csv$", "Absence|Compensation")
SOURCES: Final = ("Employee", "Compensation", "Absence")
FILES: Final = ("WFF_j1r_all_20260301102030.zip.gpg", "WFF_j1r_hcm_20260301102030.zip.gpg")
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
        if plan.part_of is None or plan.retry_of is None:
            plan = replace(plan, id=self.id())
        self.tell(f"{plan.verb} of {plan.count} as {plan.id[:8]}")

        def press(replica: Replica) -> None:
            replica.runner.apply(
                plan,
                replica.client(self.person),
                self.person.actor,
                identity=self.person.name,
                permissions=self.person.permissions,
            )

        self._press(plan.id, press)

    def _press(self, plan_id: str, press: Callable[[Replica], object]) -> None:
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

    def start(self, form: StartForm) -> None:
        what = request.JobRequest(form, id=self.id())
        self.tell(f"{what.verb} as {what.id[:8]}")

        def press(replica: Replica) -> None:
            request.start(
                replica.ledger,
                replica.client(self.person),
                what,
                self.person.actor,
                identity=self.person.name,
                permissions=self.person.permissions,
                threads=replica.threads,
            )

        self._press(what.id, press)

    def submit(self, what: Submission) -> None:
        what = replace(what, id=self.id())
        self.tell(f"{what.verb} as {what.id[:8]}")

        def press(replica: Replica) -> None:
            submit(
                replica.ledger,
                replica.client(self.person),
                what,
                self.person.actor,
                identity=self.person.name,
                permissions=self.person.permissions,
                threads=replica.threads,
            )

        self._press(what.id, press)

    def secret(self) -> str:
        """Type a secret: it may be nowhere in the ledger."""
        secret = f"canary{self.draw.getrandbits(60):x}"
        self.replica.book.secrets.append(secret)
        return secret


def change_uploads(desk: Desk) -> None:
    current = desk.uploads()
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 8))]
    plan = desk.draw.choice([plan_exclude_uploads, plan_include_uploads])
    desk.apply(plan(rows, current))


def change_all_uploads(desk: Desk) -> None:
    plan = desk.draw.choice([plan_exclude_all_uploads, plan_include_all_uploads])
    desk.apply(plan(desk.some(desk.codes), desk.uploads()))


def change_range(desk: Desk) -> None:
    files = desk.files(desk.some(desk.codes, 2))
    times = sorted(files["upload_time"].dropna().unique())
    if not times:
        return
    since, until = sorted(desk.draw.choices(times, k=2))
    plan = desk.draw.choice([plan_exclude_range, plan_include_range])
    desk.apply(plan(files, since, until))


def change_files(desk: Desk) -> None:
    choice = desk.draw.choice(list(FileChoice))
    pattern = desk.draw.choice(PATTERNS) if choice is FileChoice.NAME else None
    files = desk.files(desk.some(desk.codes, 2), pattern)
    match choice:
        case FileChoice.NAME:
            chosen = [str(pattern)]
        case FileChoice.SOURCES:
            chosen = desk.some(SOURCES, 2)
        case FileChoice.IDENTIFIERS:
            chosen = desk.some(files["identifier"].dropna(), 4) if len(files) else []
    plan = desk.draw.choice([plan_exclude_files, plan_include_files])
    if chosen:
        desk.apply(plan(files, choice, chosen))


def disable_versions(desk: Desk) -> None:
    versions = desk.versions().dropna(subset="data_version")
    if versions.empty:
        return
    rows = versions.iloc[sorted(desk.some(range(len(versions)), 3))]
    now = desk.replica.clock.now()
    desk.apply(plan_disable_data_versions(rows[["tenant_code", "data_version"]], versions, now=now))


def cancel_jobs(desk: Desk) -> None:
    listed = desk.jobs()
    live = listed[listed["status"].astype(str).isin([str(each) for each in LIVE_JOBS])]
    chosen = desk.some(live["job_key"].dropna(), 4) if len(live) else []
    desk.apply(plan_cancel_jobs(chosen, listed))


def assign(desk: Desk) -> None:
    codes = desk.some(desk.codes, 2)
    listed, known = desk.connectors(codes), desk.credentials(codes)
    rows = []
    for row in listed.dropna(subset="connector_id").itertuples():
        own = known.loc[known["tenant_code"] == row.tenant_code, "credential_id"].dropna()
        if len(own):
            rows.append((row.tenant_code, row.connector_id, desk.draw.choice(list(own))))
    columns = ["tenant_code", "connector_id", "credential_id"]
    desk.apply(
        plan_assign_credentials(pd.DataFrame(rows, columns=columns, dtype="str"), listed, known)
    )


def set_settings(desk: Desk) -> None:
    current = desk.settings(desk.some(desk.codes, 2)).dropna(subset="setting_key")
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 4))]
    value = f"value {desk.draw.randrange(4)}"
    changes = rows[["tenant_code", "connector_id", "setting_key"]].assign(value=value)
    desk.apply(plan_set_connector_settings(changes, current))


def delete_credentials(desk: Desk) -> None:
    current = desk.credentials(desk.some(desk.codes, 2)).dropna(subset="credential_id")
    if current.empty:
        return
    rows = current.iloc[sorted(desk.some(range(len(current)), 2))]
    none = pd.DataFrame({"tenant_code": []}, dtype="str")
    desk.apply(plan_delete_credentials(rows, current, none))


def start_processing(desk: Desk) -> None:
    codes = desk.some(desk.codes, 2)
    if desk.draw.random() < 0.5:
        desk.start(ProcessingForm(all_tenants=False, tenants=codes))
    else:
        desk.start(ProcessingForm(all_tenants=True, excluded_tenants=codes))


def start_extraction(desk: Desk) -> None:
    desk.start(ExtractionForm(all_tenants=False, tenants=desk.some(desk.codes, 2)))


def start_load(desk: Desk) -> None:
    desk.start(LoadForm(files=[desk.draw.choice(FILES)]))


def start_consolidation(desk: Desk) -> None:
    desk.start(ConsolidationForm(tenant_code=f"{ADMIN}~CAa7s"))


def _ukg(secret: str) -> dict[str, Any]:
    provider = PROVIDERS["UKG"]
    return filled_in(provider, provider.parameters[0], {"password": secret})


def create_credentials(desk: Desk) -> None:
    name = f"Made {desk.draw.randrange(1000)}"
    desk.submit(creation(_ukg(desk.secret()), tenants=desk.some(desk.codes), display_name=name))


def change_credential(desk: Desk) -> None:
    code = desk.draw.choice(desk.codes)
    known = desk.credentials([code]).dropna(subset="credential_id")
    own = known[(known["data_provider"] == "UKG") & ~known["is_inherited"].fillna(False)]
    if own.empty:
        return
    id_ = desk.draw.choice(list(own["credential_id"]))
    if desk.draw.random() < 0.5:
        desk.submit(change(code, id_, "one", display_name=f"Renamed {desk.draw.randrange(1000)}"))
    else:
        desk.submit(rotation(code, id_, "one", _ukg(desk.secret())))


def control(desk: Desk) -> None:
    live = desk.operations(LIVE, sorted(BULK))
    if live:
        operation, runner = desk.draw.choice(live), desk.replica.runner
        ask = desk.draw.choice([runner.pause, runner.pause, runner.resume, runner.stop])
        desk.tell(f"{ask.__name__} {operation.id[:8]}")
        ask(operation.id, desk.person.permissions)


def take_up(desk: Desk) -> None:
    broken = desk.operations([State.INTERRUPTED], sorted(BULK))
    if broken:
        operation, go_on = desk.draw.choice(broken), desk.draw.random() < 0.8
        desk.tell(f"take up {operation.id[:8]}")
        desk.replica.runner.finish_interrupted(
            operation.id, desk.client, desk.person.permissions, go_on=go_on
        )


def look(desk: Desk) -> None:
    found = [
        each
        for outcome in sorted(UNSETTLED)
        for each in desk.operations(
            [State.FINISHED, State.STOPPED, State.INTERRUPTED], sorted(BULK), outcome
        )
    ]
    if found:
        operation = desk.draw.choice(found)
        desk.tell(f"look up {operation.id[:8]}")
        look_up(desk.ledger, desk.client, operation.id)


def settle_starts(desk: Desk) -> None:
    """Look for the jobs of starts that are unclear; who looks knows which it is, if any."""
    now = desk.replica.clock.now()
    for each in lookup.unsettled(desk.ledger, desk.person.actor, now - LATELY)[:2]:
        settle_start(desk, each.operation)


def settle_start(desk: Desk, operation: Operation) -> None:
    known = record_of(desk.ledger, operation)
    if known.grace_left(desk.replica.clock.now()):
        return
    looked = lookup.look(desk.ledger, desk.client, known, desk.replica.clock.now())
    if looked.refused:
        return
    made = _made(desk, operation)
    is_there = made is not None and made in looked.candidates["job_id"].array
    desk.tell(f"settle start {operation.id[:8]}")
    if made is None:
        request.settle_by_hand(desk.ledger, operation.id, desk.person.permissions, started=False)
    elif is_there:
        lookup.claim(desk.ledger, known, made, desk.person.permissions)
    elif known.listed_before is not None:
        desk.replica.book.ask("a_job_that_was_started_is_found", [f"{made} of {operation.id}"])


def _made(desk: Desk, operation: Operation) -> str | None:
    fates = desk.replica.book.operations[operation.id].fates.values()
    return next((name[1] for fate in fates for name in fate.made), None)


def settle_credentials(desk: Desk) -> None:
    """Say what became of requests about credentials; who looks knows."""
    for operation in desk.operations(
        [State.FINISHED, State.STOPPED, State.INTERRUPTED], CREDENTIAL_VERBS
    ):
        credential_fates(desk, operation)


def credential_fates(desk: Desk, operation: Operation) -> None:
    fates = desk.replica.book.operations[operation.id].fates
    long_ago = desk.ledger.ago(timedelta(minutes=3))
    for item in desk.ledger.items(operation.id, UNSETTLED):
        if item.at > long_ago or operation.state_at > long_ago:
            return
        desk.tell(f"settle credential {operation.id[:8]}")
        done = bool(fates[item.key].made)
        credential_outcomes.settle_by_hand(
            desk.ledger, operation.id, item.tenant_code, desk.person.permissions, done=done
        )
    if operation.state is State.INTERRUPTED:
        credential_outcomes.close(desk.ledger, operation.id, desk.person.permissions)


def undo(desk: Desk) -> None:
    follow(desk, FollowUp.UNDO, [Outcome.SUCCEEDED])


def retry(desk: Desk) -> None:
    follow(desk, FollowUp.RETRY, [desk.draw.choice([Outcome.FAILED, Outcome.UNCERTAIN])])


def follow(desk: Desk, what: FollowUp, came: Sequence[Outcome]) -> None:
    """Plan what follows from an operation, as its record does, and apply it."""
    found = desk.operations([State.FINISHED, State.STOPPED], sorted(BULK), *came)
    if not found:
        return
    operation = desk.draw.choice(found)
    desk.tell(f"{what} {operation.id[:8]}")
    now = desk.replica.clock.now
    planning = Planning(desk.ledger, VERBS, operation.id, what, client=desk.client, now=now)
    planning.run()
    if planning.error:
        raise planning.error
    if planning.plan:
        desk.apply(planning.plan)


ACTIONS: Final[tuple[tuple[Callable[[Desk], None], int], ...]] = (
    (change_uploads, 6),
    (change_all_uploads, 4),
    (change_range, 3),
    (change_files, 4),
    (disable_versions, 2),
    (cancel_jobs, 4),
    (assign, 3),
    (set_settings, 3),
    (delete_credentials, 2),
    (start_processing, 3),
    (start_extraction, 2),
    (start_load, 1),
    (start_consolidation, 1),
    (create_credentials, 3),
    (change_credential, 2),
    (control, 6),
    (take_up, 6),
    (look, 4),
    (settle_starts, 2),
    (settle_credentials, 2),
    (undo, 3),
    (retry, 4),
)


def act(desk: Desk) -> None:
    """Do one thing, whatever the draw says; what people are told when it cannot be is no news."""
    (action,) = desk.draw.choices([each for each, _ in ACTIONS], [often for _, often in ACTIONS])
    try:
        action(desk)
    except PasswordRefused:
        desk.client.try_to_sign_in_again()
    except EXPECTED as trouble:
        desk.tell(f"{action.__name__}: {type(trouble).__name__}")
