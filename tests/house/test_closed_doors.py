"""What nobody outside may reach or learn (S16, S55, S56, S57, S59), tried on the real processes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psutil
import pytest

from tests.conftest import wait_until
from tests.system import System

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Pages and actions of a fresh installation."""
    running = System(tmp_path_factory.mktemp("closed"))
    running.run("migrate")
    running.start("web")
    running.start("actions")
    running.wait_for_pages()
    wait_until(lambda: httpx_is_up(actions_url(running)), 60, "the actions' start")
    yield running
    running.close()


def actions_url(system: System) -> str:
    """Return the address of the action server."""
    return f"http://127.0.0.1:{system.environment['BRIEFBRUG_ACTIONS_PORT']}"


def httpx_is_up(url: str) -> bool:
    """Return whether something answers at `url`."""
    try:
        httpx.get(url, timeout=5)
    except httpx.HTTPError:
        return False
    return True


def processes(system: System) -> list[psutil.Process]:
    """Return every process of the installation."""
    started = [psutil.Process(process.pid) for process in system.running.values()]
    return [*started, *(child for process in started for child in process.children(recursive=True))]


def test_the_processes_listen_on_this_machine_only(system: System) -> None:
    listening = [
        connection.laddr
        for process in processes(system)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert {address[0] for address in listening} <= {"127.0.0.1", "::1"}


def test_no_secret_stands_on_a_command_line(system: System) -> None:
    secrets = [(system.data / name).read_text().strip() for name in ("rasa-token", "installation.key")]
    for process in processes(system):
        line = " ".join(process.cmdline())
        assert not any(secret in line for secret in secrets)


def test_files_of_the_installation_are_for_their_owner_only(system: System) -> None:
    assert system.data.stat().st_mode & 0o007 == 0 or system.data.parent.stat().st_mode & 0o077 == 0
    for name in ("rasa-token", "installation.key"):
        assert (system.data / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/.git/HEAD",
        "/.git/config",
        "/.env",
        "/data/installation.key",
        "/static/",
        "/static/vendor/",
        "/static/../webchat.py",
        "/static/%2e%2e/webchat.py",
        "/static/..%2f..%2fdata/installation.key",
        "/static//etc/passwd",
        "/admin",
        "/console",
        "/server-status",
    ],
)
def test_there_is_nothing_to_find(system: System, path: str) -> None:
    """Asked over a bare connection: a client would tidy the path first."""
    with socket.create_connection(("127.0.0.1", system.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    status = int(answer.split(b" ", 2)[1])
    assert status in {400, 401, 404}, answer[:300]
    assert b"Index of" not in answer and b"def " not in answer and b"root:" not in answer


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_unusual_methods_are_refused(system: System, method: str) -> None:
    answer = httpx.request(method, f"{system.url}/", headers={"x-marked": "geheim"})
    assert answer.status_code in {400, 404, 405, 501}
    assert "geheim" not in answer.text


def test_nobody_learns_which_software_answers(system: System) -> None:
    for path in ("/", "/inbox", "/nowhere"):
        headers = httpx.get(f"{system.url}{path}").headers
        assert "x-powered-by" not in headers
        assert not re.search(r"uvicorn|starlette|python|\d+\.\d+", headers.get("server", ""), re.IGNORECASE)


def test_figures_for_the_operator_answer_this_machine_only(system: System) -> None:
    assert httpx.get(f"{system.url}/metrics").status_code == 200
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        value = "for=203.0.113.7" if header == "forwarded" else "203.0.113.7"
        answer = httpx.get(f"{system.url}/metrics", headers={header: value})
        assert answer.status_code == 404, header


def test_an_error_shows_no_inside(system: System) -> None:
    for answer in (
        httpx.get(f"{system.url}/chat/picture/%00/0"),
        httpx.post(f"{system.url}/chat/text", content=b"\xff\xfe", headers={"content-type": "application/json"}),
        httpx.get(f"{system.url}/inbox/case/" + "x" * 5000),
    ):
        assert answer.status_code < 600
        assert not re.search(r"Traceback|File \"|sqlalchemy|site-packages", answer.text)


def test_every_page_carries_the_headers_that_protect_it(system: System) -> None:
    for path in ("/", "/inbox", "/monitor", "/privacy", "/nowhere"):
        headers = httpx.get(f"{system.url}{path}").headers
        policy = headers["content-security-policy"]
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, path
        assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"], path
        assert headers["cross-origin-opener-policy"], path


def test_who_finds_a_weakness_knows_where_to_go(system: System) -> None:
    """RFC 9116: a contact and an expiry, less than a year away."""
    answer = httpx.get(f"{system.url}/.well-known/security.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines() if ": " in line)
    assert re.match(r"(?:https?|mailto):", fields["Contact"])
    expires = datetime.fromisoformat(fields["Expires"])
    assert datetime.now(UTC) - timedelta(days=366) < expires < datetime.now(UTC) + timedelta(days=366)
    assert httpx.get(fields["Contact"].split("#")[0]).status_code == 200
