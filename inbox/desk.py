"""The pages of the desk: the worklist, one case, its letters, and what a professional does with it."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.usecases.enclose import MOST_FILES, make_harmless
from briefbrug.usecases.gist import Gists
from briefbrug.usecases.log_in import log_out
from briefbrug.usecases.picture import page_image
from briefbrug.usecases.work_on_case import (
    LONGEST_ANSWER,
    assign_to,
    call_her,
    close_case,
    correct_fact,
    hand_back,
    mark_viewed,
    note,
    reopen,
    reply_to_case,
    show_typing,
)  # fmt: skip
from briefbrug.web_security import FILE_POLICY, file_headers
from inbox import access as door
from inbox import words
from inbox.access import Asking, desk_route, new_token, origin_of
from inbox.cases import file_in_chat, show_case, show_chat
from inbox.dossier import export_case, knowledge_entry
from inbox.first_steps import source_name, step_of
from inbox.letters import case_of_page
from inbox.pages import Pages, as_attachment, back_to_case, once_of
from inbox.plain import advice_on
from inbox.ready import ready_for
from inbox.room import TOLD as ROOM_TOLD
from inbox.room import show_room
from inbox.suggestions import schemes_for, suggestions_for
from inbox.unread_photos import photo_for_a_human, photos_for_a_human
from inbox.worklist import FILTERS, worklist

TOLD = {
    **ROOM_TOLD,
    "antwoord": "Uw antwoord is verstuurd. De assistent is nu stil.",
    "terug": "De assistent praat weer met de inwoner. De zaak blijft van u.",
    "gesloten": "De zaak is gesloten. De inwoner heeft bericht gekregen.",
    "open": "De zaak is weer open. De inwoner heeft bericht gekregen.",
    "overgedragen": "De zaak is overgedragen. De inwoner weet wie nu helpt.",
    "naam": "De naam is bewaard.",
    "notitie": "Uw notitie is bewaard. Alleen collega's zien haar.",
    "verbeterd": "Het gegeven is verbeterd. De brieven staan opnieuw op volgorde.",
}


def desk_routes(house: House, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the desk, each behind its door."""
    gists = Gists(house)
    desk = partial(desk_route, house, fail=pages.problem)

    def asked_of_worklist(asking: Asking) -> dict[str, Any]:
        """Return what the address asks of the worklist, and what was found."""
        given = asking.request.query_params
        chosen = given.get("toon", "team")
        chosen = chosen if chosen in FILTERS else "team"
        search, page = given.get("zoek", "").strip()[:100], given.get("blad", "1")
        number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1
        found = worklist(gists, asking.visitor, chosen, search, max(1, number))
        return {"found": found, "chosen": chosen, "search": search, "filters": FILTERS}

    def show_worklist(asking: Asking) -> Response:
        told = TOLD.get(asking.request.query_params.get("gedaan", ""), "")
        return pages.draw("worklist.html", asking.visitor, told=told, **asked_of_worklist(asking))

    def worklist_part(asking: Asking) -> Response:
        values = asked_of_worklist(asking)
        if asking.request.query_params.get("stempel") == values["found"].stamp:
            return Response(status_code=204)
        return pages.draw("_rows.html", asking.visitor, **values)

    def case_page(asking: Asking) -> Response:
        case = asking.case()
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref)
        door.note("case_viewed", case.case_ref, "ok", origin_of(house, asking.request), asking.visitor.professional_ref)
        view = show_case(house, case)
        told = TOLD.get(asking.request.query_params.get("gedaan", ""), "")
        values: dict[str, Any] = {
            "case": view,
            "told": told,
            "once": new_token,
            "outcomes": words.OUTCOME,
            "longest": LONGEST_ANSWER,
            "most_files": MOST_FILES,
            "largest_file": house.settings.upload_max_bytes,
            "now": house.clock.now(),
        }
        room = show_room(house, case)
        values["room"] = room
        values["suggestions"] = suggestions_for(house, view.letters)
        values["schemes"] = schemes_for(house, view.letters)
        values["unread_photos"] = photos_for_a_human(house, case) if view.shared else ()
        is_waiting = any(each.ended_at is None for each in room.waits)
        values["ready"] = ready_for(view.threat, is_first=not view.answered, is_waiting=is_waiting)
        values["senders"] = sorted((s.name_nl, code) for code, s in house.knowledge.senders.items())
        values["kinds"] = [(k.spoken, code) for code, k in house.knowledge.kinds.items()]
        return pages.draw("case.html", asking.visitor, **values)

    def chat_part(asking: Asking) -> Response:
        chat, stamp, status = show_chat(house, asking.case())
        if asking.request.query_params.get("stempel") == stamp:
            return Response(status_code=204)
        return pages.draw("_chat.html", asking.visitor, chat=chat, stamp=stamp, status=status)

    def answer(asking: Asking) -> Response:
        case = asking.case()
        typed = asking.typed("antwoord")
        try:
            files = make_harmless(house, asking.files("bestanden"))
        except BriefbrugError as error:
            told = words.FILE_PROBLEM.get(error.reason.value)
            if told is None:
                raise
            door.note("file_refused", case.case_ref, error.reason.value, origin_of(house, asking.request), "-")
            values: dict[str, Any] = {"told": told, "typed": typed, "longest": LONGEST_ANSWER, "once": new_token}
            values |= {"most_files": MOST_FILES, "largest_file": house.settings.upload_max_bytes}
            path = f"/inbox/zaak/{case.case_ref}"
            return pages.draw("answer_again.html", asking.visitor, code=422, path=path, **values)
        reply_to_case(house, case.case_ref, asking.visitor.professional_ref, typed, once_of(asking), files)
        return back_to_case(asking, case.case_ref, "antwoord", "#gesprek")

    def sent_file(asking: Asking) -> Response:
        case = asking.case()
        found = file_in_chat(house, case, asking.request.path_params["file"])
        if found is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={case.case_ref} has no such file")
        headers = file_headers(found.name, inline=found.media_type == "image/jpeg")
        return Response(found.content, media_type=found.media_type, headers=headers)

    def give_back(asking: Asking) -> Response:
        case = asking.case()
        hand_back(house, case.case_ref, asking.visitor.professional_ref, once_of(asking))
        return back_to_case(asking, case.case_ref, "terug", "#gesprek")

    def close(asking: Asking) -> Response:
        case = asking.case()
        outcome, own = asking.typed("uitkomst"), asking.typed("woorden")
        close_case(house, case.case_ref, asking.visitor.professional_ref, outcome, once_of(asking), own)
        return back_to_case(asking, case.case_ref, "gesloten")

    def open_again(asking: Asking) -> Response:
        case = asking.case()
        reopen(house, case.case_ref, asking.visitor.professional_ref, once_of(asking))
        return back_to_case(asking, case.case_ref, "open")

    def hand_on(asking: Asking) -> Response:
        case = asking.case()
        who, to = asking.visitor.professional_ref, asking.typed("collega")
        assign_to(house, case.case_ref, to, who, once_of(asking), asking.typed("warm"))
        with house.look() as work:
            row = work.cases.get(case.case_ref)
            left_team = row is not None and row.team_ref != asking.visitor.team_ref
        if left_team:
            return RedirectResponse("/inbox?gedaan=overgedragen", status_code=303)
        return back_to_case(asking, case.case_ref, "overgedragen")

    def typing(asking: Asking) -> Response:
        case = asking.case()
        show_typing(house, case.case_ref, asking.visitor.professional_ref)
        return Response(status_code=204)

    def keep_note(asking: Asking) -> Response:
        case = asking.case()
        note(house, case.case_ref, asking.visitor.professional_ref, asking.typed("notitie"), once_of(asking))
        return back_to_case(asking, case.case_ref, "notitie", "#notities")

    def name_her(asking: Asking) -> Response:
        case = asking.case()
        call_her(house, case.case_ref, asking.visitor.professional_ref, asking.typed("naam"), once_of(asking))
        return back_to_case(asking, case.case_ref, "naam")

    def correct(asking: Asking) -> Response:
        case = asking.case()
        letter, field = asking.typed("brief"), asking.typed("veld")
        who = asking.visitor.professional_ref
        correct_fact(house, case.case_ref, who, letter, field, asking.typed("waarde"), once_of(asking))
        return back_to_case(asking, case.case_ref, "verbeterd", f"#brief-{letter}")

    def check_words(asking: Asking) -> Response:
        asking.case()
        return pages.draw("_advice.html", asking.visitor, advice=advice_on(asking.typed("antwoord")[:LONGEST_ANSWER]))

    def dossier(asking: Asking) -> Response:
        case = asking.case()
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref, "export")
        door.note(
            "case_exported", case.case_ref, "ok", origin_of(house, asking.request), asking.visitor.professional_ref
        )
        name = f"zaak-{words.short_ref(case.case_ref)}.json"
        content = export_case(house, case, show_room(house, case))
        return Response(content, media_type="application/json", headers=as_attachment(name))

    def paper(asking: Asking) -> Response:
        # Imported here: the writer of PDFs is heavy, and most days nobody asks for one.
        from inbox.paper import case_on_paper

        case = asking.case()
        who = asking.visitor.professional_ref
        mark_viewed(house, case.case_ref, who, "export")
        door.note("case_exported", case.case_ref, "pdf", origin_of(house, asking.request), who)
        content = case_on_paper(house, case, pages, show_case(house, case), show_room(house, case))
        headers = as_attachment(f"zaak-{words.short_ref(case.case_ref)}.pdf")
        headers |= {"content-security-policy": FILE_POLICY, "x-content-type-options": "nosniff"}
        return Response(content, media_type="application/pdf", headers=headers)

    def page(asking: Asking) -> Response:
        params, query = asking.request.path_params, asking.request.query_params
        photo_ref, number = params["photo"], params["page"]
        case = case_of_page(house, asking.visitor, photo_ref, number, query.get("tot", ""), query.get("sleutel", ""))
        content = page_image(house, case.resident_ref, photo_ref, number)
        if content is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"photo_ref={photo_ref} page={number}")
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref, "page", photo_ref)
        headers = {
            "content-security-policy": FILE_POLICY,
            "content-disposition": f'inline; filename="pagina-{number + 1}.jpg"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(content, media_type="image/jpeg", headers=headers)

    def unread_photo(asking: Asking) -> Response:
        case = asking.case()
        photo_ref = asking.request.path_params["photo"]
        found = photo_for_a_human(house, case, photo_ref)
        if found is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={case.case_ref} has no such photo")
        mark_viewed(house, case.case_ref, asking.visitor.professional_ref, "page", photo_ref)
        headers = file_headers(found.name, inline=found.media_type == "image/jpeg")
        return Response(found.content, media_type=found.media_type, headers=headers)

    def knowledge(asking: Asking) -> Response:
        entry, sources = knowledge_entry(house, asking.request.path_params["name"])
        sender, kind = house.knowledge.senders[entry.sender], house.knowledge.kinds[entry.kind]
        helpers = [house.knowledge.helpers[name] for name in entry.helpers]
        values: dict[str, Any] = {
            "entry": entry,
            "sources": sources,
            "sender": sender,
            "kind": kind,
            "helpers": helpers,
            "step": step_of(entry),
            "source_name": partial(source_name, house),
        }
        return pages.draw("knowledge.html", asking.visitor, **values)

    def still_here(asking: Asking) -> Response:
        return Response(status_code=204)

    def leave(asking: Asking) -> Response:
        log_out(house, asking.visitor.secret)
        response = RedirectResponse(door.LOGIN_PATH, status_code=303)
        door.drop_cookie(house, response, "staff")
        return response

    def change(path: str, handler: door.Handler, **more: Any) -> Route:
        return desk(path, handler, methods=("POST",), **more)

    return [
        desk("/inbox", show_worklist),
        desk("/inbox/rijen", worklist_part, is_activity=False),
        desk("/inbox/zaak/{ref}", case_page),
        desk("/inbox/zaak/{ref}/gesprek", chat_part, is_activity=False),
        change("/inbox/zaak/{ref}/antwoord", answer, largest_file=2 * house.settings.upload_max_bytes),
        desk("/inbox/zaak/{ref}/bestand/{file}", sent_file),
        desk("/inbox/zaak/{ref}/foto/{photo}", unread_photo),
        change("/inbox/zaak/{ref}/terug", give_back),
        change("/inbox/zaak/{ref}/sluiten", close),
        change("/inbox/zaak/{ref}/heropenen", open_again),
        change("/inbox/zaak/{ref}/overdragen", hand_on),
        change("/inbox/zaak/{ref}/notitie", keep_note),
        change("/inbox/zaak/{ref}/typt", typing),
        change("/inbox/zaak/{ref}/naam", name_her),
        change("/inbox/zaak/{ref}/verbeteren", correct),
        change("/inbox/zaak/{ref}/taal", check_words),
        desk("/inbox/zaak/{ref}/dossier.json", dossier),
        desk("/inbox/zaak/{ref}/dossier.pdf", paper),
        desk("/inbox/pagina/{photo}/{page:int}", page),
        desk("/inbox/kennis/{name:path}", knowledge),
        change("/inbox/bezig", still_here, figures_only=True),
        change("/inbox/uitloggen", leave, figures_only=True, is_activity=False),
    ]
