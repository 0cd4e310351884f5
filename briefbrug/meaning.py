"""From the facts of a bag of letters to what they mean: one story per debt, ranked, each position with its reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from briefbrug.asking import DEBT_KINDS, GRAVE, action_of, asked_after_all, asked_by, asks_after_all, asks_nothing
from briefbrug.certainty import days_told, sure_fields
from briefbrug.deadline import Deadline, DeadlineUnknown, deadline_of
from briefbrug.knowledge.load import UNKNOWN_KIND, Combination, Knowledge, SeveritySign
from briefbrug.letter import UNKNOWN_SENDER, Action, LetterFacts
from briefbrug.printed import creditor_code, paper_of, plain
from briefbrug.urgency import BASIC, TITLES, Because, Claim, level_of, rank, same_level


@dataclass(frozen=True, slots=True)
class Understood:
    """What one letter means for this household.

    `sender` and `kind` are codes ("onbekend" and None when they could not be read). `combination` is the entry of
    the knowledge, None outside the known ones: then the meaning falls back to the kind and a person looks. `voice` is
    the entry whose texts the resident hears: nearly always the same one.
    `urgency` runs from 1 (spoed) to 4 (bewaren), `tier` from 0 to 6, `rank` from 1. `group` is the reference of the
    newest letter of the same debt (its own for that letter itself, None for a debt of one letter); `history` marks
    the older ones. `estimated`: the place rests on a presumed day. `sure` has the eight fields of `letter.FIELDS`.
    `threatened`: home, supply or insurance is about to go, so the municipality's short route holds.
    """

    ref: str
    facts: LetterFacts
    sender: str
    kind: str | None
    combination: Combination | None
    voice: Combination | None
    deadline: Deadline | DeadlineUnknown | None
    action: Action
    severity: str
    tier: int
    urgency: int
    rank: int
    group: str | None
    history: bool
    estimated: bool
    suspect: bool
    reasons: tuple[Because, ...]
    needs_person: bool
    sure: Mapping[str, bool]
    threatened: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """One action that helps with several letters (ranking principle 14), to be told once.

    `code`: debt_help (one request for the municipality's help with debts), cjib (one arrangement for everything the
    CJIB collects), sender (one talk with the office that wrote them all). `refs` are the letters, in order of rank.
    """

    code: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pile:
    """All letters of one household on one day, in order, and what can be done once for several of them."""

    today: date
    letters: tuple[Understood, ...]
    shared: tuple[Shared, ...] = ()

    def letter(self, ref: str) -> Understood | None:
        """Return one letter by its reference; None when it is not in the pile."""
        return next((letter for letter in self.letters if letter.ref == ref), None)


def _has_sign(row: SeveritySign, sender: str, kind: str, facts: LetterFacts, paper: str, knowledge: Knowledge) -> bool:
    """Return whether a row of signs.yaml fits this letter."""
    if sender not in row.senders or kind not in row.kinds:
        return False
    if not row.words and not row.creditors:
        return True
    if row.creditors and facts.on_behalf_of is not None:
        code = creditor_code(facts.on_behalf_of.value, knowledge)
        if code in row.creditors:
            return True
    return any(plain(word) in paper for word in row.words)


def combination_of(sender: str, kind: str, paper: str, knowledge: Knowledge) -> Combination | None:
    """Return the entry of sender and kind, by the words on the paper where there are variants."""
    for name, sign in knowledge.signs.variants.items():
        entry = knowledge.combinations[name]
        if (entry.sender, entry.kind) == (sender, kind) and any(plain(word) in paper for word in sign.words):
            return entry
    return knowledge.combination(sender, kind)


def severity_of(
    sender: str, kind: str, entry: Combination | None, facts: LetterFacts, paper: str, knowledge: Knowledge
) -> tuple[str, Combination | None]:
    """Return what is lost in the end, and the entry whose texts the resident hears.

    What is lost follows from signs on the paper, else the entry, else the sender, else the kind.
    """
    for row in knowledge.signs.severities:
        if _has_sign(row, sender, kind, facts, paper, knowledge):
            voice = knowledge.combination(row.speaks_as, kind) if row.speaks_as else None
            return row.severity, voice or entry
    if entry is not None:
        return entry.severity, entry
    for row in knowledge.signs.fallbacks:
        if _has_sign(row, sender, kind, facts, paper, knowledge):
            return row.severity, None
    return knowledge.signs.kinds[kind].severity, None


def _stops_on(kind: str, severity: str, facts: LetterFacts, paper: str, knowledge: Knowledge) -> date | None:
    """Return the first day without income that a decision names; None when it takes nothing away."""
    if severity != "income" or kind != "beschikking":
        return None
    if not any(plain(word) in paper for word in knowledge.signs.stops):
        return None
    days = [c.value.printed for c in facts.clues if c.value.regime == "start_date" and c.value.printed is not None]
    return min(days) - timedelta(days=1) if days else None


def _growth(entry: Combination | None, kind: str, amount: Decimal, knowledge: Knowledge) -> Decimal:
    """Return how many euros come on top when the day passes; 0 where the knowledge says nothing of it."""
    for row in knowledge.ranking.growth:
        if kind in row.kinds or (entry is not None and entry.id in row.entries):
            return max(amount * Decimal(str(row.share)), Decimal(str(row.least))) if amount > 0 else Decimal(0)
    return Decimal(0)


POST_DATED = timedelta(days=21)
"""How far ahead the date of a letter can lie: tax assessments come before their dagtekening."""
SMALL_BILL = Decimal(100)
"""Euros under which careful readers differ on the haste of a first bill that is due within two weeks."""
FAR_OFF = 4
"""The level of a letter that asks for nothing."""


def _threatened(claim: Claim, urgency: int, paper: str, knowledge: Knowledge) -> bool:
    """Return whether a home, supply or insurance is about to be lost (Wgs art. 4 lid 2; F26).

    A day that something ends sets the route however far it is; a demand only when it has haste.
    """
    if claim.suspect or urgency == FAR_OFF:
        return False
    for row in knowledge.ranking.threatened:
        if claim.kind not in row.kinds:
            continue
        if (row.severities and claim.severity not in row.severities) or (
            row.senders and claim.sender not in row.senders
        ):
            continue
        if row.words and not any(plain(word) in paper for word in row.words):
            continue
        return urgency <= 2 or claim.kind in {"ontruiming", "afsluiting"} or bool(row.words)
    return False


def _is_disputed(claim: Claim, urgency: int, paper: str, knowledge: Knowledge, today: date) -> bool:
    """Return whether careful readers may give another level: rent or water asked this week, an income that ends.

    So with a small bill of this fortnight and a bailiff's arrangement of this week. A judgment without a day and an
    amount may have refused the claim.
    """
    if claim.kind == "vonnis" and claim.last_day is None and claim.amount <= 0:
        return True
    days = (claim.last_day - today).days if claim.last_day is not None else None
    if claim.kind in {"aanmaning", "incasso", "veertiendagenbrief"} and claim.severity in {"home", "water"}:
        # A house that is named as what goes next, a week further on: some say today, some this fortnight.
        return days is not None and days <= (14 if claim.named and claim.severity == "home" else 7)
    if claim.kind == "betalingsregeling" and claim.severity == "bank_wage" and days is not None and days <= 7:
        return True  # a bailiff's seizure that follows on a broken promise, or on one that is only made
    if claim.kind == "informatie" and urgency == 3 and days is not None and 0 <= days <= 14:
        return True  # something is to be done this fortnight, and the kind does not tell what is lost
    if claim.kind == "factuur" and days is not None and 0 <= days <= 14:
        return claim.amount < SMALL_BILL  # "the loss is small"
    if claim.kind == "beschikking" and claim.severity == "income" and urgency != 1:
        return any(plain(word) in paper for word in knowledge.signs.stops)
    return False


def _claim(ref: str, facts: LetterFacts, knowledge: Knowledge, today: date) -> tuple[Claim, Understood]:
    """Return what the order needs of one letter, and the letter as understood on its own (rank still 0)."""
    sender = facts.sender.value if facts.sender and facts.sender.value in knowledge.senders else UNKNOWN_SENDER
    kind = facts.kind.value if facts.kind and facts.kind.value in knowledge.kinds else UNKNOWN_KIND
    if "advertising" in facts.notes and facts.kind is None:
        kind = "reclame"
    paper = paper_of(facts)
    entry = combination_of(sender, kind, paper, knowledge)
    severity, voice = severity_of(sender, kind, entry, facts, paper, knowledge)
    action = action_of(kind, entry, facts, knowledge)
    deadline = deadline_of(facts, knowledge, today, action)
    action = asked_by(deadline, action, kind, facts)
    if asks_nothing(kind, severity, facts, deadline, paper, knowledge):
        action = Action.NIETS
    elif action is Action.NIETS and asks_after_all(kind, sender, facts, deadline):
        action = asked_after_all(facts, deadline)
    default = entry.urgency_default if entry else knowledge.signs.kinds[kind].urgency_default
    if entry is None and kind == UNKNOWN_KIND and sender in {"gerechtsdeurwaarder", "rechtbank"}:
        # An unreadable exploot is urgent until a person has read it.
        default = "today"
    claim = Claim(
        ref=ref,
        sender=sender,
        kind=kind,
        severity=severity,
        last_day=deadline.heard if isinstance(deadline, Deadline) else None,
        letter_date=facts.letter_date.value if facts.letter_date else None,
        amount=facts.amount.value if facts.amount else Decimal(0),
        growth=_growth(entry, kind, facts.amount.value if facts.amount else Decimal(0), knowledge),
        suspect="suspect" in facts.notes,
        action=action,
        default=default,
        stops_on=_stops_on(kind, severity, facts, paper, knowledge),
        named=any(plain(word) in paper for word in knowledge.signs.threats.get(severity, ())),
    )
    urgency = level_of(claim, today, knowledge)
    stands = (
        urgency == FAR_OFF
        or (kind in TITLES and urgency == 1)
        or same_level(claim, days_told(deadline, facts), today, knowledge)
    )
    sure = sure_fields(facts, kind, deadline, stands)
    if _is_disputed(claim, urgency, paper, knowledge, today):
        sure = sure | {"urgency": False}
    if facts.letter_date is not None and facts.letter_date.value > today + POST_DATED:
        sure = sure | {"letter_date": False} | ({"deadline": False, "urgency": False} if deadline is not None else {})
    needs_person = (
        "half_read" in facts.notes
        or kind in GRAVE
        or claim.suspect
        or (urgency <= 2 and severity in BASIC)
        or entry is None
        or entry.status == "check"
        or isinstance(deadline, DeadlineUnknown)
        or (isinstance(deadline, Deadline) and not deadline.sure)
        or (action is Action.NIETS and not sure["kind"])
    ) and not (claim.advertising and kind == "reclame" and sure["kind"])
    letter = Understood(
        ref=ref,
        facts=facts,
        sender=sender,
        kind=None if kind == UNKNOWN_KIND else kind,
        combination=entry,
        voice=voice,
        deadline=deadline,
        action=action,
        severity=severity,
        tier=0,
        urgency=urgency,
        rank=0,
        group=None,
        history=False,
        estimated=isinstance(deadline, Deadline) and deadline.estimated,
        suspect=claim.suspect,
        reasons=(),
        needs_person=needs_person,
        sure=sure,
        threatened=_threatened(claim, urgency, paper, knowledge),
    )
    return claim, letter


# --- one debt over several letters ----------------------------------------------------------------------------------

ALONE = frozenset({"informatie", "reclame", "uitnodiging"})
"""Kinds that never belong to a chain: they ask for something of their own."""

FIRST = frozenset({"factuur", "aanslag", "boete", "terugvordering", "beschikking"})
"""Kinds that start a debt: two of them are two debts, also under one customer number."""

COLLECTORS = frozenset({"gerechtsdeurwaarder", "incassobureau", "rechtbank", "onbekend"})
"""Senders that write about somebody else's money."""


def _numbers(facts: LetterFacts) -> frozenset[str]:
    """Return the references of a letter, bare; only those long enough to name one matter."""
    found = [facts.reference, *facts.references]
    bare = {re.sub(r"[^0-9a-z]", "", plain(f.value)) for f in found if f is not None}
    return frozenset(n for n in bare if len(n) >= 6 and sum(c.isdigit() for c in n) >= 5)


def _creditor(letter: Understood) -> str | None:
    """Return whose money the letter is about: the plain name of the creditor, or its code, or None."""
    facts = letter.facts
    if facts.on_behalf_of is not None:
        return plain(facts.on_behalf_of.value)
    if letter.sender in COLLECTORS:
        return None
    if facts.sender_name is not None:
        return plain(facts.sender_name.value)
    return letter.sender


def _same_name(one: str, other: str) -> bool:
    """Return whether two printed names can be one creditor: the words of the shorter all stand in the longer."""
    noise = {"de", "het", "b.v.", "bv", "n.v.", "nv", "stichting", "afdeling", "van", "en"}
    first, second = set(one.split()) - noise, set(other.split()) - noise
    return bool(first and second) and (first <= second or second <= first)


def _stage(letter: Understood, knowledge: Knowledge) -> int:
    stages = knowledge.signs.stages
    return stages.index(letter.kind) if letter.kind in stages else -1


def _date(letter: Understood) -> date:
    return letter.facts.letter_date.value if letter.facts.letter_date else date.min


def _grows(older: Understood, newer: Understood) -> bool:
    """Return whether the amounts can be one debt that grew by costs; unknown amounts never contradict."""
    if older.facts.amount is None or newer.facts.amount is None:
        return True
    low, high = older.facts.amount.value, newer.facts.amount.value
    return low <= high <= low * 3 + 200


def _one_debt(one: Understood, other: Understood, landlords: int, knowledge: Knowledge) -> bool:
    """Return whether two letters are about the same debt.

    Either they quote the same number, or a collector writes for the creditor of the other letter, or both are
    about losing the same home. The newer letter must be a later step; two first letters are two debts.
    """
    if not {one.kind, other.kind}.isdisjoint(ALONE) or one.kind is None or other.kind is None:
        return False
    if one.suspect or other.suspect:
        return False
    if one.kind in FIRST and other.kind in FIRST:
        return False
    older, newer = sorted((one, other), key=lambda letter: (_date(letter), _stage(letter, knowledge), letter.ref))
    if newer.kind == "factuur":
        # A new bill is new money, also from the same creditor.
        return False
    if _numbers(one.facts) & _numbers(other.facts):
        return True
    if not {one.kind, other.kind}.isdisjoint({"beschikking", "informatieverzoek"}):
        return False  # a decision or a question is no debt that somebody can come to collect
    mine, theirs = _creditor(one), _creditor(other)
    if one.severity == "home" and other.severity == "home":
        if mine is not None and theirs is not None:
            return _same_name(mine, theirs) or mine in paper_of(other.facts) or theirs in paper_of(one.facts)
        return landlords <= 1
    if mine is None or theirs is None:
        return False
    collector = one.sender in COLLECTORS or other.sender in COLLECTORS
    later_step = _stage(newer, knowledge) > _stage(older, knowledge)
    both_numbered = bool(_numbers(one.facts)) and bool(_numbers(other.facts))
    if collector:
        return later_step and _same_name(mine, theirs) and _grows(older, newer)
    return one.sender == other.sender and later_step and not both_numbered and _same_amount(older, newer)


def _same_amount(older: Understood, newer: Understood) -> bool:
    """Return whether two letters of one sender without numbers ask for nearly the same money."""
    if older.facts.amount is None or newer.facts.amount is None:
        return False
    low, high = older.facts.amount.value, newer.facts.amount.value
    return low <= high <= low * Decimal("1.3") + 60


def _groups(letters: Sequence[Understood], knowledge: Knowledge) -> list[list[Understood]]:
    """Return the letters put together per debt; a letter of its own is a group of one."""
    names = {
        _creditor(letter)
        for letter in letters
        if letter.severity == "home" and _creditor(letter) is not None and letter.kind not in ALONE
    }
    distinct: list[str] = []
    for name in sorted(n for n in names if n is not None):
        if not any(_same_name(name, other) for other in distinct):
            distinct.append(name)
    landlords = len(distinct)
    parent = list(range(len(letters)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, one in enumerate(letters):
        for j in range(i + 1, len(letters)):
            if root(i) != root(j) and _one_debt(one, letters[j], landlords, knowledge):
                parent[root(j)] = root(i)
    groups: dict[int, list[Understood]] = {}
    for i, letter in enumerate(letters):
        groups.setdefault(root(i), []).append(letter)
    return list(groups.values())


def _head(group: Sequence[Understood], knowledge: Knowledge) -> Understood:
    """Return the letter that counts: the furthest step, then the newest; a later arrangement takes its place."""

    def key(letter: Understood) -> tuple[int, date, str]:
        stage = _stage(letter, knowledge)
        if letter.kind == "betalingsregeling":
            before = [_stage(o, knowledge) for o in group if o is not letter and _date(o) <= _date(letter)]
            stage = max(before, default=-1)
        return stage, _date(letter), letter.ref

    return max(group, key=key)


# --- one action for several letters ---------------------------------------------------------------------------------

NOT_CALLED = frozenset({UNKNOWN_SENDER, "reclame", "rechtbank"})
"""Senders with whom no talk settles several letters."""


def _office(letter: Understood, knowledge: Knowledge) -> str | None:
    """Return which office wrote a letter, so that two letters of one office are known; None when that is not sure."""
    if letter.sender in NOT_CALLED or not letter.sure["sender"]:
        return None
    if knowledge.senders[letter.sender].public and letter.sender not in {"gemeente", "lokale_belastingen"}:
        return letter.sender
    name = letter.facts.sender_name
    return f"{letter.sender}/{plain(name.value)}" if name is not None and name.sure else None


def _shared(ranked: Sequence[Understood], knowledge: Knowledge) -> tuple[Shared, ...]:
    """Return the actions that cover two letters or more, the widest first; older letters of a debt do not count."""
    heads = [each for each in ranked if not each.history and not each.suspect and each.action is not Action.NIETS]
    debts = [letter for letter in heads if letter.kind in DEBT_KINDS]
    helped = tuple(
        letter.ref
        for letter in debts
        if letter.threatened or (letter.combination is not None and "schuldhulpverlening" in letter.combination.helpers)
    )
    found = [Shared("debt_help", helped)] if len(helped) > 1 else []
    offices: dict[str, list[str]] = {}
    for letter in heads:
        office = _office(letter, knowledge)
        if office is not None and (office != "cjib" or letter.kind in DEBT_KINDS):
            offices.setdefault(office, []).append(letter.ref)
    found += [
        Shared("cjib" if office == "cjib" else "sender", tuple(refs))
        for office, refs in offices.items()
        if len(refs) > 1
    ]
    return tuple(found)


def understand_pile(letters: Mapping[str, LetterFacts], knowledge: Knowledge, today: date) -> Pile:
    """Return what a bag of letters means, ranked from 1, older letters of one debt directly behind their newest.

    Args:
        letters: reference to facts; the order does not matter.
        knowledge: senders, kinds, law.
        today: the day in the Netherlands on which it is read.

    Every sender and kind gets a meaning; outside the known combinations a person looks.
    """
    claims: dict[str, Claim] = {}
    alone: list[Understood] = []
    for ref in sorted(letters):
        claim, letter = _claim(ref, letters[ref], knowledge, today)
        claims[ref] = claim
        alone.append(letter)
    groups = {_head(group, knowledge).ref: group for group in _groups(alone, knowledge)}
    heads = {letter.ref: letter for letter in alone if letter.ref in groups}
    ranked: list[Understood] = []
    for position in rank((claims[ref] for ref in heads), today, knowledge):
        head, group = heads[position.ref], groups[position.ref]
        rest = (o for o in group if o is not head)
        older = sorted(rest, key=lambda o: (_stage(o, knowledge), _date(o), o.ref), reverse=True)
        name = head.ref if older else None
        reasons = position.reasons
        if older:
            reasons = (*reasons, Because("same_debt", {"letters": len(group)}))
        ranked.append(
            replace(
                head, tier=position.tier, rank=len(ranked) + 1, group=name, reasons=reasons,
                estimated=position.estimated or head.estimated,
            )
        )  # fmt: skip
        for letter in older:
            # An older letter travels with its newest, so it never looks like a calm letter above an urgent one.
            urgency = min(letter.urgency, 2) if head.urgency <= 2 else letter.urgency
            ranked.append(
                replace(
                    letter, tier=position.tier, rank=len(ranked) + 1, group=name, history=True, urgency=urgency,
                    reasons=(Because("older_letter"),), estimated=False, threatened=False,
                )
            )  # fmt: skip
    return Pile(today, tuple(ranked), _shared(ranked, knowledge))
