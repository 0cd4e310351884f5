"""Headers on every answer of the pages: nothing from elsewhere, nothing kept, nothing framed (ASGI, no framework)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    )
)
"""For pages: scripts and styles from our own files only, no inline ones (norm U/PW.03)."""

FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; sandbox"
"""For pictures and other files that came from outside: nothing in them runs."""

ONE_YEAR = 31_536_000


def file_headers(name: str, *, inline: bool) -> dict[str, str]:
    """Return the headers of a file that came from outside: nothing in it runs, nobody keeps it (RFC 6266)."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in name)
    kind = "inline" if inline else "attachment"
    return {
        "content-disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": FILE_POLICY,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


FIXED: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    # Browsers ignore this one over plain http (RFC 6797 section 8.1), so loopback is not locked out.
    "strict-transport-security": f"max-age={2 * ONE_YEAR}; includeSubDomains",
    # Nothing to other sites. Not "no-referrer": browsers then send forms without a script with "Origin: null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "x-frame-options": "DENY",
}
DEFAULTS: Mapping[str, str] = {"content-security-policy": PAGE_POLICY, "cache-control": "no-store"}
"""Set where the answer does not say otherwise itself."""


class SecurityHeaders:
    """Adds the headers to every answer of the app it wraps, errors included."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and complete its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                names = {name.lower() for name, _ in given}
                kept = [
                    (name, value) for name, value in given if name.lower() not in {b"server", *map(str.encode, FIXED)}
                ]
                added = [(name.encode(), value.encode()) for name, value in FIXED.items()]
                added += [
                    (name.encode(), value.encode()) for name, value in DEFAULTS.items() if name.encode() not in names
                ]
                message["headers"] = kept + added
            await send(message)

        await self._app(scope, receive, complete)
