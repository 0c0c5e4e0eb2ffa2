"""Every form that starts jobs, filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from services.operations.starts.forms import (
    FORMS,
    ConsolidationForm,
    ExtractionForm,
    LoadForm,
    ProcessingForm,
    StartForm,
)

C7O, E1A, CONSOLIDATED = "WFF_j1r~c7o", "WFF_j1r~e1a", "WFF_j1r~CAa7s"
FILE = "WFF_j1r_hcm_files_20181030102030.zip.gpg"
EVERY = [
    *((form, form.operation) for form in FORMS.values()),
    (ExtractionForm, ExtractionForm.alternative),
]
MIDNIGHT_IN_VANCOUVER: Final = datetime(2021, 12, 13, 8, tzinfo=UTC)
GO_WITHOUT: Final = {
    "tenants",
    "last_extraction_time_offset_weeks",
    "offset_week_option",
    "disable_artifact_generation",
}
"""What does not go together with the others."""
_ALL_BUT_ONE: Final = {"all_tenants": True, "excluded_tenants": [C7O]}
_VALUES: Final[Mapping[type[StartForm], Mapping[str, Any]]] = {
    LoadForm: {"files": [FILE], "skip_data_load": True},
    ExtractionForm: _ALL_BUT_ONE
    | {
        "connector_ids": ["one", "two"],
        "data_category_id": "some-id",
        "override_last_extraction_timestamp": MIDNIGHT_IN_VANCOUVER,
        "extract_to_time_override": MIDNIGHT_IN_VANCOUVER.replace(day=14),
        "last_extraction_time_offset_mode": "MONTH",
        "last_extraction_time_offset_months": 3,
        "offset_month_option": "CURRENT_DAY_OF_MONTH",
        "months_to_extract": 3,
        "publish_data_load_artifacts": True,
        "force_update_existing_artifacts": True,
        "run_processing_job": True,
        "credential_id": "some-id",
        "output_target": "Receiving",
        "batch_size_override": 3,
        "sql_batch_size": 3,
        "spill_debug_info_partitions": "spillNone",
        "spill_debug_info_detail_level": "fileAndLine",
        "pipeline_name": "some name",
    },
    ProcessingForm: _ALL_BUT_ONE
    | {"data_category_id": "some-id", "publish_to_production": True, "pipeline_name": "some name"},
    ConsolidationForm: {
        "tenant_code": CONSOLIDATED,
        "run_processing_job": True,
        "pipeline_name": "some name",
    },
}


def whole_form(form: type[StartForm], **others: object) -> StartForm:
    """Give a form with every field that goes together."""
    return form.model_validate({**_VALUES[form], **others})
