"""The pages of the desk and the monitor together, each route behind its door."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from briefbrug.house import House
from inbox.desk import desk_routes
from inbox.login import login_routes
from inbox.monitor import monitor_routes
from inbox.pages import HERE, Pages
from inbox.room import room_routes
from inbox.team import team_routes


def routes(house: House) -> list[BaseRoute]:
    """Return the routes of the desk and the monitor."""
    pages = Pages(house)
    return [
        Mount("/inbox/static", StaticFiles(directory=HERE / "static"), name="inbox-static"),
        *login_routes(house, pages),
        *desk_routes(house, pages),
        *room_routes(house, pages),
        *team_routes(house, pages),
        *monitor_routes(house, pages),
    ]
