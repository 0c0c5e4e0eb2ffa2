"""What the jobs screen shows: states, tree, drawer."""

from streamlit.testing.v1 import AppTest

from dashboard.ui.job_tree import HIT, INDENT
from tests.pages.conftest import Open, operations
from tests.pages.test_reading import metrics, table, texts
from tests.sandboxes import Sandbox

UNFINISHED = "▶ Succeeded, unfinished below"
LIVE_MARKS = "▶…↻◔"


def ticked(app: AppTest, key: str) -> list[str]:
    rows = app.session_state[key]["selection"]["rows"]
    return list(table(app)["job_id"].iloc[rows])


def drawer(app: AppTest) -> list[str]:
    """Return the ids the drawer names, that of its own job first."""
    return [code.value for code in app.code]


def test_a_link_opens_a_job_and_ticks_its_row(sandbox: Sandbox, open_page: Open) -> None:
    job = table(open_page("jobs")).iloc[5]
    app = open_page("jobs", job_open=job["job_id"])
    assert drawer(app)[0] == job["job_id"]
    assert ticked(app, "jobs.table") == [job["job_id"]]
    assert job["state"][0] in texts(app)


def test_no_job_opens_by_itself(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    assert drawer(app) == []
    assert ticked(app, "jobs.table") == []


def test_the_row_that_is_ticked_is_the_job_and_not_its_place(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("jobs"))
    job = every[every["job_type"] == "Processing"].iloc[-1]
    app = open_page("jobs", job_open=job["job_id"])
    app.multiselect(key="job_type").set_value(["Processing"]).run()
    assert ticked(app, "jobs.table") == [job["job_id"]]
    app.multiselect(key="job_type").set_value(["Extraction"]).run()
    assert ticked(app, "jobs.table") == []
    assert drawer(app)[0] == job["job_id"]


def test_a_job_leads_to_its_parent_and_its_children(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs")).set_index("job_id")
    child = every[every["parent_job_id"].isin(every.index)].index[0]
    parent = every.loc[child, "parent_job_id"]
    app = open_page("jobs", job_open=child)
    asked = operations(sandbox)
    app.button(key="job.open_parent").click().run()
    assert not app.exception
    assert drawer(app)[0] == parent
    below = next(shown.value for shown in app.dataframe if "start_time" not in shown.value)
    children = every[every["parent_job_id"] == parent]
    assert sorted(below["tenant_code"]) == sorted(children["tenant_code"])
    assert operations(sandbox) == asked


def test_a_job_two_levels_down_leads_to_the_topmost_one(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs")).set_index("job_id")
    above = every["parent_job_id"]
    grandchild = above[above.map(above).isin(every.index)].index[0]
    topmost = grandchild
    while above[topmost] in every.index:
        topmost = above[topmost]
    app = open_page("jobs", job_open=grandchild)
    app.button(key="job.open_topmost").click().run()
    assert drawer(app)[0] == topmost


def test_a_job_outside_the_window_is_said_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_open="<b>nowhere</b>")
    assert "No job with this id started within the chosen window." in texts(app)


def test_what_succeeded_above_jobs_that_go_on_does_not_look_done(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("jobs", job_view="Tree")
    app.button(key="jobs.expand").click().run()
    shown = table(app)
    state = shown["state"].str[0]
    goes_on = shown["below"].str.contains(f"[{LIVE_MARKS}]", regex=True)
    assert goes_on[state == UNFINISHED].any()
    assert goes_on[state == UNFINISHED].all()
    assert not goes_on[state == "✓ Succeeded"].any()


def test_the_drawer_says_so_too(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("jobs"))
    job_id = every.loc[every["state"].str[0] == UNFINISHED, "job_id"].iloc[0]
    assert UNFINISHED in texts(open_page("jobs", job_open=job_id))


def test_the_tree_opens_the_way_to_what_the_filter_finds(sandbox: Sandbox, open_page: Open) -> None:
    found = table(open_page("jobs", job_state="Failed"))
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    shown = table(app)
    assert set(found["job_id"]) <= set(shown["job_id"])
    hits = shown[shown["job"].str.strip().str.startswith(HIT.strip())]
    assert set(hits["job_id"]) == set(found["job_id"])
    assert shown["job"].str.startswith(INDENT).any()


def test_the_tree_counts_what_matches_and_exports_it(sandbox: Sandbox, open_page: Open) -> None:
    every = len(table(open_page("jobs")))
    found = len(table(open_page("jobs", job_state="Failed")))
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    app.button(key="jobs.collapse").click().run()
    shown = len(table(app))
    assert f"{found} of {every} jobs match, {shown} shown" in texts(app)
    assert app.get_by_key("jobs.tree.export_csv").proto.help.startswith(f"These {found} rows")
    app.multiselect(key="job_state").set_value([]).run()
    assert f"{every} jobs, {len(table(app))} shown" in texts(app)


def test_a_filter_leaves_what_a_person_has_opened(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Tree")
    closed = len(table(app))
    app.multiselect(key="job_state").set_value(["Failed"]).run()
    app.button(key="jobs.expand").click().run()
    app.multiselect(key="job_state").set_value([]).run()
    assert len(table(app)) == closed
    app.button(key="jobs.expand").click().run()
    app.multiselect(key="job_state").set_value(["Failed"]).run()
    app.multiselect(key="job_state").set_value([]).run()
    assert len(table(app)) == metrics(app)["Jobs"]


def test_without_a_filter_nothing_is_marked(sandbox: Sandbox, open_page: Open) -> None:
    shown = table(open_page("jobs", job_view="Tree"))
    assert not shown["job"].str.contains(HIT.strip()).any()


def test_the_tiles_add_up_and_follow_the_filter(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_window="7 days")
    figures = metrics(app)
    assert sum(figures.values()) == 2 * figures["Jobs"]
    assert figures["Other"] > 0
    app.multiselect(key="job_state").set_value(["Failed", "Error"]).run()
    assert metrics(app)["Jobs"] == metrics(app)["Failed"] == figures["Failed"]
