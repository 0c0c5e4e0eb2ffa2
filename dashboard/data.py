"""Cached loads: what each screen reads, kept per identity (dashboard.list_load).

A load raises visier.StillFetching while its list is not complete, and what reading raises.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pandas as pd

from dashboard.connection import Connection
from dashboard.list_load import KEPT, ListLoad, Page, comfort, in_frames, lists
from dashboard.page_notes import Without, of_page
from services import visier
from services.frames import (
    categories,
    data_versions,
    metric_values,
    tenants,
    uploaded_files,
    uploads,
    webhooks,
)
from services.frames.answers import note_lost
from services.monitoring.details import Answer, JobPlace, questions
from services.monitoring.phrases import counted
from services.monitoring.rhythm import rhythms
from services.visier import Client, ListSpec

# Their codes agree by far sooner: more would only be counted.
CODES_COMPARED = 100
# Lists that name every tenant have about as many pages as each other.
OF_EVERY_TENANT: Final = "every tenant"
# Names hardly change, and a shift of work reads their 50 pages once.
NAMES_TTL: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frame, the moment it was read (aware, UTC), and what of it could not be, in words."""

    frame: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TenantDirectory:
    """The tenants known by name.

    `frame` has the columns of `services.frames.tenants`. `is_complete` is False when there may be
    more than were read so far.
    """

    frame: pd.DataFrame
    is_complete: bool

    @property
    def administrating_tenant(self) -> str | None:
        """The code of the tenant that administers the others, or None when it cannot be told.

        An analytic tenant's code is that of its administrating tenant, "~" and its own part. What
        most of them share counts: one code may be odd.
        """
        codes = self.frame["tenant_code"].head(CODES_COMPARED)
        common = Counter(code.partition("~")[0] for code in codes).most_common(1)
        return common[0][0] if common else None


NOBODY = TenantDirectory(tenants.to_frame([]), is_complete=True)


@dataclass(frozen=True, slots=True)
class DataVersions:
    """`versions`: one row per enabled data version; `tenants`: one row per tenant, its latest.

    `tenants` also has the columns of services.monitoring.rhythm.rhythms; `knows_loads` says that
    these count from new data, not from every version, and that `versions` also has loaded_at as of
    services.monitoring.loads. `left_out` says in words what could not be read.
    """

    versions: pd.DataFrame
    tenants: pd.DataFrame
    as_of: datetime
    left_out: Sequence[str] = ()
    knows_loads: bool = False


@ListLoad
def load_tenants() -> ListSpec[Page, TenantDirectory]:
    """Read the tenants' codes and display names; `directory` is the way to them."""
    return in_frames(
        lambda client: client.iter_tenants(),
        tenants.to_frame,
        # Where the code cannot be read, there is nothing the name could stand beside.
        lambda frame, *_: TenantDirectory(
            frame.dropna(subset="tenant_code", ignore_index=True), is_complete=True
        ),
        ttl=NAMES_TTL,
        size=OF_EVERY_TENANT,
        comforts=True,
    )


@ListLoad
def load_tenant(tenant_code: str) -> ListSpec[Page, Snapshot]:
    """Read what one tenant is called: no row where there is none of this code."""

    def whole(frame: pd.DataFrame, *read: Any) -> Snapshot:
        # Part of a code is taken for it, and a list of codes for several.
        return Snapshot(frame[frame["tenant_code"] == tenant_code], *read)

    return in_frames(
        lambda client: client.iter_tenants(tenant_codes=[tenant_code]),
        tenants.to_frame,
        whole,
        most=16,
    )


@ListLoad
def load_names_of(tenant_codes: tuple[str, ...]) -> ListSpec[Page, TenantDirectory]:
    """Read the display names of a few tenants, in one call."""
    return in_frames(
        lambda client: client.iter_tenants(tenant_codes=tenant_codes),
        tenants.to_frame,
        lambda frame, *_: TenantDirectory(
            frame.dropna(subset="tenant_code", ignore_index=True), is_complete=False
        ),
        ttl=NAMES_TTL,
    )


def directory(connection: Connection, *, patience: float) -> TenantDirectory:
    """Return the tenants known by name so far; wait so many seconds for the first 1,000.

    The others follow in the background once the page has drawn, which then is drawn anew. Never
    raises: names are a comfort, not a condition. Where they cannot be read there are none, and the
    page is given a note that says so.
    """
    listed = load_tenants.of(connection)
    known = comfort("names", listed, 1, patience)
    return NOBODY if known is None else replace(known, is_complete=listed.is_complete)


def go_on_with_names(names: Without) -> None:
    """Have all other names read in the background, unless the page itself is still being read."""
    if names.listed.is_fresh or any(each.is_under_way for each in of_page().lists):
        return
    comfort("names", names.listed, patience=0.0)
    # The page was drawn with what there was before.
    of_page().without["names"] = names


@ListLoad
def load_categories() -> ListSpec[Page, Snapshot]:
    """Read the data categories; columns as in `services.frames.categories`."""
    return in_frames(
        lambda client: visier.InTurn(client, lambda asked: asked.retrieve_data_categories()),
        categories.to_frame,
        Snapshot,
        ttl=timedelta(hours=1),
    )


def listed_categories(connection: Connection) -> pd.DataFrame:
    """Return the data categories, none where they cannot be read: the page is given a note then."""
    known = comfort("categories", load_categories.of(connection))
    return categories.to_frame([]) if known is None else known.frame


@ListLoad
def load_data_versions(data_category: str | None) -> ListSpec[Page, DataVersions]:
    """Read up to five enabled data versions of every tenant, of one category or the primary one."""
    return _data_versions(data_category, size=OF_EVERY_TENANT)


@ListLoad
def load_versions_of(tenant_code: str) -> ListSpec[Page, DataVersions]:
    """Read up to five enabled data versions of one tenant, of the primary category."""
    return _data_versions(None, tenant_code, most=16)


def _data_versions(
    data_category: str | None, tenant_code: str | None = None, **kept: Any
) -> ListSpec[Page, DataVersions]:
    # The same number may be another version in another category.
    suffix = f" {data_category}" if data_category else ""

    def whole(versions: pd.DataFrame, as_of: datetime, left_out: Sequence[str]) -> DataVersions:
        latest = data_versions.latest(versions).join(rhythms(versions), on="tenant_code")
        of_each, of_latest = (_keyed(rows, suffix=suffix) for rows in (versions, latest))
        return DataVersions(of_each, of_latest, as_of, left_out)

    return in_frames(
        lambda client: client.iter_latest_enabled_dv(
            tenant_code=tenant_code, data_category=data_category
        ),
        lambda pages: _of_tenants(data_versions.to_frame(pages)),
        whole,
        **kept,
    )


def _of_tenants(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose tenant is told: of nobody's nothing could be said or done."""
    nobodys = int(rows["tenant_code"].isna().sum())
    if not nobodys:
        return rows
    note_lost(f"{counted(nobodys, 'row')} without a tenant code.")
    return rows.dropna(subset="tenant_code", ignore_index=True)


def _keyed(rows: pd.DataFrame, of: str = "data_version", suffix: str = "") -> pd.DataFrame:
    """Return the rows with `key`: the tenant and `of`, as the API identifies them."""
    return rows.assign(key=rows["tenant_code"] + " " + rows[of].fillna("") + suffix)


@ListLoad
def load_uploads(upload_job_id: str | None) -> ListSpec[Page, Snapshot]:
    """Read up to five data uploads of every tenant, or those of one receiving job."""
    return _uploads(upload_job_id=upload_job_id, size="" if upload_job_id else OF_EVERY_TENANT)


@ListLoad
def load_uploads_of(tenant_code: str) -> ListSpec[Page, Snapshot]:
    """Read up to five data uploads of one tenant."""
    return _uploads(tenant_code=tenant_code, most=16)


def _uploads(
    tenant_code: str | None = None, upload_job_id: str | None = None, **kept: Any
) -> ListSpec[Page, Snapshot]:
    return in_frames(
        lambda client: client.iter_retrieve_data_uploads(
            tenant_code=tenant_code, upload_job_id=upload_job_id
        ),
        lambda pages: _of_tenants(uploads.to_frame(pages)),
        lambda frame, *read: Snapshot(_keyed(frame, "upload_time_text"), *read),
        **kept,
    )


@ListLoad
def load_uploaded_files(tenant_code: str, file_name_regex: str | None) -> ListSpec[Page, Snapshot]:
    """Read the uploaded files of one tenant, all or those whose name fits Visier's own regex."""
    return in_frames(
        lambda client: client.iter_retrieve_tenant_source_files(file_name_regex=file_name_regex),
        uploaded_files.to_frame,
        lambda frame, *read: Snapshot(_keyed(frame, "identifier"), *read),
        most=16,
        tenant=tenant_code,
    )


@ListLoad
def load_received_files(job_id: str) -> ListSpec[Page, Snapshot]:
    """Read the files a receiving job brought; columns as of `load_uploaded_files`."""
    return in_frames(
        lambda client: client.iter_retrieve_receiving_job_extracted_files(job_id),
        uploaded_files.to_frame,
        lambda frame, *read: Snapshot(_keyed(frame, "identifier"), *read),
        most=16,
    )


@ListLoad
def load_metric_values(codes: tuple[str, ...] | None) -> ListSpec[Page, Snapshot]:
    """Read the metric values of every tenant page by page, or of some by a call each.

    Columns as in `services.frames.metric_values`.
    """
    if codes is None:
        return in_frames(
            lambda client: client.iter_validation_tenants(),
            metric_values.to_frame,
            Snapshot,
            size=OF_EVERY_TENANT,
        )
    calls = [partial(Client.validation_tenant, tenant_id=code) for code in codes]
    return in_frames(
        lambda client: visier.InTurn(client, *calls),
        lambda pages: pd.concat([metric_values.of_tenant(page) for page in pages]),
        Snapshot,
    )


@ListLoad
def load_webhooks() -> ListSpec[Page, Snapshot]:
    """Read the webhooks of the tenant signed in to; columns as in `services.frames.webhooks`."""
    return in_frames(
        lambda client: visier.InTurn(client, lambda asked: asked.get_all_webhooks()),
        webhooks.to_frame,
        Snapshot,
    )


@ListLoad
def load_webhook_statuses() -> ListSpec[Page, Snapshot]:
    """Read which webhooks are active, and for what: all that is told without a capability."""
    return in_frames(
        lambda client: visier.InTurn(client, lambda asked: asked.get_webhooks_status()),
        webhooks.to_frame,
        Snapshot,
    )


@ListLoad
def load_job_answers(place: JobPlace, status_word: str) -> ListSpec[visier.Payload, list[Answer]]:  # noqa: ARG001 - a job that has moved on is asked about anew
    """Read what Visier says of one job, in one or two calls."""
    asked = list(questions(place))
    return ListSpec(
        ask=lambda client: visier.InTurn(client, *(each.ask for each in asked)),
        part=lambda payload: payload,
        whole=lambda payloads, _: list(map(Answer, asked, payloads)),
        ttl=KEPT.total_seconds(),
        most=64,
    )


CHANGING: Final = frozenset(
    load.name
    for load in (
        load_data_versions,
        load_versions_of,
        load_uploads,
        load_uploads_of,
        load_uploaded_files,
        load_webhooks,
        load_webhook_statuses,
    )
)


def forget_tenant(shared: visier.SharedLists, tenant_code: str) -> None:
    """Have what a screen shows of one tenant alone read again: something there has changed.

    Lists of all tenants stay as they were read, since of 50,000 they are 51 calls.
    """
    for load in (load_versions_of, load_uploads_of):
        shared.forget_one(load.name, ((tenant_code,), ()))


def forget_what_changes(
    connection: Connection, since: datetime, job_ids: Iterable[str] = ()
) -> None:
    """Forget what an operation has changed since, and have jobs read again: these in any window."""
    connection.job_monitor.expect_change(job_ids)
    lists(connection).forget(CHANGING, since)
