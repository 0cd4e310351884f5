"""What a letter says to quote: "vermeld het nummer van het aanslagbiljet", "noem alleen ons dossier"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ocr.clues import sentences
from ocr.cues import cues
from ocr.lines import plain

_CUES = cues("citing")

_VERB = _CUES.phrases["quote"]
_NOT = _CUES.phrases["not"]
_OTHER_NOT = _CUES.phrases["other_not"]
_FORGET = _CUES.phrases["do_not_forget"]
_NEEDED = _CUES.phrases["needed"]
_NAMED_FIRST = _CUES.phrases["named_first"]
_NOT_NEEDED = _CUES.phrases["not_needed"]
_NEXT_CLAUSE = _CUES.phrases["next_clause"]
_ENDING = _CUES.phrases["ending"]
_OWNER = _CUES.phrases["owner"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of labels that a letter wants quoted, and those that it does not."""

    wanted: frozenset[str]
    refused: frozenset[str]

    def of(self, label: str) -> int:
        """Return 1 when a printed label is wanted, -1 when it is refused, else 0."""
        mine = stems_of(label)
        short = _ABBREVIATED.match(plain(label)) is not None
        if any(_alike(stem, other, short) for stem in mine for other in self.wanted):
            return 1
        return -1 if any(_alike(stem, other, short) for stem in mine for other in self.refused) else 0


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


_EMPTY = _CUES.words["empty"]


_ABBREVIATED = re.compile(r"[a-z]{3,}\. ?n")
"""A label that is cut off: "vord.nr." on the paper of somebody who asks for the vorderingsnummer."""


def _alike(one: str, other: str, abbreviated: bool = False) -> bool:
    short, long = sorted((one, other), key=len)
    if abbreviated and len(one) >= 3 and other.startswith(one):
        return True
    return short == long or (len(short) >= 4 and long.startswith(short) and len(long) - len(short) <= 2)


def asked_in(texts: Iterable[str]) -> Asked:
    """Return what the running text of a letter (plain, in flows) wants to see quoted."""
    wanted: set[str] = set()
    refused: set[str] = set()
    for text in texts:
        cited = False
        for _, sentence in sentences(text):
            # "Zonder boetenummer kunnen wij uw betaling niet verwerken", "bij iedere overboeking hoort hetzelfde nummer".
            if needed := _NEEDED.search(sentence):
                wanted.update(stems_of(next(name for name in needed.groups() if name)))
            if (named := _NAMED_FIRST.search(sentence)) and not _NOT.search(sentence):
                wanted.update(stems_of(named.group(1)))
            match = _VERB.search(sentence)
            if match is None:
                if cited and _NOT.search(sentence):
                    refused.update(_words(sentence))
                elif _NOT_NEEDED.search(sentence):
                    refused.update(_words(sentence))
                cited = False
                continue
            cited = True
            for clause in _NEXT_CLAUSE.split(sentence[match.start() :]):
                if _NOT.search(_OTHER_NOT.sub(" ", clause)) and not _FORGET.search(clause):
                    refused.update(_words(clause))
                elif clause:
                    wanted.update(_words(clause))
    return Asked(frozenset(wanted), frozenset(refused - wanted))


def _words(clause: str) -> set[str]:
    """Return the words of a clause that can name a label; only those near its beginning."""
    return {stem for stem in stems_of(clause[:110]) if len(stem) >= 3}
