"""The real processes of one installation, started, killed and watched by tests from outside."""

from __future__ import annotations

import html
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from briefbrug.processes import ROOT
from tests.conftest import TODAY, free_port, wait_until


@dataclass
class System:
    """Processes over one data folder. `start` and `kill` one at a time; `close` ends all."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, "subprocess.Popen[bytes]"])

    def __post_init__(self) -> None:
        self.port = free_port()
        self.rasa_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = self.folder / "data"
        self.data.mkdir(exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BRIEFBRUG_")},
            "BRIEFBRUG_DATA": str(self.data),
            "BRIEFBRUG_PORT": str(self.port),
            "BRIEFBRUG_ACTIONS_PORT": str(free_port()),
            "BRIEFBRUG_RASA_URL": f"http://127.0.0.1:{self.rasa_port}",
            "BRIEFBRUG_TODAY": TODAY.isoformat(),
            "BRIEFBRUG_DEMO": "1",
            "BRIEFBRUG_UPLOADS_PER_MINUTE": "10000",
            "BRIEFBRUG_WORKERS": "1",
            "PYTHONPATH": str(ROOT),
            **{f"BRIEFBRUG_{name}": value for name, value in self.settings.items()},
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one `briefbrug` command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "briefbrug", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )

    def start(self, name: str, **more: str) -> None:
        """Start a process: web, worker, telegram, actions or rasa; `more` are further settings, such as KILL_AT."""
        command = [str(ROOT / "nlu_data" / "start")] if name == "rasa" else [sys.executable, "-m", "briefbrug", name]
        environment = {**self.environment, **{f"BRIEFBRUG_{key}": value for key, value in more.items()}}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def log(self, name: str) -> str:
        """Return what a process has logged."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def is_dead(self, name: str) -> bool:
        """Return whether a process has ended."""
        return self.running[name].poll() is not None

    def kill(self, name: str) -> None:
        """Kill a process at once (SIGKILL), with everything it started."""
        process = self.running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=20)

    def wait_for_pages(self) -> None:
        """Return when the pages answer."""

        def answers() -> bool:
            try:
                return httpx.get(f"{self.url}/ready", timeout=5).is_success
            except httpx.HTTPError:
                return False

        wait_until(answers, 90, "the pages' start")

    def wait_for_rasa(self) -> None:
        """Return when the language model answers."""
        token = (self.data / "rasa-token").read_text()

        def answers() -> bool:
            try:
                return httpx.get(
                    f"http://127.0.0.1:{self.rasa_port}/status", params={"token": token}, timeout=5
                ).is_success
            except httpx.HTTPError:
                return False

        wait_until(answers, 240, "Rasa's start")

    def wait_for_actions(self) -> None:
        """Return when Rasa's hands answer, and Rasa has understood a first line (the first one takes longest)."""

        def answers() -> bool:
            try:
                port = self.environment["BRIEFBRUG_ACTIONS_PORT"]
                return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).is_success
            except httpx.HTTPError:
                return False

        wait_until(answers, 120, "the actions' start")
        token = (self.data / "rasa-token").read_text()
        url = f"http://127.0.0.1:{self.rasa_port}/model/parse"
        httpx.post(url, params={"token": token}, json={"text": "hallo"}, timeout=120).raise_for_status()

    def close(self) -> None:
        """Kill everything."""
        for name in list(self.running):
            self.kill(name)


class Visitor:
    """A resident's browser without a screen: forms and uploads over HTTP."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"origin": url, "accept": "application/json"}, timeout=30)
        self._number = 0
        found = re.search(r'name="token" value="([^"]+)"', self.page())
        assert found, "the page has no token"
        self.token = found[1]

    def page(self) -> str:
        """Return the chat page as a browser gets it."""
        answer = self.client.get("/", headers={"accept": "text/html"})
        answer.raise_for_status()
        return answer.text

    def articles(self) -> list[str]:
        """Return the messages of the thread, as pieces of HTML, oldest first."""
        return re.findall(r"<article.*?</article>", self.page(), re.DOTALL)

    def texts(self) -> list[str]:
        """Return the texts of the thread."""
        found: list[str] = []
        for article in self.articles():
            body = re.search(r'<div class="bb-message__text"[^>]*>(.*?)</div>', article, re.DOTALL)
            found.append(html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body[1]).split())) if body else "")
        return found

    def press(self, words: str) -> httpx.Response:
        """Press the newest button with these words."""
        for article in reversed(self.articles()):
            for index, label in re.findall(r'name="index" value="(\d+)"[^>]*>([^<]*)</button>', article):
                if html.unescape(label) == words:
                    message = re.search(r'name="message" value="([^"]+)"', article)
                    assert message
                    return self.post("/chat/button", message=message[1], index=index)
        raise AssertionError(f"no button {words!r}")

    def say(self, text: str) -> httpx.Response:
        """Send a typed line."""
        return self.post("/chat/text", text=text)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form; when the house is too busy it is sent again under the same number, as the page does."""
        self._number += 1
        fields = {"token": self.token, "id": f"test-act-{self._number:06d}", **fields}
        answer = self.client.post(path, data=fields)
        for _ in range(15):
            if answer.status_code not in {httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS}:
                break
            threading.Event().wait(float(answer.headers.get("retry-after", "1")))
            answer = self.client.post(path, data=fields)
        return answer.raise_for_status()

    def upload(
        self, content: bytes, upload_id: str, name: str = "foto.jpg", media: str = "image/jpeg"
    ) -> httpx.Response:
        """Send one photo under an upload's own number."""
        return self.client.post(
            "/chat/photo", data={"token": self.token, "id": upload_id}, files={"photos": (name, content, media)}
        )
