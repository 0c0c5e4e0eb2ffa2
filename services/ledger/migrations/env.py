"""Runs the migrations on the connection handed over by ``services.ledger.database``."""

from alembic import context

from services.ledger.tables import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SCHEMA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
