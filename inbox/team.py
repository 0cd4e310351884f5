"""The page of one's own team: who, with which role, languages and hours; who is away and who stands in."""

from __future__ import annotations

from functools import partial

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.usecases.be_away import end_absence, note_absence, show_team
from briefbrug.web_security import file_headers
from inbox import access as door
from inbox.access import Asking, desk_route, origin_of
from inbox.pages import Pages


def team_routes(house: House, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the team's page, each behind its door."""
    desk = partial(desk_route, house, fail=pages.problem)

    def team(asking: Asking) -> Response:
        view = show_team(house, asking.visitor.professional_ref)
        done = asking.request.query_params.get("gedaan") == "afwezig"
        return pages.draw("team.html", asking.visitor, team=view, done=done, today=house.clock.today().isoformat())

    def away(asking: Asking) -> Response:
        me = asking.visitor.professional_ref
        who = asking.typed("wie") or me
        note_absence(house, me, who, asking.typed("van"), asking.typed("tot"))
        door.note("absence_noted", who, "ok", origin_of(house, asking.request), me)
        return RedirectResponse("/inbox/team?gedaan=afwezig", status_code=303)

    def back(asking: Asking) -> Response:
        me, number = asking.visitor.professional_ref, asking.request.path_params["absence"]
        end_absence(house, me, number)
        door.note("absence_ended", str(number), "ok", origin_of(house, asking.request), me)
        return RedirectResponse("/inbox/team?gedaan=afwezig", status_code=303)

    def face(asking: Asking) -> Response:
        ref = asking.request.path_params["who"]
        with house.look() as work:
            person = work.people.professional(ref)
            mine = person is not None and person.team_ref == asking.visitor.team_ref
            photo = person.photo if person is not None and mine else None
        if photo is None:
            raise BriefbrugError(Reason.NOT_FOUND, "no such face")
        return Response(photo, media_type="image/jpeg", headers=file_headers("medewerker.jpg", inline=True))

    return [
        desk("/inbox/team", team),
        desk("/inbox/team/afwezig", away, methods=("POST",)),
        desk("/inbox/team/terug/{absence:int}", back, methods=("POST",)),
        desk("/inbox/team/gezicht/{who}", face),
    ]
