"""Names and words as printed on paper, made comparable, and which known office a printed name belongs to."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import UNKNOWN_SENDER, LetterFacts


def plain(text: str) -> str:
    """Return text in lower case, without accents and with single blanks, to compare words of the paper."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.lower().split())


def paper_of(facts: LetterFacts) -> str:
    """Return all words of the letter as one plain line."""
    return plain(" ".join(word.text for word in facts.words))


@lru_cache(maxsize=8)
def _names_of(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in map(plain, names) if len(name) >= 3)


LEGAL_FORM = frozenset("de het stichting woningstichting b.v. bv n.v. nv vereniging u.a. ua wonen nederland".split())
"""Words round a name that do not make it another name."""


def creditor_code(name: str, knowledge: Knowledge) -> str | None:
    """Return the sender code that a printed creditor's name belongs to; None when nobody is known by it.

    A known name of several words may stand anywhere in the printed name; a single word ("Thuis", "Portaal") is an
    everyday word as well, so it must be the whole name but for its legal form.
    """
    wanted = plain(name)
    bare = set(wanted.split()) - LEGAL_FORM
    for code, sender in knowledge.senders.items():
        if code in {UNKNOWN_SENDER, "reclame", "gerechtsdeurwaarder", "incassobureau"}:
            continue
        for known in _names_of(sender.names + sender.official + sender.variants):
            if (" " in known and f" {known} " in f" {wanted} ") or bare == {known}:
                return code
    return None
