"""What people start and create."""

from __future__ import annotations

from typing import Any, Final

from services.operations.credentials.submission import (
    change,
    creation,
    rotation,
)
from services.operations.starts import request
from services.operations.starts.forms import (
    ConsolidationForm,
    ExtractionForm,
    LoadForm,
    ProcessingForm,
    StartForm,
)
from services.sandbox.population.personas import ADMIN
from services.visier.providers import PROVIDERS, filled_in
from tests.simulation.desk import Desk

FILES: Final = ("WFF_j1r_all_20260301102030.zip.gpg", "WFF_j1r_hcm_20260301102030.zip.gpg")


def _start(desk: Desk, form: StartForm) -> None:
    desk.start(request.JobRequest(form, id=desk.id()))


def start_processing(desk: Desk) -> None:
    codes = desk.some(desk.codes, 2)
    if desk.draw.random() < 0.5:
        _start(desk, ProcessingForm(all_tenants=False, tenants=codes))
    else:
        _start(desk, ProcessingForm(all_tenants=True, excluded_tenants=codes))


def start_extraction(desk: Desk) -> None:
    _start(desk, ExtractionForm(all_tenants=False, tenants=desk.some(desk.codes, 2)))


def start_load(desk: Desk) -> None:
    _start(desk, LoadForm(files=[desk.draw.choice(FILES)]))


def start_consolidation(desk: Desk) -> None:
    _start(desk, ConsolidationForm(tenant_code=f"{ADMIN}~CAa7s"))


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
