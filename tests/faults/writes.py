"""How a person comes to send each write, and what it has done in the sandbox."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dashboard import session
from pages.credentials.creating import CREATE
from pages.watch import webhooks
from tests.faults.rows import State, Write
from tests.faults.webhooks import NAME, a_webhook
from tests.pages.acting import applied, button, field
from tests.pages.conftest import opened
from tests.pages.connecting import C7O, E1A, E1A_UKG, TEST, connectors, edit, select
from tests.pages.credentials.filling_in import E1A_TEST, new_credential, open_one, sent, type_into
from tests.pages.jobs.choosing import choose, live
from tests.pages.reading import table
from tests.pages.sessions import in_session
from tests.pages.start_jobs.starting import filled, set_field, started
from tests.sandboxes import Sandbox

BOTH = (C7O, E1A)


def _start(form: str, *, alpha: bool = False) -> Callable[[Sandbox], AppTest]:
    def prepare(_: Sandbox) -> AppTest:
        app = filled(opened, form)
        return set_field(app, "start_extraction.alternative", True) if alpha else app

    return prepare


def _roots(sandbox: Sandbox) -> State:
    jobs = list(sandbox.inside.world.jobs.by_id.values())
    return {"started": sum(job.parent is None for job in jobs)}


def _cancelling(_: Sandbox) -> AppTest:
    app = opened("jobs", job_type="Processing")
    running = table(app)[live(app)].drop_duplicates("tenant_code").head(2)
    choose(app, *running["job_id"])
    return app.button(key="jobs.cancel").click().run()


def _statuses(sandbox: Sandbox) -> State:
    found: dict[str, list[str]] = {}
    for job in sandbox.inside.world.jobs.by_id.values():
        found.setdefault(job.tenant, []).append(f"{job.id} {job.status}")
    return found


def _two_rows(page: str, key: str, **query: str) -> AppTest:
    """Open a page with the newest row of two tenants selected."""
    app = opened(page, **query)
    rows = table(app).drop_duplicates("tenant_code").head(2)
    in_session(
        app, session.select, page, frozenset(rows["tenant_code"] + " " + rows[key].astype(str))
    )
    return app.run()


def _disabling(_: Sandbox) -> AppTest:
    return button(_two_rows("data_versions", "data_version", dv_state="On time"), "Disable 2")


def _enabled(sandbox: Sandbox) -> State:
    tenants = sandbox.inside.world.tenants.values()
    return {each.code: [one.enabled for one in each.versions] for each in tenants}


def _excluding(_: Sandbox) -> AppTest:
    app = _two_rows("uploads", "upload_time_text", up_state="Included")
    return app.button(key="up.exclude").click().run()


def _including(sandbox: Sandbox) -> AppTest:
    for code in BOTH:
        tenant = sandbox.inside.world.tenant(code)
        assert tenant is not None
        tenant.uploads[-1].flags = 0
    app = opened("uploads", up_tenant=" ".join(BOTH), up_state="Excluded", up_window="Everything")
    app = app.button(key="uploads.select_all").click().run()
    return app.button(key="up.include").click().run()


def _included(sandbox: Sandbox) -> State:
    tenants = sandbox.inside.world.tenants.values()
    return {each.code: [one.included for one in each.uploads] for each in tenants}


def _creating(_: Sandbox) -> AppTest:
    app = new_credential(opened)
    app.multiselect(key="cred_tenants.pick").set_value(list(BOTH)).run()
    type_into(app, f"{CREATE}.UKG", "username", "ann")
    type_into(app, f"{CREATE}.UKG", "password", "not a mask")
    return app


def _credentials(sandbox: Sandbox) -> State:
    of = sandbox.inside.world.connections.of
    return {code: len(of(code).credentials) for code in BOTH}


def _renaming(_: Sandbox) -> AppTest:
    app = open_one(opened, E1A, E1A_TEST, "Change details")
    return field(app, "Display name").set_value("A new name").run()


def _names(sandbox: Sandbox) -> State:
    of = sandbox.inside.world.connections.of
    return {code: [each.display_name for each in of(code).credentials] for code in BOTH}


def _deleting(_: Sandbox) -> AppTest:
    app = open_one(opened, E1A, E1A_UKG, "Delete")
    app.checkbox(key=f"cred.delete.sure.{E1A} {E1A_UKG}").check().run()
    return app.button(key="cred.delete").click().run()


def _assigning(_: Sandbox) -> AppTest:
    app = select(connectors(opened, *BOTH), (C7O, TEST), (E1A, TEST))
    app = app.selectbox(key="con.assign.choice").set_value("Redshift Callisto · Redshift").run()
    return app.button(key="con.assign").click().run()


def _assigned(sandbox: Sandbox) -> State:
    of = sandbox.inside.world.connections.of
    return {code: sorted(of(code).assigned.items()) for code in BOTH}


def _setting(_: Sandbox) -> AppTest:
    app = edit(connectors(opened, *BOTH, con_view="Settings"), 0, timeZone="Europe/Oslo")
    return button(app, "Review 1 change")


def _settings(sandbox: Sandbox) -> State:
    of = sandbox.inside.world.connections.of
    return {code: sorted(of(code).settings.items()) for code in BOTH}


ADDRESS = "https://loads.example/webhooks/visier"
_NEW = f"Load dashboard: {ADDRESS}, 5 event types, not signed"


def _creating_webhook(_: Sandbox) -> AppTest:
    app = opened("watch", wa_view="webhooks")
    app.text_input(key=f"{webhooks.NEW}.address").set_value(ADDRESS).run()
    return app.button(key=f"{webhooks.NEW}.review").click().run()


def _with_webhook(words: str) -> Callable[[Sandbox], AppTest]:
    return lambda _: button(opened("watch", wa_view="webhooks", wa_hook=a_webhook()), words)


def _webhooks(sandbox: Sandbox) -> State:
    """Tell what each webhook is, and how often it was tried, by all that a result calls it."""
    held = sandbox.inside.world.webhooks
    found: dict[str, object] = {_NEW: 0, NAME: "deleted"}
    for each in held.by_id.values():
        if each.display_name == NAME:
            found[NAME] = each.is_active
        else:
            found[_NEW] = sum(one.target_url == ADDRESS for one in held.by_id.values())
    return found | {f"{NAME}: jobResultSuccess": len(held.deliveries)}


def _apply(name: str) -> Callable[[AppTest], AppTest]:
    return lambda app: applied(app, name)


def _a_start(operation: str, form: str, *, alpha: bool = False) -> Write:
    prepare = _start(form, alpha=alpha)
    screen = f"Start jobs, {form.lower()}{' (alpha)' if alpha else ''}"
    return Write(operation, screen, prepare, started, _roots, "jobId", starts=True)


_CHANGE = f"credential.change.{E1A_TEST}"

WRITES = {
    row.operation: row
    for row in (
        _a_start("start_load", "Load files"),
        _a_start("start_extraction", "Extract"),
        _a_start("adhoc_extraction_job", "Extract", alpha=True),
        _a_start("adhoc_processing_jobs", "Process"),
        _a_start("adhoc_consolidated_analytics_job", "Consolidate"),
        Write(
            "cancel_jobs", "Jobs, cancel", _cancelling, _apply("jobs"), _statuses, "jobId",
            "cancelStatus",
        ),
        Write(
            "disable_dv", "Data versions, disable", _disabling, _apply("data_versions"), _enabled,
            "dataVersion",
        ),
        Write(
            "exclude_data_uploads", "Uploads, exclude", _excluding, _apply("uploads"), _included,
            "uploadTime",
        ),
        Write(
            "include_data_uploads", "Uploads, include", _including, _apply("uploads"), _included,
            "uploadTime",
        ),
        Write(
            "create_connector_credential", "Credentials, new", _creating,
            lambda app: sent(app, f"{CREATE}.UKG"), _credentials, "uuid", requests=2,
        ),
        Write(
            "update_connector_credential", "Credentials, change", _renaming,
            lambda app: sent(app, _CHANGE), _names, "credentialId",
        ),
        Write(
            "delete_connector_credential", "Credentials, delete", _deleting,
            _apply("credentials"), _credentials, "credentialId",
        ),
        Write(
            "create_webhook", "Watch, new webhook", _creating_webhook, _apply(webhooks.NAME),
            _webhooks, "webhookId", "isActive",
        ),
        Write(
            "update_webhook", "Watch, activate a webhook", _with_webhook("Activate"),
            _apply(webhooks.NAME), _webhooks, "webhookId", "isActive",
        ),
        Write(
            "delete_webhook", "Watch, delete a webhook", _with_webhook("Delete"),
            _apply(webhooks.NAME), _webhooks, "webhookId", "isActive",
        ),
        Write(
            "send_test_event", "Watch, test a webhook", _with_webhook("Send it"),
            _apply(webhooks.NAME), _webhooks, "eventId", "statusCode",
        ),
        Write(
            "assign_connector_credential", "Connectors, assign", _assigning,
            _apply("connectors"), _assigned, "tenantCode",
        ),
        Write(
            "set_connector_setting", "Connectors, settings", _setting,
            _apply("connectors"), _settings, "tenantCode",
        ),
    )
}  # fmt: skip
STARTS = {name: row for name, row in WRITES.items() if row.starts}
CHANGES = {name: row for name, row in WRITES.items() if not row.starts}
