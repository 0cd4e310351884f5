"""The log-in page and its form: the only routes of the desk without a session."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from briefbrug.house import House
from briefbrug.usecases.log_in import LoggedIn, log_in
from inbox import access as door
from inbox.access import new_token, origin_of, same_token
from inbox.pages import Pages


def login_routes(house: House, pages: Pages) -> list[Route]:
    """Return the log-in page and its form."""

    def page(wrong: str = "", wait: int = 0, email: str = "", status: int = 200) -> Response:
        token = new_token()
        values: dict[str, Any] = {
            "token": token,
            "wrong": wrong,
            "wait": wait,
            "email": email,
            "needs_code": not house.settings.demo,
        }
        response = pages.draw("login.html", None, code=status, **values)
        door.set_cookie(house, response, "form", token, 3600)
        return response

    async def show(request: Request) -> Response:
        door.hear_language(house, request)
        if request.method == "POST":
            return await enter(request)
        return page()

    async def enter(request: Request) -> Response:
        form = await door.form_of(request)
        origin = origin_of(house, request)
        given = form.get("csrf", "") if form else ""
        expected = request.cookies.get(door.cookie_name(house, "form"), "")
        if (
            form is None
            or not isinstance(given, str)
            or not same_token(given, expected)
            or not door.is_own_origin(house, request)
        ):
            door.note("form_refused", door.LOGIN_PATH, "csrf", origin, "unknown")
            return page(wrong="De pagina was te lang open. Probeer het nog een keer.", status=403)
        email, password, code = (str(form.get(name, "")) for name in ("email", "wachtwoord", "code"))
        device = request.cookies.get(door.cookie_name(house, "device"), "")
        old = request.cookies.get(door.cookie_name(house, "staff"), "")
        result = await run_in_threadpool(
            partial(log_in, house, email, password, code, origin, device=device, old_secret=old)
        )
        if not isinstance(result, LoggedIn):
            waits = result.wait_seconds > 0
            door.note("login", "session", "throttled" if waits else "refused", origin, "unknown")
            wrong = "Te vaak geprobeerd." if waits else "Dit klopt niet. Controleer uw e-mailadres, wachtwoord en code."
            response = page(wrong, result.wait_seconds, email[:200], 429 if waits else 401)
            if waits:
                response.headers["retry-after"] = str(result.wait_seconds)
            return response
        door.note("login", "session", "ok", origin, result.professional_ref)
        with house.look() as work:
            person = work.people.professional(result.professional_ref)
            figures_only = person is not None and not {"professional", "lead"} & set(person.roles)
        response = RedirectResponse("/monitor" if figures_only else "/inbox", status_code=303)
        door.set_cookie(house, response, "staff", result.secret, door.SESSION_SECONDS)
        door.set_cookie(house, response, "device", result.device, door.DEVICE_SECONDS)
        door.drop_cookie(house, response, "form")
        return response

    return [Route(door.LOGIN_PATH, show, methods=["GET", "POST"], name="login")]
