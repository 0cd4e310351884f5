"""Find cases by words though every name is sealed: keyed fingerprints of words and their beginnings, complete."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, insert, or_, select

from briefbrug.house import House
from briefbrug.personal import names_in
from briefbrug.store.tables import CaseRow, CaseWord, Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.gist import keep_gist
from briefbrug.usecases.hand_over import letters_shared
from briefbrug.vault import Vault

SHORTEST = 2
LONGEST = 16
"""Signs of a word that are looked at; a longer one is found by its beginning."""

MOST_WORDS = 6
A_ROUND = 200
AT_ONCE = 10
"""Cases in one transaction: few enough that nobody waits for it."""


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are looked for: small letters, no accents, letters and digits only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return tuple(word for word in re.findall(r"[^\W_]+", plain) if len(word) >= SHORTEST)


def _fingerprint(vault: Vault, word: str) -> int:
    """Return 63 bits that stand for a word under this house's key."""
    return int(vault.index(word[:LONGEST], "case-word")[:16], 16) >> 1


def _beginnings(words: Iterable[str]) -> set[str]:
    return {word[:end] for word in words for end in range(SHORTEST, min(len(word), LONGEST) + 1)}


def text_of(house: House, work: Work, resident: Resident, case: CaseRow) -> str:
    """Return what a case is found by: senders, kinds, references and names on its letters, her name, its number."""
    told: list[str] = [case.ref.partition("-")[2][:6]]
    if resident.name_sealed:
        told.append(work.residents.open(resident, resident.name_sealed, "name"))
    for letter in letters_shared(work, resident, case):
        facts = work.papers.facts(resident, letter)
        found = (facts.sender_name, facts.on_behalf_of, facts.reference, facts.iban, *facts.references)
        for each in found:
            if each is not None:
                # A number is found as printed and without its blanks and dots.
                told += [str(each.value), re.sub(r"[^\w]", "", str(each.value))]
        if facts.sender and facts.sender.value in house.knowledge.senders:
            told += [house.knowledge.senders[facts.sender.value].name_nl, facts.sender.value]
        if facts.kind and facts.kind.value in house.knowledge.kinds:
            told.append(house.knowledge.kinds[facts.kind.value].spoken)
        told += names_in(" ".join(word.text for word in facts.words))
    return " ".join(told)


def index_case(house: House, work: Work, case: CaseRow) -> None:
    """Put the words of a case in the index anew."""
    resident = work.residents.get(case.resident_ref)
    words = _beginnings(words_in(text_of(house, work, resident, case))) if resident else set[str]()
    work.session.execute(delete(CaseWord).where(CaseWord.case_ref == case.ref))
    fingerprints = {_fingerprint(house.vault, word) for word in words}
    if fingerprints:
        rows = [{"case_ref": case.ref, "word_index": each} for each in sorted(fingerprints)]
        work.session.execute(insert(CaseWord), rows)
    case.indexed_at = house.clock.real_now()
    keep_gist(house, work, case, resident)
    work.session.flush()


def index_changed_cases(house: House) -> int:
    """Index the cases that are new or changed, a few hundred at a time; return how many."""
    done = 0
    with house.look() as work:
        refs = list(work.session.scalars(select(CaseRow.ref).where(CaseRow.indexed_at.is_(None)).limit(A_ROUND)))
    for start in range(0, len(refs), AT_ONCE):
        with house.work() as work:
            for ref in refs[start : start + AT_ONCE]:
                case = work.cases.get(ref, lock=True)
                if case is not None:
                    index_case(house, work, case)
                    done += 1
    return done


def matching(house: House, work: Work, team_ref: str, search: str) -> ColumnElement[bool] | None:
    """Return the condition that a case holds every word of a search; None when there is nothing to look for.

    A word is found by its beginning. Professionals are found by their own name. Cases that changed a moment ago and
    are not indexed yet are opened one by one, so that no case is missed.
    """
    words = words_in(search)[:MOST_WORDS]
    if not words:
        return None
    joined = re.sub(r"[\W_]", "", search.casefold())
    people = [(person.ref, words_in(person.name)) for person in work.people.professionals(active_only=False)]
    fresh = _not_indexed(house, work, team_ref)

    def holds(word: str) -> ColumnElement[bool]:
        named = [ref for ref, names in people if any(name.startswith(word) for name in names)]
        opened = [ref for ref, known in fresh if word[:LONGEST] in known]
        indexed = select(CaseWord.case_ref).where(CaseWord.word_index == _fingerprint(house.vault, word))
        return or_(CaseRow.ref.in_(indexed), CaseRow.professional_ref.in_(named), CaseRow.ref.in_(opened))

    every = holds(words[0])
    for word in words[1:]:
        every = every & holds(word)
    # A number typed with blanks or dashes is also looked for as one word.
    return or_(every, holds(joined)) if len(words) > 1 and any(sign.isdigit() for sign in joined) else every


def _not_indexed(house: House, work: Work, team_ref: str) -> Sequence[tuple[str, set[str]]]:
    query = select(CaseRow).where(CaseRow.team_ref == team_ref, CaseRow.indexed_at.is_(None))
    found: list[tuple[str, set[str]]] = []
    for case in work.session.scalars(query):
        resident = work.residents.get(case.resident_ref)
        if resident is not None:
            found.append((case.ref, _beginnings(words_in(text_of(house, work, resident, case)))))
    return found
