"""Opens the database: SQLite with the settings that survive a power cut, or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

SQLITE_PRAGMAS = (
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("busy_timeout", "30000"),
    ("foreign_keys", "ON"),
    ("secure_delete", "ON"),
)


def driver_url(url: str) -> str:
    """Return `url` with the PostgreSQL driver of this house (psycopg 3) named."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def open_engine(url: str) -> Engine:
    """Return an engine for `url`; SQLite gets its pragmas on each connection and its folder when missing."""
    url = driver_url(url)
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, pool_timeout=20)
    file = make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, pool_size=10, max_overflow=20, pool_timeout=20)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # pysqlite then begins a transaction at the first write; `UnitOfWork` begins earlier, by hand.
        connection.isolation_level = "IMMEDIATE"
        for name, value in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {name}={value}")

    return engine


def is_sqlite(engine: Engine) -> bool:
    """Return whether `engine` speaks to SQLite."""
    return engine.dialect.name == "sqlite"
