"""What broke off, on the screen: it can be brought to its end, and then it is no longer on top."""

from uuid import uuid4

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from services.clock import CLOCK
from services.frames import data_versions
from services.ledger import NewItem, NewOperation, State
from services.operations import Plan, Verb, plan_disable_data_versions
from tests.pages.acting import button, labels
from tests.pages.conftest import Open, operations
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox

ON_TOP = "Interrupted: "


def broken_off(app: AppTest, verb: str, items: list[NewItem], id_: str) -> None:
    """Leave an operation as a process does that is killed."""
    connection, ledger = in_session(app, session.signed_in), bootstrap.whole_ledger()
    ledger.begin(NewOperation(id_, verb, connection.actor, connection.identity.name), items)
    ledger.intend(id_, [item.key for item in items if not item.message])
    ledger.set_state(id_, State.INTERRUPTED)


def sent_and_broken_off(app: AppTest) -> Plan:
    """Disable two versions; the process is killed before it hears of it."""
    client = in_session(app, session.signed_in).client
    versions = data_versions.to_frame(client.iter_latest_enabled_dv())
    chosen = versions.dropna().drop_duplicates("tenant_code").head(2)[["tenant_code"]]
    plan = plan_disable_data_versions(chosen, versions, now=CLOCK.now())
    columns = ("key", "tenant_code", "label", "before", "after")
    items = [NewItem(*row) for row in zip(*(plan.items[name] for name in columns), strict=True)]
    broken_off(app, plan.verb, items, plan.id)
    plan.kind.send(client, plan.kind.objects([each.key for part in plan.chunks for each in part]))
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
        NewItem(code, code, "Name (UKG)", "", "Created", message="of a test: not sent")
        for code in ("WFF_j1r~e1a", "WFF_j1r~c7o")
    ]
    id_ = str(uuid4())
    broken_off(open_page("activity"), Verb.CREATE_CREDENTIALS, items, id_)
    app = open_page("activity")
    assert ON_TOP in texts(app)
    app = button(app, "Close it")
    assert bootstrap.whole_ledger().operation(id_).state is State.STOPPED
    assert ON_TOP not in texts(app)
    assert not [label for label in labels(app) if label.startswith("Close it")]
    ended = texts(open_page("activity", act_op=id_))
    assert "Stop requested by sandbox@example.com" in ended
