"""A month of invented cases that makes the demonstration's figures speak; filled in small steps, once."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from briefbrug.case import Actor, EventKind
from briefbrug.clock import AMSTERDAM, Clock
from briefbrug.handover import PROMISE_HOURS, promise_at
from briefbrug.house import House
from briefbrug.store.papers import READ
from briefbrug.store.tables import CaseRow, Fund, FundPayment, OutcomeWords, Professional, Resident, Signal, TimeSpent
from briefbrug.store.thread import HUMAN, MACHINE, RESIDENT, Said
from briefbrug.store.unit_of_work import Work, unit_of_work
from briefbrug.usecases.demo_acts import ACTS
from briefbrug.usecases.demo_letters import (
    BENEFIT,
    CARE,
    ENERGY,
    EVICTION,
    FINE,
    RENT,
    SCHOOL,
    DemoLetter,
    typed_letter,
)
from briefbrug.usecases.demo_team import PEOPLE
from briefbrug.usecases.invented import (
    LETTERS_BY_THREAT,
    OTHER_LETTERS,
    PAID_FOR,
    QUOTES,
    SIGNALS,
    THREAT_WEIGHTS,
)
from briefbrug.usecases.report_help import ADMINISTRATION, HELPING
from briefbrug.usecases.roster import team_hours
from briefbrug.usecases.signal import reply_due
from briefbrug.working_hours import after_working_time

DEMO_DOOR = "demonstration"
MONTH = "month"
FOREVER = timedelta(days=36_500)
AT_ONCE = 4
"""Pieces in one transaction: few enough that a resident at the door does not wait for them."""

SEED = 20261121
MONTHS_BACK = 5
CASES_A_MONTH = (22, 27, 31, 36, 33, 41)
"""Cases per month, the oldest first; the last is the running month."""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """An open case of the demonstration. `talk` is who says what; `hours_ago` is working time since it was sent."""

    key: str
    professional: str
    letters: tuple[DemoLetter, ...]
    goal: str
    note: str
    way: str
    urgency: int
    hours_ago: float
    talk: tuple[tuple[str, str], ...] = ()
    crisis: str = ""
    threat: str | None = None


OPEN_CASES = (
    DemoCase(
        "kroos", "melissa@demo.example", (EVICTION, CARE, RENT, FINE, SCHOOL),
        "Ik wil gewoon weer slapen. En in ons huis blijven, met de kinderen.",
        "Ik durfde de post niet meer open te doen. Mijn man is zijn werk kwijt.", "for_me", 1, 2.2,
        ((RESIDENT, "Is er iemand? Ik ben zo bang voor die datum."),), threat="home",
    ),
    DemoCase(
        "licht", "samir@demo.example", (ENERGY, BENEFIT), "Dat de verwarming aan blijft.", "", "show_me", 1, 7.5,
        (
            (HUMAN, "Dag, ik ben Samir. Ik heb uw brieven gelezen. Ik bel vandaag met Zonnestroom."),
            (RESIDENT, "Dank u wel. Moet ik nu iets betalen?"),
        ),
        threat="energy",
    ),
    DemoCase(
        "uitkering", "samir@demo.example", (BENEFIT, SCHOOL), "Rust in mijn hoofd.", "", "self", 2, 5.0,
        threat="income",
    ),
    DemoCase(
        "boete", "joke@demo.example", (FINE, CARE), "Weten wat ik het eerst moet betalen.", "", "for_me", 2, 98.0,
        threat="money",
    ),
    DemoCase(
        "straat", "joke@demo.example", (), "", "", "", 1, 0.6,
        ((RESIDENT, "We staan vanavond op straat en de kinderen hebben niet gegeten."),), "crisis_urgent_home",
    ),
    DemoCase(
        "verder", "melissa@demo.example", (CARE, FINE, SCHOOL), "Elke maand weten wat er overblijft.",
        "De huur is geregeld. Nu de rest nog.", "show_me", 2, 170.0,
        (
            (HUMAN, "Dag, ik ben Melissa. De huur is rond. Nu kijken we samen naar uw andere brieven."),
            (RESIDENT, "Fijn. Ik heb de brief van het CAK erbij gelegd."),
            (HUMAN, "Goed gedaan. Ik bel het CAK deze week en schrijf u wat er uit komt."),
        ),
        threat="care",
    ),
    DemoCase(
        "haven", "ruben@demo.example", (RENT, FINE), "Niet bang zijn voor de brievenbus.", "", "for_me", 2, 26.0,
        (
            (HUMAN, "Dag, ik ben Ruben. Ik heb uw brieven gelezen en bel uw verhuurder."),
            (RESIDENT, "Dank u. Ik ben overdag thuis."),
        ),
        threat="home",
    ),
    DemoCase(
        "klaar", "samir@demo.example", (ENERGY,), "Dat de stroom aan blijft.", "", "for_me", 1, 240.0,
        (
            (HUMAN, "Dag, ik ben Samir. De afsluiting is van de baan. U betaalt 40 euro per maand."),
            (RESIDENT, "Ik kan weer slapen. Dank u."),
        ),
        threat="energy",
    ),
)  # fmt: skip


# --- the month --------------------------------------------------------------------------------------------------------


class SetClock(Clock):
    """A clock that stands where it is put, to tell a history."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        """Return the moment the clock was put at."""
        return self.moment


def make_demonstration_month(house: House) -> None:
    """Fill the house with invented cases of the last half year and a handful of open ones, once; seeded."""
    begin_month(house, only_when_empty=False)
    fill_month(house, lambda: False)


def begin_month(house: House, *, only_when_empty: bool = True) -> bool:
    """Decide once that this demonstration gets its month; return whether some of it still has to be filled.

    With `only_when_empty`, a house that knows any resident or any real professional gets none: invented cases are never
    mixed with real ones.
    """
    if not house.settings.demo:
        return False
    with house.work() as work:
        begun = work.residents.by_door(DEMO_DOOR, MONTH)
        if begun is not None:
            return begun.asked is not None
        if only_when_empty:
            residents = work.session.scalar(select(func.count()).select_from(Resident))
            if residents or any(not person.demo for person in work.people.professionals(active_only=False)):
                return False
        row = work.residents.add(DEMO_DOOR, MONTH)
        # Its reference is no person: it is never silent long enough to be forgotten by term.
        row.last_seen_at = row.created_at + FOREVER
        row.asked = "0"
        return True


def fill_month(house: House, is_stopped: Callable[[], bool]) -> None:
    """Go on with a month that was begun, a few cases at a time; after a kill it goes on where it was.

    How far it is stands in the row that began it, and moves in the transaction of the cases themselves.
    """
    steps = len(_pieces())
    while not is_stopped():
        with house.look() as work:
            begun = work.residents.by_door(DEMO_DOOR, MONTH)
            if begun is None or begun.asked is None:
                return
            done, now = int(begun.asked), begun.created_at
        if done < steps:
            _fill(house, now, done)
        elif done - steps < len(ACTS):
            # These go through the use cases themselves, each once however often it is tried.
            ACTS[done - steps](_at(house, now), now)
            _move_on(house, done, done + 1)
        else:
            _move_on(house, done, None)


def _at(house: House, moment: datetime) -> House:
    return replace(house, clock=SetClock(moment))


def _move_on(house: House, done: int, to: int | None) -> None:
    with house.work() as work:
        begun = work.residents.by_door(DEMO_DOOR, MONTH)
        if begun is not None and begun.asked == str(done):
            begun.asked = None if to is None else str(to)


def _pieces() -> list[tuple[str, int, int]]:
    """Return the pieces of the month in order: what, and for a case its month back and its number."""
    cases = [
        ("case", back, number)
        for back, count in zip(range(MONTHS_BACK, -1, -1), CASES_A_MONTH, strict=True)
        for number in range(count)
    ]
    # What somebody looks at first comes first.
    opens = [("open", 0, number) for number in range(len(OPEN_CASES))]
    return [("absences", 0, 0), *opens, ("signals", 0, 0), *reversed(cases)]


def _fill(house: House, now: datetime, done: int) -> None:
    """Tell the next few pieces in one short transaction; nothing when another process did so meanwhile."""
    clock = SetClock(now)
    with unit_of_work(house.engine, house.vault, clock, house.durable, write=True) as work:
        begun = work.residents.by_door(DEMO_DOOR, MONTH)
        begun = work.residents.get(begun.ref, lock=True) if begun else None
        if begun is None or begun.asked != str(done):
            return
        people = {person.email: work.people.by_email(person.email) for person in PEOPLE}
        here = {email: row for email, row in people.items() if row is not None}
        staff = [row for row in here.values() if "professional" in row.roles]
        pieces = _pieces()[done : done + AT_ONCE]
        for what, back, number in pieces:
            clock.moment = now
            chance = random.Random(f"{SEED}/{back}/{number}")  # noqa: S311 - the same invented month every time
            history = _History(house, work, clock, chance)
            if what == "absences":
                history.absences(here)
            elif what == "case":
                history.closed_case(back, number, staff)
            elif what == "signals":
                policy = here.get("daan@demo.example")
                history.signals(staff, policy.ref if policy else "")
            elif OPEN_CASES[number].professional in here:
                told = OPEN_CASES[number]
                history.open_case(told, here[told.professional])
        begun.asked = str(done + len(pieces))


URGENCY_OF_THREAT = {
    "home": (7, 3, 1), "energy": (6, 4, 1), "water": (5, 4, 1), "income": (3, 6, 2), "bank_wage": (4, 5, 2),
    "care": (1, 5, 5), "money": (1, 3, 7),
}  # fmt: skip
"""How urgent the letters behind a threat are, in parts of urgency 1, 2 and 3."""

AWAY = (("samir@demo.example", 61, 54), ("joke@demo.example", 33, 29), ("fatima@demo.example", 4, -6))
"""Who was or is away: from and until how many days ago, both days included."""

FUND_CENTS, SMALL_CENTS = 2_500_000, 25_000
HELP = ("fund", "helped", "step", "reason")


class _History:
    """Tells invented histories with a clock that is put where they happen."""

    def __init__(self, house: House, work: Work, clock: SetClock, chance: random.Random) -> None:
        self._house = house
        self._work = work
        self._clock = clock
        self._chance = chance
        self._now = clock.moment
        self._hours = {team.ref: team_hours(house, team) for team in work.people.teams()}

    def closed_case(self, back: int, number: int, staff: Sequence[Professional]) -> None:
        """Tell one closed case of a month; what would be answered after now is left out."""
        today = self._now.astimezone(AMSTERDAM).date()
        month = today.year * 12 + today.month - 1 - back
        first = date(month // 12, month % 12 + 1, 1)
        following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
        days = [first + timedelta(days=each) for each in range((following - first).days)]
        days = [day for day in days if day < today - timedelta(days=1)] or [first]
        if len(days) > 5 or number < 3 * len(days):
            self._closed_case(self._chance.choice(days), back, number, self._chance.choice(staff))

    def absences(self, people: Mapping[str, Professional]) -> None:
        """Tell who was away, and who is away now."""
        today = self._now.astimezone(AMSTERDAM).date()
        for email, first, last in AWAY:
            if email in people:
                self._work.people.add_absence(
                    people[email].ref, today - timedelta(days=first), today - timedelta(days=last)
                )

    def _closed_case(self, day: date, back: int, number: int, person: Professional) -> None:
        chance, clock = self._chance, self._clock
        local = datetime.combine(day, time(chance.randint(7, 21), chance.randint(0, 59)), AMSTERDAM)
        sent_at = local.astimezone(self._now.tzinfo)
        threat = chance.choices(tuple(THREAT_WEIGHTS), tuple(THREAT_WEIGHTS.values()))[0]
        urgency = chance.choices((1, 2, 3), URGENCY_OF_THREAT[threat])[0]
        hours = self._hours[person.team_ref]
        # The team learns: the share of the promised time that it needs falls month by month.
        factor = chance.lognormvariate(-0.75 + 0.09 * back, 0.62)
        lines = tuple(chance.sample(OTHER_LETTERS, chance.randint(0, 3)))
        if sent_at >= self._now:
            return
        promised = promise_at(sent_at, urgency, hours)
        answered_at = after_working_time(sent_at, timedelta(hours=min(PROMISE_HOURS[urgency] * factor, 60)), hours)
        if answered_at >= self._now:
            return
        clock.moment = sent_at
        resident = self._work.residents.add(DEMO_DOOR, secrets.token_hex(8))
        codes = sorted({chance.choice(LETTERS_BY_THREAT[threat]), *lines})
        case = self._add(resident, person, urgency, promised, threat=threat, codes=codes)
        self._photo_before(case, timedelta(minutes=chance.randint(6, 2000)))
        if answered_at > promised:
            self._broken(case, person, sent_at, promised)
        clock.moment = answered_at
        record = self._work.cases.record
        record(case, EventKind.VIEWED, Actor.HUMAN, person.ref)
        record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, person.ref)
        closing = answered_at + timedelta(days=chance.randint(1, 12), minutes=chance.randint(0, 400))
        closed_at = min(self._now, closing)
        outcome = chance.choices(("solved", "arranged", "handed_on", "no_contact"), (4, 6, 2, 1))[0]
        self._help(case, resident, person, answered_at, closed_at, helps=outcome != "no_contact")
        clock.moment = closed_at
        record(case, EventKind.CLOSED, Actor.HUMAN, person.ref, {"outcome": outcome})
        case.unread = False
        if outcome in {"solved", "arranged"} and chance.random() < 0.3:
            self._own_words(case, resident, closed_at, 7 * back + number)

    def _photo_before(self, case: CaseRow, earlier: timedelta) -> None:
        """Let the first photo have come some time before she sent her case to a person."""
        start = self._work.cases.events(case.ref)[0]
        start.detail = {**start.detail, "first_photo_at": (start.at - earlier).isoformat()}

    def _broken(self, case: CaseRow, person: Professional, sent_at: datetime, promised: datetime) -> None:
        """Tell a broken promise, and sometimes what stood in the way before it broke."""
        record, why = self._work.cases.record, self._chance.random()
        self._clock.moment = sent_at + (promised - sent_at) / 2
        if why < 0.3:
            record(case, EventKind.WAITING_ELSEWHERE, Actor.HUMAN, person.ref, {"organisation": "other"})
        elif why < 0.42:
            record(case, EventKind.SIGNAL_GIVEN, Actor.HUMAN, person.ref)
        self._clock.moment = promised + timedelta(minutes=1)
        record(case, EventKind.PROMISE_BROKEN, Actor.MACHINE, None, {"professional": person.ref})

    def _help(
        self, case: CaseRow, resident: Resident, person: Professional, start: datetime, end: datetime, *, helps: bool
    ) -> None:
        """Tell what was done between the first answer and the end: help, colleagues, minutes."""
        chance, clock, record = self._chance, self._clock, self._work.cases.record
        colleagues = [each for each in self._work.people.professionals(case.team_ref) if each.ref != person.ref]
        colleagues = [each for each in colleagues if "professional" in each.roles]
        if colleagues and chance.random() < 0.28:
            clock.moment = start + (end - start) * 0.2
            record(case, EventKind.CONSULT_ANSWERED, Actor.HUMAN, chance.choice(colleagues).ref)
        if colleagues and chance.random() < 0.1:
            clock.moment = start + (end - start) * 0.3
            to = chance.choice(colleagues)
            record(case, EventKind.ASSIGNED, Actor.HUMAN, person.ref, {"to": to.ref, "why": ["colleague"]})
            case.professional_ref = to.ref
        kind = chance.choices(HELP, (3, 5, 3, 2))[0]
        clock.moment = start + (end - start) * chance.uniform(0.02, 0.6)
        if helps and kind == "fund":
            self._pay(case, resident, person, chance.randint(3, 60) * 1_000)
        elif helps:
            told = {"helped": EventKind.HELPED, "step": EventKind.STEP_DONE, "reason": EventKind.REASON_SHARED}
            record(case, told[kind], Actor.HUMAN, person.ref)
        for tap in range(chance.randint(2, 5)):
            what = chance.choices((HELPING, ADMINISTRATION), (7, 3))[0]
            self._work.session.add(
                TimeSpent(
                    case_ref=case.ref,
                    team_ref=case.team_ref,
                    professional_ref=person.ref,
                    kind=what,
                    minutes=chance.choice((15, 30, 30, 60)),
                    at=start + (end - start) * tap / 5,
                    once=f"demonstration/{case.ref}/{tap}",
                )
            )

    def _pay(self, case: CaseRow, resident: Resident, person: Professional, cents: int) -> None:
        work, now = self._work, self._clock.moment
        year = now.astimezone(AMSTERDAM).year
        query = select(Fund).where(Fund.team_ref == case.team_ref, Fund.year == year)
        fund = work.session.scalar(query)
        if fund is None:
            fund = Fund(
                ref=f"F-{secrets.token_hex(8)}",
                team_ref=case.team_ref,
                name="Calamiteitenpot",
                year=year,
                budget_cents=FUND_CENTS,
                small_cents=SMALL_CENTS,
            )
            work.session.add(fund)
            work.session.flush()
        payment = FundPayment(
            ref=f"U-{secrets.token_hex(16)}",
            fund_ref=fund.ref,
            case_ref=case.ref,
            resident_ref=resident.ref,
            asked_by=person.ref,
            asked_at=now,
            amount_cents=cents,
            reason_sealed=work.residents.seal(resident, PAID_FOR[cents // 1000 % len(PAID_FOR)], "fund-payment"),
            state="paid",
            decided_by=person.ref,
            decided_at=now,
        )
        work.session.add(payment)
        work.cases.record(case, EventKind.FUND_PAID, Actor.HUMAN, person.ref, {"payment": payment.ref, "cents": cents})

    def _own_words(self, case: CaseRow, resident: Resident, closed_at: datetime, number: int) -> None:
        self._work.session.add(
            OutcomeWords(
                case_ref=case.ref,
                resident_ref=resident.ref,
                team_ref=case.team_ref,
                asked_at=closed_at,
                words_sealed=self._work.residents.seal(resident, QUOTES[number % len(QUOTES)], "outcome"),
                answered_at=min(self._now, closed_at + timedelta(hours=3)),
                may_share=number % 4 != 0,
            )
        )

    def signals(self, staff: Sequence[Professional], policy_ref: str) -> None:
        """Tell the signals: some answered in time, one too late, some not yet."""
        teams = {team.name: team for team in self._work.people.teams()}
        for each in SIGNALS:
            team = teams.get(each.team)
            by = next((person for person in staff if team is not None and person.team_ref == team.ref), None)
            if team is None or by is None:
                continue
            local = self._now.astimezone(AMSTERDAM) - timedelta(days=each.days_ago)
            at = local.replace(hour=10, minute=20, second=0, microsecond=0)
            seal = self._house.vault.seal
            replied = None if each.replied_after is None else at + timedelta(days=each.replied_after, hours=3)
            self._work.session.add(
                Signal(
                    ref=f"S-{secrets.token_hex(16)}",
                    team_ref=team.ref,
                    by_ref=by.ref,
                    at=at,
                    threat=each.threat,
                    sender=each.sender,
                    kind=each.kind,
                    rule_sealed=seal(each.rule, "signal-rule") if each.rule else None,
                    story_sealed=seal(each.story, "signal"),
                    due_at=reply_due(at, self._hours[team.ref]),
                    reply_sealed=seal(each.reply, "signal-reply") if replied else None,
                    reply_by=policy_ref if replied else None,
                    replied_at=replied,
                )
            )

    def _add(
        self,
        resident: Resident,
        person: Professional,
        urgency: int,
        promised: datetime,
        preview: str | None = None,
        *,
        threat: str | None = None,
        codes: Sequence[tuple[str, str]] = (),
    ) -> CaseRow:
        case = self._work.cases.add(
            resident,
            team_ref=person.team_ref,
            professional_ref=person.ref,
            urgency=urgency,
            promised_at=promised,
            preview=preview,
            threat=threat,
            codes=codes,
        )
        self._work.cases.record(
            case, EventKind.ASSIGNED, Actor.MACHINE, None, {"to": person.ref, "why": ["expertise", "load"]}
        )
        return case

    def open_case(self, told: DemoCase, person: Professional) -> None:
        """Tell an open case with its letters, page images and chat."""
        work, clock = self._work, self._clock
        hours = self._hours[person.team_ref]
        sent_at = self._now - timedelta(hours=told.hours_ago)
        clock.moment = sent_at - timedelta(minutes=20)
        resident = work.residents.add(DEMO_DOOR, f"open-{told.key}")
        resident.consent, resident.consent_at = "yes", clock.moment
        refs = self._letters(resident, told.letters)
        if told.goal:
            resident.goal_sealed = work.residents.seal(resident, told.goal, "goal")
        resident.way = told.way or None
        preview = None if told.crisis else json.dumps({"letters": refs, "goal": told.goal, "note": told.note or None})
        clock.moment = sent_at
        promised = promise_at(sent_at, told.urgency, hours)
        codes = sorted({(each.sender, each.kind) for each in told.letters})
        case = self._add(resident, person, told.urgency, promised, preview, threat=told.threat, codes=codes)
        if case.promised_at < self._now and not told.talk:
            clock.moment = case.promised_at + timedelta(minutes=1)
            work.cases.record(case, EventKind.PROMISE_BROKEN, Actor.MACHINE)
        if told.crisis:
            case.crisis = told.crisis
            work.cases.record(case, EventKind.CRISIS, Actor.MACHINE, None, {"kind": told.crisis}, body=told.talk[0][1])
        for number, (sender, text) in enumerate(told.talk):
            clock.moment = min(self._now, sent_at + timedelta(minutes=4 + 9 * number))
            human = sender == HUMAN
            work.thread.add(
                resident, sender, Said(text=text), professional_ref=person.ref if human else None, case_ref=case.ref
            )
            if human:
                work.cases.record(case, EventKind.HUMAN_ANSWERED, Actor.HUMAN, person.ref)
            elif sender != MACHINE:
                work.cases.record(case, EventKind.RESIDENT_WROTE, Actor.RESIDENT, resident.ref, body=text)

    def _letters(self, resident: Resident, letters: Sequence[DemoLetter]) -> list[str]:
        work = self._work
        today = self._now.astimezone(AMSTERDAM).date()
        key = work.residents.key(resident)
        bag = work.papers.open_bag(resident)
        bag.closed_at = bag.explained_at = self._clock.moment
        refs: list[str] = []
        for each in letters:
            content, reading, facts = typed_letter(each, today)
            photo = work.papers.add_photo(resident, bag, secrets.token_hex(16), "web", READ)
            photo.page_files = [self._house.photos.put(key, content)]
            work.papers.set_readings(resident, photo, (reading,))
            letter = work.papers.add_letter(resident, bag, [(photo.ref, 0)], facts)
            letter.state = "handed_over"
            refs.append(letter.ref)
        return refs
