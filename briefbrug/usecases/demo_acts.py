"""What the invented professionals did with the demonstration's open cases: through the use cases, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from briefbrug.house import House
from briefbrug.store.tables import Consult, Fund
from briefbrug.usecases.consult import ask_colleague, say_in_consult
from briefbrug.usecases.report_help import ADMINISTRATION, HELPING
from briefbrug.usecases.room_to_act import mark_helped, pay, record_reason, set_fund, spend_time
from briefbrug.usecases.signal import give_signal
from briefbrug.usecases.what_comes_next import finish_step, plan_step, steps_of, wait_elsewhere
from briefbrug.usecases.work_on_case import close_case, note

Act = Callable[[House, datetime], None]

MELISSA, SAMIR, JOKE, RUBEN = (f"{name}@demo.example" for name in ("melissa", "samir", "joke", "ruben"))


def _who(house: House, email: str) -> str:
    with house.look() as work:
        person = work.people.by_email(email)
        return person.ref if person else ""


def _case(house: House, key: str) -> str:
    with house.look() as work:
        resident = work.residents.by_door("demonstration", f"open-{key}")
        case = work.cases.last_for(resident) if resident else None
        return case.ref if case else ""


def _day(now: datetime, days: int) -> str:
    day = now + timedelta(days=days)
    return f"{day.day}-{day.month}-{day.year}"


def _funds(house: House, now: datetime) -> None:
    for lead, name in ((MELISSA, "Calamiteitenpot"), (JOKE, "Calamiteitenpot"), (RUBEN, "Calamiteitenpot")):
        with house.look() as work:
            person = work.people.by_email(lead)
            year = house.clock.today().year
            found = person and work.session.scalar(
                select(Fund.ref).where(Fund.team_ref == person.team_ref, Fund.year == year)
            )
        if person is not None and not found:
            set_fund(house, person.ref, name, "25000", "250")


def _pay(key: str, email: str, amount: str, reason: str, house: House, now: datetime) -> None:
    who = _who(house, email)
    with house.look() as work:
        person = work.people.by_email(email)
        year = house.clock.today().year
        fund = person and work.session.scalar(
            select(Fund.ref).where(Fund.team_ref == person.team_ref, Fund.year == year)
        )
    if fund:
        pay(house, _case(house, key), who, fund, amount, reason, f"demo/{key}/pay/{amount}")


def _reason(house: House, now: datetime) -> None:
    told = {
        "need": "Een gezin met een baby heeft stroom en warmte nodig. Over acht dagen wordt alles afgesloten.",
        "help": "Nu 150 euro betalen en de rest in zes delen. Dan trekt de leverancier de afsluiting in.",
        "effects": "Doen wij niets, dan kost opnieuw aansluiten meer dan 300 euro. Nu blijft het warm.",
        "law": "De Energieregeling verbiedt afsluiten zolang een aanvraag voor schuldhulp loopt.",
        "plain": "Wij betalen nu een deel. Zo blijft uw huis warm.",
    }
    record_reason(house, _case(house, "licht"), _who(house, SAMIR), told, "demo/licht/reason", share=True)


def _minutes(key: str, email: str, kind: str, minutes: int, house: House, now: datetime) -> None:
    spend_time(house, _case(house, key), _who(house, email), kind, minutes, f"demo/{key}/{kind}/{minutes}")


def _step(key: str, email: str, text: str, days: int, whose: str, house: House, now: datetime) -> None:
    once = f"demo/{key}/step/{days}/{whose}"
    plan_step(house, _case(house, key), _who(house, email), text, _day(now, days), whose, once)


def _step_done(key: str, email: str, house: House, now: datetime) -> None:
    with house.look() as work:
        resident = work.residents.by_door("demonstration", f"open-{key}")
        steps = steps_of(house, work, resident, _case(house, key)) if resident else []
    if steps and all(step.done_at is None for step in steps):
        finish_step(house, _case(house, key), _who(house, email), steps[0].id)


def _waiting(house: House, now: datetime) -> None:
    what = "Het antwoord op ons voorstel voor de regeling"
    case, who = _case(house, "licht"), _who(house, SAMIR)
    wait_elsewhere(house, case, who, "energieleverancier", what, _day(now, 2), "demo/licht/wait")


def _ask(key: str, email: str, whom: str, question: str, house: House, now: datetime) -> None:
    ask_colleague(house, _case(house, key), _who(house, email), _who(house, whom), question, f"demo/{key}/ask/{whom}")


def _answer(key: str, whom: str, words: str, house: House, now: datetime) -> None:
    with house.look() as work:
        asked = work.session.scalar(select(Consult.ref).where(Consult.case_ref == _case(house, key)))
    if asked:
        say_in_consult(house, asked, _who(house, whom), words, f"demo/{key}/answer/{whom}")


def _note(house: House, now: datetime) -> None:
    words = "Belt het liefst na half tien, als de kinderen op school zijn. Heeft geen printer."
    note(house, _case(house, "verder"), _who(house, MELISSA), words, "demo/verder/note")


def _signal(house: House, now: datetime) -> None:
    story = (
        "De premie van de zorgverzekering werd pas verlaagd toen alle achterstand was betaald. Daardoor betaalde "
        "een gezin vier maanden lang de hogere premie, terwijl de regeling al liep."
    )
    give_signal(house, _case(house, "verder"), _who(house, MELISSA), story, "Lagere premie pas na de laatste termijn",
                "demo/verder/signal")  # fmt: skip


def _helped(house: House, now: datetime) -> None:
    mark_helped(house, _case(house, "verder"), _who(house, MELISSA), "arranged", "demo/verder/helped")


def closing_words() -> str:
    """Return what the resident of the closed case says about it."""
    return "De stroom bleef aan. Dat iemand gewoon belde, dat was het."


def _close(house: House, now: datetime) -> None:
    case, who = _case(house, "klaar"), _who(house, SAMIR)
    with house.look() as work:
        row = work.cases.get(case)
        is_open = row is not None and row.closed_at is None
    if is_open:
        close_case(house, case, who, "arranged", "demo/klaar/close", closing_words())


ACTS: tuple[Act, ...] = (
    _funds,
    partial(_minutes, "licht", SAMIR, HELPING, 30),
    partial(_minutes, "licht", SAMIR, ADMINISTRATION, 15),
    _reason,
    partial(_pay, "licht", SAMIR, "150,00", "Het eerste deel van de regeling. Zo blijft het huis warm."),
    partial(_pay, "licht", SAMIR, "241,75", "De rest ineens, dan vervalt de borg van 450 euro."),
    _waiting,
    partial(_step, "licht", SAMIR, "Samen bellen met Zonnestroom over de regeling.", 2, "professional"),
    partial(_step, "licht", SAMIR, "De laatste loonstrook klaarleggen.", 5, "resident"),
    partial(_ask, "licht", SAMIR, MELISSA, "Mag de borg ook uit het potje? Het gaat om 450 euro."),
    partial(_answer, "licht", MELISSA, "Ja, tot 500 euro. Schrijf de reden erbij, dan kijk ik vandaag mee."),
    partial(_ask, "uitkering", SAMIR, JOKE, "Telt het vakantiegeld hier mee als inkomen van deze maand?"),
    partial(_step, "verder", MELISSA, "De boete laten verdelen in delen.", 1, "professional"),
    partial(_step_done, "verder", MELISSA),
    partial(_step, "verder", MELISSA, "Samen de brief van DUO lezen.", 6, "resident"),
    partial(_step, "verder", MELISSA, "Bellen met het CAK over de regeling.", 9, "professional"),
    partial(_minutes, "verder", MELISSA, HELPING, 60),
    _note,
    _signal,
    _helped,
    partial(_step, "haven", RUBEN, "Op bezoek bij de verhuurder.", 3, "professional"),
    partial(_minutes, "haven", RUBEN, HELPING, 15),
    _close,
)
"""In this order; each does nothing when it was done before."""
