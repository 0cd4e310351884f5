"""The mail that alerts a professional: over a real SMTP server, with a log-in, tried again, without a word of hers."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import mail
from bot.mail import make_alert
from briefbrug.house import House
from briefbrug.usecases.answer import Asked, answer_kindly
from briefbrug.usecases.answer_crisis import crisis_violence
from briefbrug.usecases.open_door import open_door
from tests.conftest import MakeHouse, add_team, free_port, wait_until

HER_WORDS = "mijn man slaat mij en die brief van de deurwaarder ligt hier"
NAME, PASSWORD = "wijk@voorbeeld.invalid", "p@ss:wo/rd"


@dataclass
class Post:
    """Keeps what the server took; refuses the first `busy` mails for now, as a server under load does."""

    busy: int = 0
    taken: list[EmailMessage] = field(default_factory=list[EmailMessage])
    readers: list[list[str]] = field(default_factory=list[list[str]])
    raw: list[bytes] = field(default_factory=list[bytes])
    was_safe: list[bool] = field(default_factory=list[bool])

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the server's name for it
        """Take one mail."""
        if self.busy:
            self.busy -= 1
            return "451 Try again later"
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        self.taken.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        self.readers.append(envelope.rcpt_tos)
        self.was_safe.append(session.ssl is not None)
        return "250 OK"


@contextmanager
def post_office(post: Post, port: int | None = None, **how: Any) -> Iterator[int]:
    """Yield the port of a running server on loopback."""
    controller = Controller(post, hostname="127.0.0.1", port=port or free_port(), **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.voorbeeld.invalid")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "post.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def safe_server(certificate: Path) -> dict[str, Any]:
    """Return how a server is started that asks for TLS and then for a name and password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: Any) -> AuthResult:
        assert isinstance(told, LoginPassword)
        return AuthResult(success=told.login == NAME.encode() and told.password == PASSWORD.encode())

    return {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": knows,
        "auth_required": True,
        "auth_require_tls": True,
    }


def in_danger(house: House) -> str:
    """Let a resident be in danger; return the reference of her case."""
    add_team(house)
    with house.work() as work:
        lead = work.people.by_email("melissa@example.org")
        assert lead is not None
        team = work.people.team(lead.team_ref)
        assert team is not None
        work.people.add_professional(
            team, email="lead@example.org", name="Els van Dam", role="teamleider", password_hash="", roles=["lead"],
            demo=True,
        )  # fmt: skip
    ref = open_door(house, "web", "secret").resident_ref
    answer_kindly(crisis_violence, house, Asked(ref, text=HER_WORDS))
    with house.look() as work:
        resident = work.residents.get(ref)
        assert resident is not None
        case = work.cases.open_for(resident)
        assert case is not None
        return case.ref


def test_who_is_responsible_and_the_lead_get_a_mail_without_her_words(make_house: MakeHouse) -> None:
    post = Post()
    with post_office(post) as port:
        house = make_house(SMTP_URL=f"smtp://127.0.0.1:{port}?from=bode@voorbeeld.invalid")
        case = in_danger(house)
        asyncio.run(make_alert(house)(case))
    assert post.readers == [["melissa@example.org", "lead@example.org"]]
    told = post.taken[0]
    assert told["From"] == "bode@voorbeeld.invalid"
    assert told["Subject"] == "Briefbrug: iemand heeft nu een mens nodig"
    body = told.get_content()
    assert house.settings.public_url in body
    whole = (post.raw[0].decode() + body).lower()
    assert not [word for word in ("slaat", "mijn man", "deurwaarder", case.lower()) if word in whole]


def test_the_server_is_trusted_and_knows_us(
    make_house: MakeHouse, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post = Post()
    with post_office(post, **safe_server(certificate)) as port:
        house = make_house(SMTP_URL=f"smtp://wijk%40voorbeeld.invalid:p%40ss%3Awo%2Frd@127.0.0.1:{port}")
        asyncio.run(make_alert(house)(in_danger(house)))
    assert post.was_safe == [True]
    assert len(post.taken) == 1


def test_a_server_with_another_certificate_gets_no_password(
    make_house: MakeHouse, certificate: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "TRIES", 2)
    monkeypatch.setattr(mail, "FIRST_PAUSE_SECONDS", 0.01)
    post = Post()
    with post_office(post, **safe_server(certificate)) as port:
        house = make_house(SMTP_URL=f"smtp://{NAME.replace('@', '%40')}:geheim@127.0.0.1:{port}")
        asyncio.run(make_alert(house)(in_danger(house)))
    assert post.taken == []
    assert "alert_given_up" in caplog.text
    assert "geheim" not in caplog.text and "example.org" not in caplog.text


def test_a_busy_server_is_tried_again_and_gets_one_mail(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "FIRST_PAUSE_SECONDS", 0.01)
    post = Post(busy=2)
    with post_office(post) as port:
        house = make_house(SMTP_URL=f"smtp://127.0.0.1:{port}")
        asyncio.run(make_alert(house)(in_danger(house)))
    assert len(post.taken) == 1
    assert caplog.text.count("alert_not_sent") == 2


def test_a_server_that_is_away_gets_the_mail_when_it_is_back(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mail, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(mail, "LONGEST_PAUSE_SECONDS", 0.2)
    caplog.set_level(logging.WARNING)
    post, port = Post(), free_port()
    house = make_house(SMTP_URL=f"smtp://127.0.0.1:{port}")
    case = in_danger(house)

    async def away_then_back() -> None:
        sending = asyncio.create_task(make_alert(house)(case))
        await asyncio.to_thread(wait_until, lambda: "alert_not_sent" in caplog.text, 20, "a failed attempt")
        with post_office(post, port):
            await asyncio.wait_for(sending, 20)

    asyncio.run(away_then_back())
    assert len(post.taken) == 1
