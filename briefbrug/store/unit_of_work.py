"""One transaction over all repositories: everything inside commits together or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.durable import Durable
from briefbrug.store.cases import Cases
from briefbrug.store.database import is_sqlite
from briefbrug.store.papers import Papers
from briefbrug.store.people import People
from briefbrug.store.residents import Residents
from briefbrug.store.thread import Thread
from briefbrug.store.updates import Updates
from briefbrug.vault import Vault


def new_ref(prefix: str) -> str:
    """Return a reference that cannot be guessed: 128 random bits behind `prefix`."""
    return f"{prefix}-{secrets.token_hex(16)}"


class Work:
    """The repositories of one transaction."""

    def __init__(self, session: Session, vault: Vault, clock: Clock, durable: Durable) -> None:
        self.session = session
        self.vault = vault
        self.clock = clock
        self._durable = durable
        self.residents = Residents(session, vault, clock)
        self.thread = Thread(session, self.residents, clock, self.enqueue)
        self.papers = Papers(session, self.residents, clock)
        self.cases = Cases(session, self.residents, clock)
        self.people = People(session, vault, clock)
        self.updates = Updates(session, vault, clock)

    def enqueue(self, workflow: str, *references: str) -> None:
        """Enqueue durable work in this very transaction."""
        self.session.flush()
        self._durable.enqueue(self.session, workflow, *references)


@contextmanager
def unit_of_work(engine: Engine, vault: Vault, clock: Clock, durable: Durable, *, write: bool) -> Generator[Work]:
    """Open a transaction; commit when the block ends well, roll back otherwise.

    A writer on SQLite takes the write lock at once (BEGIN IMMEDIATE), so that what it reads cannot change under it.
    """
    with Session(engine, expire_on_commit=False) as session:
        if write and is_sqlite(engine):
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        work = Work(session, vault, clock, durable)
        yield work
        # A reader's session just closes: that rolls back and leaves what was read usable.
        if write:
            session.commit()
