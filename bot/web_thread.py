"""A thread as the resident's page shows it: pieces of HTML for its script, and what a turn brought."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.web_door import Visitor, WebDoor, in_words, language_at, wants_json, whole_number
from briefbrug.clock import AMSTERDAM
from briefbrug.speech import Message, say
from briefbrug.store.thread import Button, Said
from briefbrug.usecases.show_thread import Shown, View, show_thread

SAFE_LINKS = ("https://", "http://", "tel:", "sms:")
FIRST_THING_KEYS = ("first_",)
"""Text keys that begin the one first thing, shown as a card."""


def shown(
    door: WebDoor, line: Shown, language: str, token: str, stale: Collection[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Return a message of the thread as the page's own piece of HTML, with what the page needs to place it."""
    texts = door.texts(language)
    links = [(label, address) for label, address in line.said.links if address.startswith(SAFE_LINKS)]
    html = door.templates.get_template("message.html").render(
        t=functools.partial(in_words, texts),
        m=line,
        paragraphs=[
            part.split("\n") for part in line.said.text.split("\n\n") if part.strip() and not repeats_link(part, links)
        ],
        links=links,
        is_first_thing=line.sender == "machine"
        and line.said.key.startswith(FIRST_THING_KEYS)
        and bool(line.said.pictures),
        initials="".join(word[0] for word in line.name.split()[:1] + line.name.split()[1:][-1:]),
        time=told_time(door, line),
        buttons=[
            (index, each, same_choice(each), (line.ref, same_choice(each)) in stale)
            for index, each in enumerate(line.said.buttons)
        ],
        token=token,
        new_id=secrets.token_urlsafe(12),
    )
    return {"ref": line.ref, "change": line.change, "at": line.at.isoformat(), "from": line.sender, "html": html}


def told_time(door: WebDoor, line: Shown) -> str:
    """Return when a message was written, as short as can be."""
    moment = line.at.astimezone(AMSTERDAM)
    return (
        f"{moment:%H:%M}"
        if moment.date() == door.house.clock.today()
        else f"{moment.day}-{moment.month}, {moment:%H:%M}"
    )


def as_json(door: WebDoor, view: View, token: str) -> dict[str, Any]:
    """Return what changed in a thread, for the page's script."""
    lines = sorted(view.lines, key=lambda line: line.change)
    return {
        "token": token,
        "change": view.change,
        "consent": view.consent,
        "language": view.language,
        "messages": [shown(door, line, view.language, token) for line in lines],
    }


async def after_turn(
    door: WebDoor, request: Request, visitor: Visitor, fields: Mapping[str, str], left: tuple[Said, ...]
) -> Response:
    """Return what a turn brought: to the script as JSON, without a script by going back to the page."""
    door.watcher.touch(visitor.resident_ref)
    view = await asyncio.to_thread(
        show_thread, door.house, visitor.resident_ref, whole_number(fields.get("after", "0"))
    )
    if view is None:
        # Everything was erased; the goodbye is said here, because there is no thread left to say it in.
        language = language_at(request)
        texts = [part.text for part in left] or [say(Message("page_gone"), door.texts(language))]
        page = door.page("gone.html", language, lines=texts)
        answer = JSONResponse({"gone": texts}) if wants_json(request) else page
        door.take_cookie(answer)
        return answer
    if wants_json(request):
        return JSONResponse(as_json(door, view, visitor.token))
    return RedirectResponse("/#einde", status_code=303)


def repeats_link(paragraph: str, links: Sequence[tuple[str, str]]) -> bool:
    """Return whether a paragraph holds no more than a number that stands below as a link to tap."""
    return any(label in paragraph and len(paragraph.strip()) <= len(label) + 3 for label, _ in links)


def has_photos(view: View) -> bool:
    """Return whether the resident has sent a photo; the sample letters are for before that."""
    return any(line.said.key.startswith("photos_") for line in view.lines)


def same_choice(button: Button) -> str:
    """Return a mark that is the same for buttons that do the same."""
    return hashlib.sha256(json.dumps([button.do, sorted(button.values.items())]).encode()).hexdigest()[:12]


def stale_choices(view: View) -> frozenset[tuple[str, str]]:
    """Return (message, mark) of buttons for which a newer twin stands further down; only the newest one is shown."""
    newest: dict[str, str] = {}
    stale: set[tuple[str, str]] = set()
    for line in view.lines:
        for mark in map(same_choice, line.said.buttons):
            if mark in newest:
                stale.add((newest[mark], mark))
            newest[mark] = line.ref
    return frozenset(stale)
