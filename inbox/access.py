"""Who may see what at the desk: the session, the form token, and the one gate to a case."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Protocol
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from briefbrug.clock import Clock
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.usecases.log_in import Visitor, stay_logged_in, visitor_of
from inbox.language import DUTCH, spoken

log = logging.getLogger("briefbrug.desk")

LARGEST_FORM_BYTES = 256 * 1024
MOST_PARTS = 10
"""Files in one form, before the use case says how many are too many."""

SESSION_SECONDS = 12 * 3600
DEVICE_SECONDS = 180 * 24 * 3600
LANGUAGE_COOKIE = "language"
LOGIN_PATH = "/inbox/inloggen"
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REFUSALS = {
    Reason.NOT_FOUND: 404,
    Reason.NOT_ALLOWED: 403,
    Reason.WRONG_STATE: 409,
    Reason.NOT_UNDERSTOOD: 400,
    Reason.DATE_NOT_UNDERSTOOD: 400,
}
"""What a professional can do something about; anything else is a failure of the house."""

PLAIN = re.compile(r"[^\w:/.@+-]")


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """Proof that a visitor passed the gate to a case; everything that shows or changes a case asks for it."""

    case_ref: str
    resident_ref: str
    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that passed the door: who asks, what she sent, and the house."""

    house: House
    request: Request
    visitor: Visitor
    form: FormData

    def typed(self, name: str) -> str:
        """Return a field of the form as text; "" when it is missing."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def files(self, name: str) -> list[tuple[str, bytes]]:
        """Return name and bytes of each file that was chosen in a field."""
        given = [each for each in self.form.getlist(name) if isinstance(each, UploadFile)]
        # A field without a choice sends one nameless, empty file.
        return [(each.filename or "", each.file.read()) for each in given if each.filename or each.size]

    def case(self) -> CaseAccess:
        """Return the case that the address names, through the gate."""
        return access_case(self.house, self.visitor, self.request.path_params["ref"])


Handler = Callable[[Asking], Response]


def access_case(house: House, visitor: Visitor, case_ref: str) -> CaseAccess:
    """Let a visitor through to a case of her own team: the only way to a case (S24).

    Raises:
        BriefbrugError: NOT_FOUND, for an unknown case, another team's, or a role that sees none. All look alike from
            outside, and each refusal is logged.
    """
    why = "role"
    if visitor.sees_cases:
        with house.look() as work:
            case = work.cases.get(case_ref)
            if case is not None and case.team_ref == visitor.team_ref:
                return CaseAccess(case.ref, case.resident_ref, visitor)
            why = "team" if case is not None else "unknown"
    note("case_refused", case_ref, why, "-", visitor.professional_ref)
    raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={plain(case_ref)} why={why}")


def plain(value: str) -> str:
    """Return a value that cannot forge a log line: no blanks, no line ends, at most 80 signs."""
    return PLAIN.sub("_", value)[:80] or "-"


def note(action: str, thing: str, result: str, origin: str, actor: str) -> None:
    """Log what a professional did: action, object, result, origin, actor, UTC time (S42, BIO2 8.15.01)."""
    at = Clock.real_now().isoformat(timespec="seconds")
    log.info(
        "desk action=%s object=%s result=%s origin=%s actor=%s at=%s",
        plain(action), plain(thing), plain(result), plain(origin), plain(actor), at,
    )  # fmt: skip


def cookie_name(house: House, what: str) -> str:
    """Return a cookie's name; bound to host and https by its prefix wherever there is https (S28)."""
    return f"__Host-bb-{what}" if house.settings.secure_cookies else f"bb-{what}"


def set_cookie(house: House, response: Response, what: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends along."""
    response.set_cookie(
        cookie_name(house, what),
        value,
        max_age=seconds,
        path="/",
        secure=house.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(house: House, response: Response, what: str) -> None:
    """Take a cookie back."""
    set_cookie(house, response, what, "", 0)


def origin_of(house: House, request: Request) -> str:
    """Return the address a request came from; behind a trusted proxy the last one it added."""
    if house.settings.trusted_proxy:
        forwarded = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        if forwarded:
            return forwarded
    return request.client.host if request.client else "unknown"


def is_own_origin(house: House, request: Request) -> bool:
    """Return whether a change was asked from our own pages (S31)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    hosts = {urlsplit(house.settings.public_url).netloc, request.headers.get("host", "")}
    return urlsplit(origin).netloc in hosts - {""}


class InMemory(MultiPartParser):
    """Keeps the files of a form in memory: nothing of a resident is written to a disk unsealed."""

    spool_max_size = 2**40


async def form_of(request: Request, largest_file: int = 0) -> FormData | None:
    """Return the form of a request, with files of `largest_file` bytes together; None when too large or no form."""
    most = LARGEST_FORM_BYTES + largest_file
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most:
        return None
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return FormData()
    try:
        if largest_file and kind.startswith("multipart/form-data"):
            parts = _bounded(request.stream(), most)
            parser = InMemory(
                request.headers, parts, max_files=MOST_PARTS, max_fields=60, max_part_size=LARGEST_FORM_BYTES
            )
            return await parser.parse()
        return await request.form(max_files=0, max_fields=60, max_part_size=LARGEST_FORM_BYTES)
    except Exception:
        # Whatever is wrong with the bytes of a form, it is not a form.
        return None


async def _bounded(stream: AsyncIterator[bytes], most: int) -> AsyncGenerator[bytes]:
    """Yield a request's bytes until there are too many: a browser may send them without saying how many."""
    seen = 0
    async for piece in stream:
        seen += len(piece)
        if seen > most:
            raise MultiPartException("more bytes than a form may have")
        yield piece


def hear_language(house: House, request: Request) -> None:
    """Let everything that is drawn for this request speak the language that was chosen in this browser."""
    spoken.set(request.cookies.get(cookie_name(house, LANGUAGE_COOKIE), DUTCH))


def new_token() -> str:
    """Return a token for a form: for the log-in page, or to tell a double click from a second wish."""
    return secrets.token_urlsafe(18)


def same_token(given: str, expected: str) -> bool:
    """Compare two tokens in constant time; nothing equals an empty one."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


class Fail(Protocol):
    """Makes the page of a refusal."""

    def __call__(
        self, request: Request, reason: Reason, status: int, visitor: Visitor | None, mark: str = "", /
    ) -> Response:
        """Return the page; `mark` is a reference for the operator."""
        ...


def desk_route(
    house: House,
    path: str,
    handler: Handler,
    fail: Fail,
    *,
    methods: tuple[str, ...] = ("GET",),
    figures_only: bool = False,
    is_activity: bool = True,
    largest_file: int = 0,
) -> Route:
    """Return a route behind the door: a session, a role that fits, and for changes the form token and our own origin.

    Args:
        house: the house.
        path: the address.
        handler: what answers; runs in a thread, so it may read the database.
        fail: makes the page of a refusal.
        methods: GET, or POST for changes.
        figures_only: whether the page shows no case, so that policy makers may see it too.
        is_activity: whether asking for it keeps the session alive; what a page asks by itself does not.
        largest_file: bytes of all files of its form together; none are taken by default.
    """

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        hear_language(house, request)
        visitor = await run_in_threadpool(visitor_of, house, request.cookies.get(cookie_name(house, "staff"), ""))
        if visitor is None:
            return _to_login(request)
        if not figures_only and not visitor.sees_cases:
            note("page_refused", path, "role", origin_of(house, request), visitor.professional_ref)
            return fail(request, Reason.NOT_FOUND, 404, visitor)
        form: FormData | None = FormData()
        if request.method in CHANGES:
            form = await form_of(request, largest_file)
        if form is None:
            return fail(request, Reason.NOT_UNDERSTOOD, 413, visitor)
        try:
            return await answer(request, visitor, form)
        finally:
            await form.close()

    async def answer(request: Request, visitor: Visitor, form: FormData) -> Response:
        if request.method in CHANGES:
            given = form.get("csrf") or request.headers.get("x-csrf-token", "")
            if not isinstance(given, str) or not same_token(given, visitor.csrf) or not is_own_origin(house, request):
                note("form_refused", path, "csrf", origin_of(house, request), visitor.professional_ref)
                return fail(request, Reason.NOT_ALLOWED, 403, visitor)
        if is_activity:
            await run_in_threadpool(stay_logged_in, house, visitor.secret)
        asking = Asking(house, request, visitor, form)
        try:
            return await run_in_threadpool(handler, asking)
        except BriefbrugError as error:
            log.warning("desk_refused path=%s reason=%s detail=%s", path, error.reason.value, plain(error.detail))
            if error.reason in REFUSALS:
                return fail(request, error.reason, REFUSALS[error.reason], visitor)
            return fail(request, Reason.UNEXPECTED, 500, visitor, secrets.token_hex(4))
        except Exception as error:
            # Only the kind of error is logged: its text may hold words of a letter.
            mark = secrets.token_hex(4)
            log.error("desk_failed path=%s error=%s mark=%s", path, type(error).__name__, mark)
            return fail(request, Reason.UNEXPECTED, 500, visitor, mark)

    return Route(path, endpoint, methods=list(methods), name=f"desk:{'+'.join(methods)}:{path}")


def _to_login(request: Request) -> Response:
    """Send a browser to the log-in page; tell a program or a half-drawn page that it is logged out."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", "") and "x-part" not in request.headers:
        return RedirectResponse(LOGIN_PATH, status_code=303)
    if request.method in CHANGES and "x-part" not in request.headers:
        return RedirectResponse(LOGIN_PATH, status_code=303)
    return PlainTextResponse("Log eerst in.", status_code=401)
