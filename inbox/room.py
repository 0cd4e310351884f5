"""Beside the answer: money, the reason, signals, time, colleagues, other organisations, next steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from briefbrug.case import hands
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.cases import event_of
from briefbrug.usecases.consult import (
    ConsultView,
    ask_colleague,
    close_consult,
    consults_of_case,
    read_consults,
    say_in_consult,
    who_can_be_asked,
)
from briefbrug.usecases.room_to_act import (
    REASON_FIELDS,
    Payment,
    Purse,
    ReasonView,
    decide_payment,
    mark_helped,
    minutes_of,
    pay,
    payments,
    purses,
    reasons,
    record_reason,
    set_fund,
    spend_time,
)
from briefbrug.usecases.signal import SignalView, give_signal, signals_of_case
from briefbrug.usecases.what_comes_next import (
    Step,
    Waiting,
    end_waiting,
    finish_step,
    outcome_of,
    plan_step,
    steps_of,
    wait_elsewhere,
    waits_of_case,
)
from briefbrug.usecases.work_on_case import can_take
from inbox import access as door
from inbox.access import Asking, CaseAccess, Handler, desk_route, new_token, origin_of
from inbox.pages import Pages, back_to_case, once_of

STEP_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Room:
    """What stands beside the answer. Minutes by kind, names of the hands around the resident."""

    purses: tuple[Purse, ...]
    payments: tuple[Payment, ...]
    reasons: tuple[ReasonView, ...]
    signals: tuple[SignalView, ...]
    minutes: Mapping[str, int]
    consults: tuple[ConsultView, ...]
    askable: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    waits: tuple[Waiting, ...]
    steps: tuple[Step, ...]
    hands: tuple[str, ...]
    outcome: str
    may_share: bool | None
    senders: tuple[tuple[str, str], ...]
    step_on: str
    today: str
    wrong: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict[str, str])


def show_room(
    house: House, access: CaseAccess, wrong: tuple[str, ...] = (), typed: Mapping[str, str] | None = None
) -> Room:
    """Return what a professional can do beside answering, and what was done.

    `wrong` are fields of the reason or pieces of a signal that must be other; `typed` is what she wrote before.
    """
    with house.look() as work:
        case = work.cases.get(access.case_ref)
        resident = work.residents.get(access.resident_ref)
        person = work.people.professional(access.visitor.professional_ref)
        if case is None or resident is None or person is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"case_ref={access.case_ref}")
        names = {each.ref: each.name for each in work.people.professionals(active_only=False)}
        askable = who_can_be_asked(work, person)
        words, may_share = outcome_of(work, resident, case.ref)
        return Room(
            purses=tuple(purses(house, work, person)),
            payments=tuple(payments(work, person, case_ref=case.ref)),
            reasons=tuple(reasons(work, resident, case)),
            signals=tuple(signals_of_case(house, work, case.ref)),
            minutes=minutes_of(work, case.ref),
            consults=tuple(consults_of_case(work, case, person)),
            askable=tuple((each.ref, f"{each.name}, {each.role}, {team}") for each, team in askable),
            others=tuple(
                (each.ref, f"{each.name}, {each.role}, {team}")
                for each, team in askable
                if each.team_ref != case.team_ref and can_take(each)
            ),
            waits=tuple(waits_of_case(house, work, resident, case)),
            steps=tuple(steps_of(house, work, resident, case.ref)),
            hands=tuple(sorted(names.get(ref, "") for ref in hands(map(event_of, work.cases.events(case.ref))))),
            outcome=words,
            may_share=may_share,
            senders=tuple(sorted((sender.name_nl, code) for code, sender in house.knowledge.senders.items())),
            step_on=(house.clock.today() + STEP_AFTER).isoformat(),
            today=house.clock.today().isoformat(),
            wrong=wrong,
            typed=typed or {},
        )


def room_routes(house: House, pages: Pages) -> list[BaseRoute]:
    """Return the routes of what stands beside the answer, each behind its door."""
    desk = partial(desk_route, house, fail=pages.problem)

    def who(asking: Asking) -> str:
        return asking.visitor.professional_ref

    def again(asking: Asking, case: CaseAccess, part: str, wrong: tuple[str, ...], fields: tuple[str, ...]) -> Response:
        """Show a form again with what was typed, and what must be other."""
        typed = {name: asking.typed(name)[:4000] for name in fields}
        room = show_room(house, case, wrong, typed)
        return pages.draw(
            "room_again.html", asking.visitor, code=422, room=room, part=part, path=f"/inbox/zaak/{case.case_ref}",
            once=new_token,
        )  # fmt: skip

    def pay_now(asking: Asking) -> Response:
        case = asking.case()
        state = pay(
            house, case.case_ref, who(asking), asking.typed("pot"), asking.typed("bedrag"), asking.typed("reden"),
            once_of(asking),
        )  # fmt: skip
        door.note("fund_" + state, case.case_ref, state, origin_of(house, asking.request), who(asking))
        return back_to_case(asking, case.case_ref, f"geld-{state}", "#ruimte")

    def decide(asking: Asking) -> Response:
        payment = asking.request.path_params["payment"]
        agree = asking.typed("besluit") == "ja"
        decide_payment(house, payment, who(asking), once_of(asking), agree=agree)
        result = "paid" if agree else "refused"
        door.note("fund_decided", payment, result, origin_of(house, asking.request), who(asking))
        return RedirectResponse("/inbox/potje", status_code=303)

    def keep_reason(asking: Asking) -> Response:
        case = asking.case()
        told = {name: asking.typed(name) for name in REASON_FIELDS}
        share = asking.typed("deel") == "ja"
        wrong = record_reason(house, case.case_ref, who(asking), told, once_of(asking), share=share)
        if wrong:
            return again(asking, case, "reason", wrong, REASON_FIELDS)
        return back_to_case(asking, case.case_ref, "reden", "#ruimte")

    def signal(asking: Asking) -> Response:
        case = asking.case()
        story, rule = asking.typed("verhaal"), asking.typed("regel")
        given = give_signal(house, case.case_ref, who(asking), story, rule, once_of(asking))
        if given.pieces:
            return again(asking, case, "signal", given.pieces, ("verhaal", "regel"))
        return back_to_case(asking, case.case_ref, "signaal", "#ruimte")

    def tap_time(asking: Asking) -> Response:
        case = asking.case()
        kind, _, minutes = asking.typed("tijd").partition("-")
        spend_time(house, case.case_ref, who(asking), kind, int(minutes) if minutes.isdigit() else 0, once_of(asking))
        return back_to_case(asking, case.case_ref, "tijd", "#ruimte")

    def helped(asking: Asking) -> Response:
        case = asking.case()
        mark_helped(house, case.case_ref, who(asking), asking.typed("wat"), once_of(asking))
        return back_to_case(asking, case.case_ref, "geholpen", "#ruimte")

    def ask(asking: Asking) -> Response:
        case = asking.case()
        ask_colleague(
            house, case.case_ref, who(asking), asking.typed("collega"), asking.typed("vraag"), once_of(asking)
        )
        return back_to_case(asking, case.case_ref, "vraag", "#ruimte")

    def wait(asking: Asking) -> Response:
        case = asking.case()
        name = asking.typed("naam").strip() or asking.typed("organisatie")
        wait_elsewhere(
            house, case.case_ref, who(asking), name, asking.typed("waarop"), asking.typed("verwacht"), once_of(asking)
        )
        return back_to_case(asking, case.case_ref, "wacht", "#verder")

    def wait_over(asking: Asking) -> Response:
        case = asking.case()
        end_waiting(house, case.case_ref, who(asking), asking.request.path_params["waiting"])
        return back_to_case(asking, case.case_ref, "antwoord-elders", "#verder")

    def plan(asking: Asking) -> Response:
        case = asking.case()
        plan_step(
            house, case.case_ref, who(asking), asking.typed("stap"), asking.typed("dag"), asking.typed("wie"),
            once_of(asking), asking.typed("brief"),
        )  # fmt: skip
        return back_to_case(asking, case.case_ref, "stap", "#verder")

    def step_done(asking: Asking) -> Response:
        case = asking.case()
        finish_step(house, case.case_ref, who(asking), asking.request.path_params["step"])
        return back_to_case(asking, case.case_ref, "stap-klaar", "#verder")

    def consults(asking: Asking) -> Response:
        threads = read_consults(house, who(asking))
        return pages.draw("consults.html", asking.visitor, threads=threads, once=new_token, now=house.clock.now())

    def consult_line(asking: Asking) -> Response:
        say_in_consult(
            house, asking.request.path_params["consult"], who(asking), asking.typed("tekst"), once_of(asking)
        )
        return RedirectResponse("/inbox/overleg", status_code=303)

    def consult_end(asking: Asking) -> Response:
        close_consult(house, asking.request.path_params["consult"], who(asking))
        return RedirectResponse("/inbox/overleg", status_code=303)

    def fund_page(asking: Asking) -> Response:
        with house.look() as work:
            person = work.people.professional(who(asking))
            assert person is not None
            values: dict[str, Any] = {"purses": purses(house, work, person), "payments": payments(work, person)}
        return pages.draw("fund.html", asking.visitor, once=new_token, now=house.clock.now(), **values)

    def fund_set(asking: Asking) -> Response:
        ref = set_fund(house, who(asking), asking.typed("naam"), asking.typed("budget"), asking.typed("klein"))
        door.note("fund_set", ref, "ok", origin_of(house, asking.request), who(asking))
        return RedirectResponse("/inbox/potje", status_code=303)

    def change(path: str, handler: Handler) -> Route:
        return desk(path, handler, methods=("POST",))

    return [
        change("/inbox/zaak/{ref}/betalen", pay_now),
        change("/inbox/betaling/{payment}", decide),
        change("/inbox/zaak/{ref}/reden", keep_reason),
        change("/inbox/zaak/{ref}/signaal", signal),
        change("/inbox/zaak/{ref}/tijd", tap_time),
        change("/inbox/zaak/{ref}/geholpen", helped),
        change("/inbox/zaak/{ref}/vraag", ask),
        change("/inbox/zaak/{ref}/wacht", wait),
        change("/inbox/zaak/{ref}/wacht/{waiting:int}", wait_over),
        change("/inbox/zaak/{ref}/stap", plan),
        change("/inbox/zaak/{ref}/stap/{step:int}", step_done),
        desk("/inbox/overleg", consults),
        change("/inbox/overleg/{consult}", consult_line),
        change("/inbox/overleg/{consult}/klaar", consult_end),
        desk("/inbox/potje", fund_page),
        change("/inbox/potje/wijzigen", fund_set),
    ]


TOLD = {
    "geld-paid": "Betaald uit het potje. Het staat in het logboek.",
    "geld-asked": "Gevraagd. Een collega kijkt mee; de betaling staat bij het potje.",
    "geld-short": "Er zit niet genoeg in het potje. Er is niets betaald.",
    "reden": "De reden is vastgelegd.",
    "signaal": "Uw signaal is bij beleid. U ziet het antwoord hier.",
    "tijd": "Uw tijd is genoteerd.",
    "geholpen": "Fijn. De hulp staat op de tijdlijn.",
    "vraag": "Uw collega heeft de vraag. De zaak blijft bij u.",
    "wacht": "Genoteerd. De belofte aan de inwoner loopt gewoon door.",
    "antwoord-elders": "Genoteerd dat de organisatie antwoordde.",
    "stap": "Afgesproken. De inwoner weet het, en u krijgt allebei een herinnering.",
    "stap-klaar": "De stap is gedaan.",
}
"""What the case page says after each of these."""
