"""The one door to DBOS: queues, starting work in the same transaction as its row, launching a worker.

DBOS stores the inputs of a workflow, so workflows get references only. The rows are the truth (design.md section 2):
every workflow may be repeated, and a workflow whose row is already further does nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, run_dbos_database_migrations
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from briefbrug.store.database import driver_url

APPLICATION = "briefbrug"
APPLICATION_VERSION = "1"
"""Pinned: a deploy must not strand work that an older version began (measured.md)."""

FETCH, READ, EXPLAIN, DELIVER, ALERT = "fetch", "read", "explain", "deliver", "alert"
POLL_SECONDS = 0.05


class Durable:
    """Enqueues work next to the rows it belongs to."""

    def __init__(self, engine: Engine) -> None:
        # A lazy client: the tables of DBOS are made by `briefbrug migrate`, and a door may start before the worker.
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION, lazy=True)

    def enqueue(self, session: Session, name: str, *references: str) -> None:
        """Enqueue the workflow `name` in the session's own transaction; it exists when that commits."""
        self._client.enqueue_in_transaction(
            session,
            {"queue_name": name, "workflow_name": name, "app_version": APPLICATION_VERSION},
            *references,
        )

    def close(self) -> None:
        """Let go of the client."""
        self._client.destroy()


def migrate_durable(database_url: str) -> None:
    """Make or update the tables of DBOS."""
    run_dbos_database_migrations(driver_url(database_url))


def launch_worker(
    database_url: str,
    executor: str,
    workflows: Mapping[str, Callable[..., Any]],
    concurrency: Mapping[str, int],
) -> None:
    """Start DBOS in this process: register `workflows`, recover what this executor left, listen to their queues.

    Args:
        executor: a stable name of this worker, so that it takes up its own unfinished work after a restart.
        concurrency: how many of each workflow may run in this process at once.
    """
    logging.getLogger("dbos").setLevel(logging.WARNING)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": driver_url(database_url),
        "application_version": APPLICATION_VERSION,
        "executor_id": executor,
        "log_level": "WARNING",
        "notification_listener_polling_interval_sec": 1.0,
    }
    os.environ.setdefault("DBOS__VMID", executor)
    DBOS(config=config)
    for name, function in workflows.items():
        DBOS.workflow(name=name)(function)
    DBOS.listen_queues(list(workflows))
    DBOS.launch()
    for name in workflows:
        DBOS.register_queue(name, worker_concurrency=concurrency[name], polling_interval_sec=POLL_SECONDS)


def stop_worker(seconds: float) -> None:
    """Stop taking work and wait at most `seconds` for what runs."""
    DBOS.destroy(workflow_completion_timeout_sec=int(seconds))
