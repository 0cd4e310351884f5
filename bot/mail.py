"""Alerts a professional by e-mail that somebody is in danger; a mail holds no word of the resident (F42)."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from briefbrug.house import House
from briefbrug.speech import Message, say
from briefbrug.usecases.answer_crisis import people_to_alert

log = logging.getLogger("bot.mail")

SECONDS = 20.0
TRIES = 20
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
"""A server that is away is tried again for an hour; by then the case was seen in the inbox, or the phone rang."""


def make_alert(house: House) -> Callable[[str], Awaitable[None]]:
    """Return the durable step "alert": it tells who is responsible for a case that there is danger."""

    async def alert(case_ref: str) -> None:
        for attempt in range(TRIES):
            try:
                addresses = await asyncio.to_thread(people_to_alert, house, case_ref)
                if addresses:
                    await asyncio.to_thread(send, house, addresses)
                return
            except (OSError, smtplib.SMTPException) as error:
                # The addresses of professionals and the server's words stay out of the log.
                log.warning("alert_not_sent case_ref=%s attempt=%d error=%s", case_ref, attempt, type(error).__name__)
                if attempt + 1 < TRIES:
                    await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt))
        log.error("alert_given_up case_ref=%s", case_ref)

    return alert


def send(house: House, addresses: tuple[str, ...]) -> None:
    """Send the alert over `BRIEFBRUG_SMTP_URL` (smtp:// with STARTTLS when offered, or smtps://; `?from=` the sender).

    Raises:
        OSError, smtplib.SMTPException: when the server is away or refuses.
    """
    where = urlsplit(house.settings.smtp_url)
    own_host = urlsplit(house.settings.public_url).hostname or "localhost"
    texts = house.texts_in("nl")
    mail = EmailMessage()
    mail["From"] = parse_qs(where.query).get("from", [f"briefbrug@{own_host}"])[0]
    mail["To"] = ", ".join(addresses)
    mail["Subject"] = say(Message("mail_alert_subject"), texts)
    mail.set_content(say(Message("mail_alert_body", {"url": house.settings.public_url}), texts))
    host, is_tls = where.hostname or "localhost", where.scheme == "smtps"
    safe = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, where.port or 465, timeout=SECONDS, context=safe)
        if is_tls
        else smtplib.SMTP(host, where.port or 25, timeout=SECONDS)
    )
    with server:
        server.ehlo_or_helo_if_needed()
        if not is_tls and server.has_extn("starttls"):
            server.starttls(context=safe)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        server.send_message(mail)
