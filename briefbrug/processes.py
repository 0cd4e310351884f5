"""The processes of one installation, and how they are started together.

With `cli.py` the front door of the house: the only modules of the core that may import rooms.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from honcho.manager import Manager
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from briefbrug.durable import ALERT, DELIVER, EXPLAIN, FETCH, READ, launch_worker, stop_worker
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House, build_house
from briefbrug.settings import Settings
from briefbrug.usecases.demonstration import fill_month
from briefbrug.usecases.find_cases import index_changed_cases
from briefbrug.usecases.gist import renew_gists
from briefbrug.usecases.guard_promises import guard_promises
from briefbrug.usecases.keep_copies import back_up_when_due
from briefbrug.usecases.keep_watch import (
    adopt_lost_work,
    ask_quiet_bags,
    beat,
    drop_unanswered,
    forget_by_term,
    remove_orphans,
    send_reminders,
    tell_broken_promises,
    tell_delays,
)
from briefbrug.usecases.what_comes_next import remind_of_steps
from briefbrug.web_security import SecurityHeaders

ROOT = Path(__file__).resolve().parent.parent
log = logging.getLogger("briefbrug.processes")

LOOPBACK = frozenset({"127.0.0.1", "::1"})
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""With one of these a request came from elsewhere, however near the proxy stands."""


def quiet_logging() -> None:
    """Log our own events to standard error; keep libraries that print addresses, tokens or texts at warnings."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.Formatter.converter = time.gmtime
    logging.getLogger("briefbrug").setLevel(logging.INFO)
    for name in ("httpx", "httpcore", "telegram", "uvicorn.access", "dbos", "PIL", "pdfminer", "multipart"):
        logging.getLogger(name).setLevel(logging.WARNING)


# web


def web_app(house: House) -> Starlette:
    """Return the pages: the residents' chat, the desk, the monitor, health."""
    from bot.rasa_client import RasaClient
    from bot.webchat import routes as chat_routes
    from inbox.app import routes as desk_routes

    routes: list[BaseRoute] = [
        *health_routes(house),
        *desk_routes(house),
        *chat_routes(house, RasaClient(house.settings)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={Exception: unexpected},
        lifespan=lambda app: watching_delays(house),
    )


@asynccontextmanager
async def watching_delays(house: House) -> AsyncGenerator[None]:
    """Let the pages say that it takes longer when no worker is there to say so."""
    stop = threading.Event()
    thread = threading.Thread(target=do_rounds, args=([(3.0, lambda: tell_delays(house))], stop), daemon=True)
    thread.start()
    yield
    stop.set()
    await asyncio.to_thread(thread.join, 5)


def unexpected(request: Request, error: Exception) -> Response:
    """Answer an unhandled error with a kind text and a reference; the log gets the reference and the kind of error."""
    reference = secrets.token_hex(4)
    log.error(
        "page_failed path=%s error=%s reference=%s", request.url.path.split("/")[1:2], type(error).__name__, reference
    )
    return PlainTextResponse(
        f"Er ging iets mis bij ons. Probeer het straks weer. Nummer voor de beheerder: {reference}", status_code=500
    )


def health_routes(house: House) -> list[BaseRoute]:
    """Return /health (alive), /ready (the database answers) and /metrics (this machine only)."""

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def ready(request: Request) -> Response:
        try:
            with house.look() as work:
                work.session.execute(text("SELECT 1"))
        except Exception:
            return JSONResponse({"status": "database away"}, status_code=503)
        return JSONResponse({"status": "ready"})

    def metrics(request: Request) -> Response:
        proxied = any(name in request.headers for name in PROXY_HEADERS)
        if proxied or request.client is None or request.client.host not in LOOPBACK:
            return PlainTextResponse("Not Found", status_code=404)
        with house.look() as work:
            counts = work.papers.count_by_state()
            waiting = work.thread.count_waiting()
        lines = [f'briefbrug_photos{{state="{state}"}} {count}' for state, count in sorted(counts.items())]
        return PlainTextResponse("\n".join([*lines, f"briefbrug_outbox_waiting {waiting}", ""]))

    return [
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


def run_web(settings: Settings) -> None:
    """Serve the pages until stopped."""
    quiet_logging()
    house = build_house(settings)
    uvicorn.run(
        web_app(house),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=settings.trusted_proxy,
        timeout_graceful_shutdown=5,
    )


# telegram


def run_telegram(settings: Settings) -> None:
    """Serve the Telegram door until stopped; without a token there is nothing to do."""
    quiet_logging()
    if not settings.telegram_token:
        print("telegram: no BRIEFBRUG_TELEGRAM_TOKEN is set, so this door stays closed", file=sys.stderr)
        return
    from bot.telegram import run_telegram as open_the_door

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await open_the_door(build_house(settings), stopped)

    asyncio.run(until_stopped())


# actions


def run_actions(settings: Settings) -> None:
    """Serve Rasa's actions until stopped."""
    from actions.__main__ import main

    main()


# worker


def executor_name(settings: Settings) -> str:
    """Return the stable name of this machine's worker; `BRIEFBRUG_EXECUTOR` tells several on one machine apart."""
    return settings.executor or f"{socket.gethostname()}-worker"


def run_worker(settings: Settings) -> None:
    """Read photos, deliver the outbox and keep the clocks until stopped."""
    from bot.deliver import make_deliver
    from bot.fetch import make_fetch
    from bot.mail import make_alert
    from ocr.pool import ReadingPool
    from ocr.worker import make_explain, make_read

    quiet_logging()
    house = build_house(settings)
    executor = executor_name(settings)
    worker = f"{executor}#{secrets.token_hex(4)}"
    beat(house, executor)
    pool = ReadingPool(settings.workers)
    workflows = {
        FETCH: make_fetch(house, worker),
        READ: make_read(house, pool, worker),
        EXPLAIN: make_explain(house),
        DELIVER: make_deliver(house, worker),
        ALERT: make_alert(house),
    }
    concurrency = {FETCH: 8, READ: settings.workers, EXPLAIN: 2, DELIVER: 16, ALERT: 2}
    launch_worker(settings.database_url, executor, workflows, concurrency)
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    adopt_lost_work(house, worker)
    filling = threading.Thread(target=fill_demonstration, args=(house, stop), daemon=True)
    if settings.demo:
        filling.start()
    watch(house, executor, worker, stop)
    if filling.is_alive():
        filling.join(5)
    pool.close()
    stop_worker(5)
    house.close()


def fill_demonstration(house: House, stop: threading.Event) -> None:
    """Go on with the demonstration's invented month, when a first start began one; the pages answer meanwhile."""
    try:
        # Between two pieces everybody else goes first.
        fill_month(house, lambda: stop.wait(0.05))
    except Exception as error:
        # The next start goes on where this one stood.
        log.error("demonstration_stopped error=%s", type(error).__name__)


def watch(house: House, executor: str, worker: str, stop: threading.Event) -> None:
    """Do the worker's rounds until `stop`."""
    rounds: list[tuple[float, Callable[[], object]]] = [
        (3, lambda: beat(house, executor)),
        (5, lambda: tell_delays(house)),
        (3, lambda: adopt_lost_work(house, worker)),
        (5, lambda: ask_quiet_bags(house)),
        (10, lambda: tell_broken_promises(house)),
        (20, lambda: guard_promises(house)),
        (5, lambda: index_changed_cases(house)),
        (10, lambda: renew_gists(house)),
        (120, lambda: remind_of_steps(house)),
        (60, lambda: send_reminders(house)),
        (300, lambda: drop_unanswered(house)),
        (3600, lambda: forget_by_term(house)),
        (3600, lambda: remove_orphans(house)),
        (20, lambda: back_up_when_due(house)),
        (10, lambda: forget_conversations(house)),
    ]
    do_rounds(rounds, stop)


def do_rounds(rounds: Sequence[tuple[float, Callable[[], object]]], stop: threading.Event) -> None:
    """Do each round every so many seconds until `stop`; a failing one is logged and comes again."""
    due = [0.0] * len(rounds)
    while not stop.wait(0.5):
        for index, (seconds, do) in enumerate(rounds):
            if time.monotonic() < due[index]:
                continue
            due[index] = time.monotonic() + seconds
            try:
                do()
            except Exception as error:
                log.error("round_failed index=%d error=%s", index, type(error).__name__)


def forget_conversations(house: House) -> None:
    """Let the language model forget whom the house forgot; tried again until it says yes."""
    from bot.rasa_client import RasaClient

    with house.look() as work:
        pending = [(row.id, ref) for row, ref in work.residents.erasures_pending()]
    if not pending:
        return
    client = RasaClient(house.settings)
    for row_id, ref in pending:
        asyncio.run(client.forget(ref))
        with house.work() as work:
            work.residents.erasure_done(row_id)


# all together


def commands(settings: Settings) -> dict[str, list[str]]:
    """Return the command of each process of the embedded default, in the order in which they start."""
    own = [sys.executable, "-m", "briefbrug"]
    found = {
        "actions": [*own, "actions"],
        "rasa": [str(ROOT / "nlu_data" / "start")],
        "web": [*own, "web"],
        "worker": [*own, "worker"],
    }
    if settings.telegram_token:
        found["telegram"] = [*own, "telegram"]
    return found


def check_ports(settings: Settings) -> None:
    """Refuse to start when a port is in use.

    Raises:
        BriefbrugError: SETTINGS, naming the ports and the settings that change them.
    """
    rasa = urlsplit(settings.rasa_url)
    wanted = {
        "BRIEFBRUG_PORT": (settings.host, settings.port),
        "BRIEFBRUG_ACTIONS_PORT": (settings.actions_host, settings.actions_port),
        "BRIEFBRUG_RASA_URL": (rasa.hostname or "127.0.0.1", rasa.port or 5005),
    }
    taken = [
        f"port {port} is in use (change {name})" for name, (host, port) in wanted.items() if not is_free(host, port)
    ]
    if taken:
        raise BriefbrugError(Reason.SETTINGS, "; ".join(taken))


def is_free(host: str, port: int) -> bool:
    """Return whether a port of this machine can be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run_all(settings: Settings) -> int:
    """Start every process of the embedded default and keep it up until Ctrl-C; return the exit status."""
    check_ports(settings)
    # At least the handful of names that a child needs; secrets reach it as they reached us.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
    manager: Any = Manager()
    for name, command in commands(settings).items():
        line = " ".join([sys.executable, "-m", "briefbrug.keep", *command])
        manager.add_process(name, line, env=environment, cwd=str(ROOT))
    manager.loop()
    return 0 if manager.returncode in {0, None, 130, -2, -15, 143} else int(manager.returncode or 1)
