"""Ledgers as earlier versions left them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from services.ledger.database import engine, transaction
from tests.services.ledger.samples import ANN, START, key

OPERATION = "6a1f0c0e-8f6e-4d7b-9d3e-3b1d6f0e7a11"
COLUMNS = ("planned", "skipped", "intended", "succeeded", "failed", "drifted", "no_result")
COUNTS = dict.fromkeys((*COLUMNS, "uncertain"), 0)
# What revision 0001 wrote: an operation of three items, one excluded, one failed, one skipped.
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "operation": [
        {
            "id": OPERATION,
            "verb": "Exclude data uploads",
            "user": ANN.user,
            "tenant": ANN.tenant,
            "host": ANN.host,
            "identity": "ann",
            "reason": "bad delivery",
            "filter_text": "Receiving job 3b43817a",
            "undo_of": None,
            "retry_of": None,
            "started_at": START,
        }
    ],
    "standing": [
        {
            "operation_id": OPERATION,
            "moment": moment,
            "at": START + timedelta(seconds=moment),
            "state": state,
            "state_at": START,
            "owner": "a process long gone",
            "heard_at": START,
            "request_count": moment,
            **COUNTS,
            **told,
        }
        for moment, (state, told) in enumerate(
            [
                ("Running", {"planned": 2, "skipped": 1}),
                ("Finished", {"succeeded": 1, "failed": 1, "skipped": 1}),
            ]
        )
    ],
    "item": [
        {
            "operation_id": OPERATION,
            "number": number,
            "key": key(number),
            "tenant_code": f"WFF_j1r~t{number}",
            "label": f"Upload {number}",
            "before": "included",
            "after": "excluded",
            "outcome": outcome,
            "message": "",
        }
        for number, outcome in enumerate(["Planned", "Planned", "Skipped"])
    ],
    "settlement": [
        {
            "operation_id": OPERATION,
            "number": number,
            "moment": 1,
            "outcome": outcome,
            "message": message,
        }
        for number, (outcome, message) in enumerate(
            [("Succeeded", ""), ("Failed", "No such upload.")]
        )
    ],
    "event": [
        {
            "id": 1,
            "operation_id": OPERATION,
            "at": START,
            "kind": "Request",
            "text": "exclude_data_uploads: 2 entries",
            "request": "PUT /v1/op/data/uploads/exclude",
            "answer": "{}",
        }
    ],
}


Rows = Mapping[str, list[dict[str, Any]]]


def write_as(url: str, revision: str, rows: Rows) -> None:
    """Make a database as a revision left it, row by row and past the code of today."""
    database = engine(url)
    config = Config()
    config.set_main_option("script_location", "services.ledger:migrations")
    with transaction(database, writing=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, own in rows.items():
            columns = {column.name for column in tables.tables[name].columns}
            there = [{key: row[key] for key in row.keys() & columns} for row in own]
            connection.execute(tables.tables[name].insert(), there)
    database.dispose()
