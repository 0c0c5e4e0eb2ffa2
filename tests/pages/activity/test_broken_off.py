"""What broke off, on the screen: it can be brought to its end, and then it is no longer on top."""

from uuid import uuid4

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from services.clock import CLOCK
from services.frames import data_versions
from services.ledger import NewItem, NewOperation, State
from services.operations import Plan, Verb, plan_disable_data_versions
from services.operations.engine.runner import new_items
from tests.pages.acting import button, labels
from tests.pages.conftest import Open, operations
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

ON_TOP = "Interrupted: "


def broken_off(
    app: AppTest, verb: str, items: list[NewItem], id_: str, *, is_sent: bool = True
) -> None:
    """Leave an operation as a process does that is killed."""
    connection, ledger = in_session(app, session.signed_in), bootstrap.whole_ledger()
    ledger.begin(NewOperation(id_, verb, connection.actor, connection.identity.name), items)
    if is_sent:
        ledger.intend(id_, [item.key for item in items])
    ledger.set_state(id_, State.INTERRUPTED)


def sent_and_broken_off(app: AppTest) -> Plan:
    """Disable two versions; the process is killed before it hears of it."""
    client = in_session(app, session.signed_in).client
    versions = data_versions.to_frame(client.iter_latest_enabled_dv())
    chosen = versions.dropna().drop_duplicates("tenant_code").head(2)[["tenant_code"]]
    plan = plan_disable_data_versions(chosen, versions, now=CLOCK.now())
    broken_off(app, plan.verb, list(new_items(plan)), plan.id)
    plan.spec.send(client, plan.spec.objects([each.key for part in plan.batches for each in part]))
    return plan


def test_a_change_killed_in_its_last_request_is_ended_by_looking_it_up(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    plan = sent_and_broken_off(open_page("activity"))
    app = open_page("activity")
    assert ON_TOP in texts(app)
    app = button(app, "Look up the uncertain (2)")
    assert bootstrap.whole_ledger().operation(plan.id).state is State.FINISHED
    assert ON_TOP not in texts(app)
    assert operations(own_sandbox).count("disable_dv") == 1


def test_a_creation_killed_between_two_tenants_is_closed(sandbox: Sandbox, open_page: Open) -> None:
    items = [
        NewItem(code, code, "Name (UKG)", "[1,null]", '[1,"created"]')
        for code in ("WFF_j1r~e1a", "WFF_j1r~c7o")
    ]
    id_ = str(uuid4())
    broken_off(open_page("activity"), Verb.CREATE_CREDENTIALS, items, id_, is_sent=False)
    app = open_page("activity")
    assert ON_TOP in texts(app)
    app = button(app, "Close (sends nothing more)")
    assert bootstrap.whole_ledger().operation(id_).state is State.STOPPED
    assert ON_TOP not in texts(app)
    assert not [label for label in labels(app) if label.startswith("Close")]
    ended = texts(open_page("activity", act_op=id_))
    assert "Stop requested by sandbox@example.com" in ended
