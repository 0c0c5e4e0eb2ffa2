"""Lists that leave a field out: nothing is called done by what they do not say, none breaks."""

from collections.abc import Callable

import pandas as pd
import pytest

from services.ledger import Outcome
from services.operations import (
    FileChoice,
    Plan,
    look_up,
    plan_disable_data_versions,
    plan_exclude_files,
    plan_exclude_uploads,
)
from tests.services.operations.conftest import Desk
from tests.services.operations.connecting import E1A, E1A_UKG, deletion
from tests.services.operations.verbs import (
    disable_versions,
    exclude_all,
    exclude_files,
    exclude_uploads,
    files_of,
)

READS = ("retrieve_data_uploads", "retrieve_tenant_source_files", "latest_enabled_dv")
MISSING = ((exclude_uploads, "included"), (exclude_all, "included"), (exclude_files, "included"))


@pytest.mark.parametrize("fault", ["drop_field", "null_field"])
@pytest.mark.parametrize(("plan", "field"), [*MISSING, (disable_versions, "dataVersion")])
def test_what_a_list_does_not_tell_is_not_called_done(
    desk: Desk, plan: Callable[[Desk], Plan], field: str, fault: str
) -> None:
    control = desk.sandbox.control
    for operation in ("exclude_data_uploads", "disable_dv"):
        control.fault(operation, "cut", when="before")
    id_ = desk.apply(plan(desk))
    control.clear_faults()
    desk.clock.advance(minutes=3)
    for operation in READS:
        control.fault(operation, fault, value=field, times=0)
    look_up(desk.ledger, desk.client, id_)
    assert set(desk.outcomes(id_)) <= {Outcome.UNCERTAIN, Outcome.SKIPPED}
    control.clear_faults()
    desk.clock.advance(minutes=3)
    look_up(desk.ledger, desk.client, id_)
    assert set(desk.outcomes(id_)) <= {Outcome.FAILED, Outcome.SKIPPED}


def test_a_credential_is_not_called_gone_by_a_list_without_ids(desk: Desk) -> None:
    control = desk.sandbox.control
    control.fault("delete_connector_credential", "cut", when="before")
    id_ = desk.apply(deletion(desk, (E1A, E1A_UKG)))
    desk.clock.advance(minutes=3)
    control.fault("data_connector_credentials", "null_field", value="credentialId", times=0)
    look_up(desk.ledger, desk.client, id_)
    assert desk.outcomes(id_) == [Outcome.UNCERTAIN]


def test_rows_without_a_tenant_are_no_items(desk: Desk) -> None:
    uploads, versions, files = desk.uploads(), desk.versions(), files_of(desk)
    nobody = {"tenant_code": pd.array([None] * 3, dtype="str")}
    for plan in (
        plan_exclude_uploads(uploads.head(3).assign(**nobody), uploads),
        plan_disable_data_versions(versions.head(3).assign(**nobody), versions, now=desk.clock()),
        plan_exclude_files(files.head(3).assign(**nobody), FileChoice.SOURCES, ["Employee"]),
    ):
        assert not plan.changes
