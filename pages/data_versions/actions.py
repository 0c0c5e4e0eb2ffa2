"""What can be done with data versions that are selected: disabling them, recovering from them."""

from datetime import datetime, timedelta

import pandas as pd

from dashboard import session
from dashboard.components import filters, formats, tenant_link, tenant_picker, watch_link
from dashboard.connection import Connection
from dashboard.operations import recovery_link
from dashboard.operations.drawer import drawer
from dashboard.streamlit_compat import deferred_button
from services.frames.membership import is_among
from services.operations import plan_disable_data_versions

NAME = "data_versions"


def bar(
    connection: Connection, versions: pd.DataFrame, category: str | None, now: datetime
) -> None:
    """Draw what can be done with the selected ones. `versions` are all that are enabled."""
    chosen = versions[is_among(versions["key"], session.selected(NAME))]

    def review() -> None:
        plan = plan_disable_data_versions(
            chosen,
            versions,
            now=now,
            fallback_older_than=timedelta(days=connection.app.settings().dashboard_fallback_days),
            data_category=category or "",
        )
        drawer(NAME).review(plan, filters.in_words("dv_"))

    deferred_button.button(
        f"Disable {formats.counted(len(chosen), 'data version')}…",
        review,
        key="dv.disable",
        reads=(session.selection_key(NAME), "dv_"),
        icon=":material/block:",
    )
    fields = recovery_link.of_tenants(chosen["tenant_code"])
    recovery_link.button(fields, key="dv.recover", disabled=chosen.empty)
    tenant_link.button(chosen["tenant_code"], key="dv.tenant")
    tenant_picker.hand_over_button(chosen["tenant_code"], key="dv.connectors")
    watch_link.button(chosen["tenant_code"], key="dv.rule")
