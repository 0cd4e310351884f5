"""The pages beside the conversation, and what a telephone needs to keep it on its home screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from bot.web_door import HERE, WebDoor, first_language, kindly, language_at
from briefbrug.speech import Message, say


@kindly
async def privacy(door: WebDoor, request: Request) -> Response:
    """Who sees what, how long it stays, how to have it erased."""
    await door.visitor(request)
    settings = door.house.settings
    return door.page(
        "privacy.html",
        language_at(request),
        closed=settings.retention_closed_days,
        idle=settings.retention_idle_days,
    )


@kindly
async def accessibility(door: WebDoor, request: Request) -> Response:
    """The statement on accessibility."""
    await door.visitor(request)
    return door.page("accessibility.html", language_at(request))


async def security_txt(door: WebDoor, request: Request) -> Response:
    """Where to report a weakness (RFC 9116)."""
    expires = (door.house.clock.now() + timedelta(days=180)).replace(microsecond=0)
    url = door.house.settings.public_url
    lines = [
        f"Contact: {url}/privacy#melden",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {url}/.well-known/security.txt",
    ]
    return PlainTextResponse("\n".join(lines) + "\n")


async def manifest(door: WebDoor, request: Request) -> Response:
    """What a phone needs to put the page on its home screen."""
    texts = door.texts(first_language(request))
    icons = [
        {"src": f"/static/icon-{name}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, side, purpose in (("192", 192, "any"), ("512", 512, "any"), ("maskable", 512, "maskable"))
    ]
    return JSONResponse(
        {
            "id": "/",
            "name": say(Message("page_title"), texts),
            "short_name": say(Message("page_title"), texts),
            "description": say(Message("page_description"), texts),
            "lang": first_language(request),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "theme_color": "#ffffff",
            "background_color": "#ffffff",
            "icons": [*icons, {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        },
        media_type="application/manifest+json",
    )


async def service_worker(door: WebDoor, request: Request) -> Response:
    """The part of the page that lives on without a connection; from the root, so that it may look after all of it."""
    return FileResponse(
        HERE / "static" / "worker.js", media_type="text/javascript", headers={"cache-control": "no-cache"}
    )


@kindly
async def offline(door: WebDoor, request: Request) -> Response:
    """What is shown when the page is opened without a connection; it holds nothing of anybody."""
    return door.page("offline.html", first_language(request))


class CachedFiles(StaticFiles):
    """Our own style sheets, scripts and fonts: the same for everybody, so a phone may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file that may be kept for an hour and is asked for again by its mark."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=3600"
        return response
