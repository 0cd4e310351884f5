"""Brings the database to the newest tables, ours and those of DBOS."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from briefbrug.durable import migrate_durable
from briefbrug.failpoints import fail_point
from briefbrug.store.database import is_sqlite, open_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    """Return Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(database_url: str) -> None:
    """Make or update all tables; safe to repeat, and to repeat after a kill in between."""
    engine = open_engine(database_url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    fail_point("K14")
    migrate_durable(database_url)


def upgrade(engine: Engine) -> None:
    """Make or update our own tables in one transaction."""
    config = alembic_config()
    with engine.connect() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
