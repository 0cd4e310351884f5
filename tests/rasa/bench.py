"""Measures the speed of a turn beside stock Rasa in the same run: `python -m tests.rasa.bench` (or `make bench-chat`), with the
number of rounds behind it where three are too many.

Stock Rasa is the same model behind Rasa's own REST channel, lock store and tracker store. Rounds are interleaved and
the medians of the rounds are shown, so that a busy machine disturbs both alike. The gates are P11 to P13 of the
promises: a turn one after another, a turn with 20 residents at once, six messages of one resident at once, and turn 150
of a conversation beside turn 10.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.rasa.rasa_server import NLU_DATA, START_WITHIN_S, free_port, hands, is_ready, running_rasa

ROUNDS = 3
TURNS = 40
USERS = 20
LONG = 150
SAYINGS = (
    "welke brief moet eerst",
    "wat staat er in de tweede brief van het cjib",
    "ik heb geen geld om dit te betalen, kan het in termijnen",
    "tot wanneer heb ik de tijd",
    "ik wil graag een mens spreken",
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A server to talk to: its name, its address and its token."""

    name: str
    url: str
    token: str


@contextmanager
def stock_rasa(folder: Path) -> Iterator[Peer]:
    """Yield Rasa as it comes out of the box, with our newest model."""
    with hands() as actions_port:
        port, token = free_port(), secrets.token_urlsafe(16)
        (folder / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n")
        (folder / "credentials.yml").write_text("rest:\n")
        model = max((NLU_DATA / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        command = [
            str(NLU_DATA.parent / ".venv-rasa" / "bin" / "python"), "-W", "ignore", "-m", "rasa", "run", "--enable-api",
            "--auth-token", token, "-i", "127.0.0.1", "-p", str(port), "--endpoints", str(folder / "endpoints.yml"),
            "--credentials", str(folder / "credentials.yml"), "--model", str(model),
        ]  # fmt: skip
        environment = {
            **os.environ, "PYTHONPATH": str(NLU_DATA), "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "WARNING",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }  # fmt: skip
        with (folder / "stock.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            url, until = f"http://127.0.0.1:{port}", time.monotonic() + START_WITHIN_S
            while not is_ready(url, token):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((folder / "stock.log").read_text(errors="replace")[-2000:])
                threading.Event().wait(0.2)
            yield Peer("stock", url, token)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


async def _turn(client: httpx.AsyncClient, peer: Peer, sender: str, text: str) -> float:
    """Say `text` and return the milliseconds until the answer."""
    started = time.perf_counter()
    answer = await client.post(
        f"{peer.url}/webhooks/rest/webhook",
        headers={"Authorization": f"Bearer {peer.token}"},
        json={"sender": sender, "message": text},
    )
    answer.raise_for_status()
    if not answer.json():
        raise RuntimeError("an empty answer")
    return (time.perf_counter() - started) * 1000


def _sender() -> str:
    return f"R-{uuid.uuid4().hex}"


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[max(0, int(len(times) * 0.95) - 1)]


async def measure(peer: Peer) -> dict[str, float]:
    """Return the four measures of one round, in milliseconds and as a ratio."""
    async with httpx.AsyncClient(timeout=120) as client:
        one_by_one = [
            await _turn(client, peer, sender, SAYINGS[i % len(SAYINGS)])
            for sender in (_sender() for _ in range(TURNS // 5))
            for i in range(5)
        ]
        crowd = [_sender() for _ in range(USERS)]
        at_once: list[float] = []
        for i in range(3):
            at_once += await asyncio.gather(*(_turn(client, peer, who, SAYINGS[i]) for who in crowd))
        who = _sender()
        started = time.perf_counter()
        await asyncio.gather(*(_turn(client, peer, who, SAYINGS[i % 5]) for i in range(6)))
        six = (time.perf_counter() - started) * 1000
        who = _sender()
        grown = [await _turn(client, peer, who, SAYINGS[i % 5]) for i in range(LONG)]
        early, late = statistics.median(grown[5:15]), statistics.median(grown[-10:])
    return {"one p50": statistics.median(one_by_one), "one p95": p95(one_by_one), "crowd p95": p95(at_once),
            "six": six, "turn 10": early, f"turn {LONG}": late}  # fmt: skip


def main() -> int:
    """Measure both in turn and print the gates; return 1 when one is missed."""
    rounds: dict[str, list[dict[str, float]]] = {"ours": [], "stock": []}
    with (
        tempfile.TemporaryDirectory() as ours_at,
        tempfile.TemporaryDirectory() as stock_at,
        running_rasa(Path(ours_at)) as server,
        stock_rasa(Path(stock_at)) as stock,
    ):
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS):
            for peer in (Peer("ours", server.url, server.token), stock):
                rounds[peer.name].append(asyncio.run(measure(peer)))
    found = {
        name: {key: statistics.median(r[key] for r in measured) for key in measured[0]}
        for name, measured in rounds.items()
    }
    for key in found["ours"]:
        print(f"{key:12} ours {found['ours'][key]:8.1f} ms   stock {found['stock'][key]:8.1f} ms")
    mine, peer_ = found["ours"], found["stock"]
    gates = [
        ("P11 one after another, p95", mine["one p95"], "<=", 50.0),
        ("P11 20 residents at once, p95", mine["crowd p95"], "<=", 600.0),
        ("P12 six messages at once, stock / ours", peer_["six"] / mine["six"], ">=", 20.0),
        (f"P13 turn {LONG} / turn 10", mine[f"turn {LONG}"] / mine["turn 10"], "<=", 1.3),
        (f"    the same on stock Rasa (no gate, load {os.getloadavg()[0]:.1f})",
         peer_[f"turn {LONG}"] / peer_["turn 10"], "<=", float("inf")),
    ]  # fmt: skip
    missed = 0
    for name, value, way, gate in gates:
        held = value <= gate if way == "<=" else value >= gate
        missed += not held
        print(f"{'held  ' if held else 'MISSED'} {name}: {value:.2f} ({way} {gate:g})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
