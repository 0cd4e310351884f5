"""What a letter says to quote: "vermeld het nummer van het aanslagbiljet", "noem alleen ons dossier"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ocr.clues import sentences
from ocr.lines import plain

_VERB = re.compile(
    r"\b(?:noem|noemt|vermeld|vermeldt|zet|schrijf|schrijft|gebruik|gebruikt|noteer|noteert|vul|vult|geef|geeft|toets|neem|houd|haal|state|quote|mention|include|use|enter)\b"
    r"|\b(?:onder|met|o\.v\.v\.?|ovv) (?:de )?(?:vermelding|opgave|noeming|het|uw|ons|opgaaf)\b|\bals (?:omschrijving|kenmerk|betalingskenmerk|mededeling)\b|\bin de omschrijving\b"
)
_NOT = re.compile(r"\bniet\b|\bniets\b|\bgeen\b|\bnot\b|\bnooit\b|\bnever\b|in plaats van|instead of|overbodig")
_FORGET = re.compile(r"vergeet|vergeten|forget|kan(?:nen)? wij[^.]{0,60}niet|niet verwerken|zonder")
_ENDING = re.compile(r"(?:s?(?:nummers?|nr\.?|numbers?|no\.?|code|kenmerk))$")
_OWNER = re.compile(r"^(?:ons|onze|uw|het|de|dit|deze|our|your|the|je|jouw) ")


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of labels that a letter wants quoted, and those that it does not."""

    wanted: frozenset[str]
    refused: frozenset[str]

    def of(self, label: str) -> int:
        """Return 1 when a printed label is wanted, -1 when it is refused, else 0."""
        mine = stems_of(label)
        if any(_alike(stem, other) for stem in mine for other in self.wanted):
            return 1
        return -1 if any(_alike(stem, other) for stem in mine for other in self.refused) else 0


def stems_of(label: str) -> tuple[str, ...]:
    """Return the words of a label without whose it is and without "nummer": "Onze ref." is "ref"."""
    text = _OWNER.sub("", plain(label).strip(" .:"))
    out: list[str] = []
    for word in re.findall(r"[a-z-]{2,}", text):
        bare = word.strip("-")
        stem = _ENDING.sub("", bare) or bare
        stem = stem.strip("-")
        if len(stem) >= 3 and stem not in _EMPTY:
            out.append(stem)
    return tuple(out)


_EMPTY = frozenset(
    "van het een der den voor bij ons onze uw our your deze dit dat die met aan als alle elk elke altijd alleen dan hier daar erbij daarbij hierbij betaling betalen brief letter always please only rekening bank overmaking hand"
    " number nummer name naam datum onderwerp stand vel boven bovenaan rechts links onderaan".split()
)


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 2)


def asked_in(texts: Iterable[str]) -> Asked:
    """Return what the running text of a letter (plain, in flows) wants to see quoted."""
    wanted: set[str] = set()
    refused: set[str] = set()
    for text in texts:
        cited = False
        for _, sentence in sentences(text):
            # "Zonder boetenummer kunnen wij uw betaling niet verwerken", "bij iedere overboeking hoort hetzelfde nummer".
            if needed := re.search(
                r"\bzonder (?:het |uw |dit |ons )?([a-z]+(?:nummer|kenmerk|code))\b[^.]{0,60}\b(?:niet|geen)\b",
                sentence,
            ):
                wanted.update(stems_of(needed.group(1)))
            match = _VERB.search(sentence)
            if match is None:
                if cited and _NOT.search(sentence):
                    refused.update(_words(sentence))
                elif re.search(r"is niet nodig|niet nodig", sentence):
                    refused.update(_words(sentence))
                cited = False
                continue
            cited = True
            for clause in re.split(r"[,:] | maar | but ", sentence[match.start() :]):
                if _NOT.search(clause) and not _FORGET.search(clause):
                    refused.update(_words(clause))
                elif clause:
                    wanted.update(_words(clause))
    return Asked(frozenset(wanted), frozenset(refused - wanted))


def _words(clause: str) -> set[str]:
    """Return the words of a clause that can name a label; only those near its beginning."""
    return {stem for stem in stems_of(clause[:110]) if len(stem) >= 3}
