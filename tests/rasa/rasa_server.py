"""Starts the real Rasa server with the trained model, and a small action server that answers with the action's name."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

NLU_DATA = Path(__file__).resolve().parents[2] / "nlu_data"
START_WITHIN_S = 240.0


@dataclass(frozen=True, slots=True)
class RasaServer:
    """A running server: where it listens, what opens it, and where it keeps its memory."""

    url: str
    token: str
    data: Path
    log: Path
    process_id: int

    def parse(self, text: str) -> dict[str, Any]:
        """Return what `/model/parse` says about `text`."""
        answer = httpx.post(f"{self.url}/model/parse", params={"token": self.token}, json={"text": text}, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def intent(self, text: str) -> str:
        """Return the name of the intent of `text`."""
        return str(self.parse(text)["intent"]["name"])

    def say(self, sender: str, text: str, client: httpx.Client | None = None) -> list[str]:
        """Return the texts that `sender` gets back for `text`."""
        post = client.post if client else httpx.post
        answer = post(
            f"{self.url}/webhooks/rest/webhook",
            headers={"Authorization": f"Bearer {self.token}"},
            json={"sender": sender, "message": text},
            timeout=60,
        )
        answer.raise_for_status()
        return [str(message["text"]) for message in answer.json()]


class _EchoAction(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer with the name of the action and the letter in the slot."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        letter = asked["tracker"]["slots"].get("letter_ref")
        text = asked["next_action"] + (f" {letter}" if letter else "")
        body = json.dumps({"events": [], "responses": [{"text": text, "buttons": []}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Stay quiet."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def hands() -> Iterator[int]:
    """Yield the port of a small action server that answers with the action's name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _EchoAction)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def train() -> None:
    """Make sure that a model of today's sentences lies in nlu_data/models."""
    subprocess.run([sys.executable, str(NLU_DATA / "train")], check=True, capture_output=True, timeout=1800)


@contextmanager
def running_rasa(data: Path) -> Iterator[RasaServer]:
    """Yield a Rasa server that keeps its memory in `data`; it is stopped afterwards."""
    train()
    with hands() as actions_port:
        port, token, log = free_port(), secrets.token_urlsafe(24), data / "rasa.log"
        environment = {
            **os.environ,
            "BRIEFBRUG_DATA": str(data),
            "BRIEFBRUG_RASA_URL": f"http://127.0.0.1:{port}",
            "BRIEFBRUG_RASA_TOKEN": token,
            "BRIEFBRUG_ACTIONS_PORT": str(actions_port),
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, str(NLU_DATA / "start")],
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            url, until = f"http://127.0.0.1:{port}", time.monotonic() + START_WITHIN_S
            while not is_ready(url, token):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"Rasa did not start:\n{log.read_text(errors='replace')[-3000:]}")
                # A start takes seconds; the socket says when it is over.
                threading.Event().wait(0.2)
            yield RasaServer(url, token, data, log, process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def is_ready(url: str, token: str) -> bool:
    """Whether the server at `url` has loaded its model."""
    try:
        return httpx.get(f"{url}/status", params={"token": token}, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
