"""What Visier itself says of a job: its answers as they came, and the files it received."""

import orjson
import pandas as pd
import streamlit as st

from dashboard import data
from dashboard.components import errors, file_downloads, page, tables
from dashboard.connection import Connection
from services import visier
from services.frames import JobType
from services.monitoring import JobsSnapshot
from services.monitoring.details import Answer, JobPlace
from services.operations import curl_of

ASK_AGAIN = "Open the job again to retry. If the problem lasts, give Visier Support the job id."
FILES = "job.files"


def ask(
    connection: Connection, snapshot: JobsSnapshot, job: pd.Series, jobs: pd.DataFrame
) -> tuple[list[Answer], Exception | None]:
    """Return Visier's answers about the job, or why there are none."""
    root = jobs.loc[jobs["job_key"] == job["root_key"], "job_type"]
    place = JobPlace(
        job["job_id"],
        JobType(job["job_type"]),
        "" if pd.isna(job["tenant_code"]) else job["tenant_code"],
        job["root_job_id"],
        JobType(root.iloc[0]),
        is_listed=not snapshot.refusal,
    )
    try:
        return data.load_job_answers(connection, place, str(job["status_word"])), None
    except errors.KNOWN as error:
        return [], error


def files(connection: Connection, job_id: str) -> None:
    """Draw the files that a receiving job received, once they are asked for."""
    box = st.expander("Received files", icon=":material/draft:", key="job.files", on_change="rerun")
    if not box.open:
        return
    with box, errors.boundary("files"):
        snapshot = data.load_received_files(connection, job_id)
        page.left_out(snapshot.left_out)
        files = snapshot.frame
        if files.empty:
            st.text("Visier lists no files for this job.")
            return
        columns: tables.Columns = {
            "tenant_code": "Tenant",
            "filename": st.column_config.TextColumn("File", width=240),
            "source_object_name": "Source",
            "included": st.column_config.CheckboxColumn("Included"),
            "upload_time": tables.time_column("Upload time"),
        }
        tables.show_selectable(
            files, columns, key="job.files.table", of=len(files), noun="file", selection=FILES
        )
        file_downloads.of_selected(connection, files, FILES)


def draw(
    connection: Connection, job_key: str, answers: list[Answer], trouble: Exception | None
) -> None:
    """Draw Visier's answers about a job, each with its request, or why there are none."""
    if isinstance(trouble, visier.StillFetching):
        errors.show(trouble, ".job")
    elif trouble:
        st.text(f"Details could not be read: {trouble}")
        st.caption(errors.advice(trouble) or ASK_AGAIN)
    for number, answer in enumerate(answers):
        request = answer.question.request
        # By its key it stays unfolded when the page looks again and draws the job anew.
        with st.expander(
            f"GET {request.path}",
            icon=":material/data_object:",
            key=f"job.answer.{number}.{job_key}",
            on_change="rerun",
        ):
            text = orjson.dumps(answer.payload, option=orjson.OPT_INDENT_2).decode()
            st.code(text, language="json", height=240)
            st.caption("As a curl command (set VISIER_APIKEY and VISIER_ASID_TOKEN first):")
            command = curl_of(
                [request],
                address=connection.identity.base_url,
                target_tenant=connection.identity.target_tenant,
            )
            st.code(command, language="bash")
