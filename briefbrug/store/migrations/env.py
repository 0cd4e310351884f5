"""Runs the migrations over the connection that `migrate` hands over."""

from typing import Any, Literal

from alembic import context

from briefbrug.store.tables import Moment, Table


def plain_type(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Write our own column type as the plain one behind it, so that a migration stands on its own."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    render_item=plain_type,
    # The tables of DBOS live in the same database and are its own business.
    include_name=lambda name, kind, parents: kind != "table" or name in Table.metadata.tables,
)
with context.begin_transaction():
    context.run_migrations()
