"""Describes the words round a finding: those of its clause, its sentence and the sentences beside it, and what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise

from ocr.choosing import Features
from ocr.clues import sentences
from ocr.cues import cues

NEAR = 8
"""Words before and behind a finding that count as near."""
HEADING = 9
"""Words that a heading has at most; it tells what the text below it is about ("Betaalt u niet?")."""
LONGEST = 90
"""Words of a sentence that count."""

_WORD = re.compile(r"<[adit]>|[a-z]+(?:-[a-z]+)*|\d{1,2}[.:]\d\d|\d+%?|[?:!;,]")
_CLOCK = re.compile(r"\d{1,2}[.:]\d\d")
MARK = re.compile(r"<([adit])\d+>")
"""A finding in marked text."""
_MARKS = {"<d>": "day", "<a>": "money", "<i>": "account", "<t>": "term", "?": "question"}
_CLAUSE_END = cues("money_words").phrases["clause_end"]


def unnumbered(text: str) -> str:
    """Return marked text with its findings as `<d>`, `<a>`, `<i>` or `<t>`, whichever they are."""
    return MARK.sub(r"<\1>", text)


def words_of(text: str) -> list[str]:
    """Return the words and findings of marked text."""
    return _WORD.findall(unnumbered(text))[:LONGEST]


def forms(word: str) -> Iterator[str]:
    """Yield a word, and of a long one its beginning and its end, which other forms and compounds share."""
    yield word
    if word[0].isalpha():
        if len(word) > 7:
            yield word[:6] + "*"
            yield "*" + word[-6:]
        elif len(word) > 5:
            yield word[:5] + "*"


def bag(into: Features, name: str, words: Iterable[str]) -> None:
    """Add words under a name, in whatever order they stand."""
    for word in words:
        for form in forms(word):
            into[f"{name}:{form}"] = 1.0


class Wording:
    """Describes words with what they are about: `classes` of the files of `cues` that are named."""

    def __init__(self, *rooms: str) -> None:
        self._rooms = rooms
        self._known: dict[str, tuple[str, ...]] = {}

    @cached_property
    def _classes(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((pattern, name) for room in self._rooms for pattern, (name,) in cues(room).rows["classes"])

    def about(self, word: str) -> tuple[str, ...]:
        """Return what a word is about."""
        if word not in self._known:
            if word[0].isalpha():
                found = tuple(name for pattern, name in self._classes if pattern.match(word))
            elif word in _MARKS:
                found = (_MARKS[word],)
            else:
                found = ("clock",) if _CLOCK.fullmatch(word) else ()
            self._known[word] = found
        return self._known[word]

    def classes(self, words: Iterable[str]) -> list[str]:
        """Return what words are about, together."""
        return sorted({one for word in words for one in self.about(word)})

    def pairs(self, into: Features, name: str, words: Iterable[str]) -> None:
        """Tell what words are about together: "not" with "pay" is another thing than either."""
        found = self.classes(words)
        for one in found:
            into[f"{name}={one}"] = 1.0
        for one, other in combinations(found, 2):
            into[f"{name}={one}+{other}"] = 1.0

    def running(
        self, into: Features, text: str, place: tuple[int, int], around: tuple[str, str], heading: str, sign: str
    ) -> None:
        """Describe a finding in running text.

        Args:
            into: takes the features.
            text: its sentence, plain and marked.
            place: where it begins and ends in it.
            around: the sentences before and behind.
            heading: the heading above, "" for none.
            sign: how its likes are marked, such as "<a".
        """
        before, after = text[: place[0]], text[place[1] :]
        left, right = words_of(before), words_of(after)
        self._in_sentence(into, left, right)
        self._in_clause(into, before, after)
        self.pairs(into, "S", (*left, *right))
        opening = left[:2] or right[:2]
        if opening:
            into["o1:" + opening[0]] = 1.0
            for one in self.classes(opening):
                into[f"o={one}"] = 1.0
        for name, beside in zip("pn", around, strict=True):
            words = words_of(beside)
            bag(into, name, words)
            self.pairs(into, name, words)
            if words:
                into[f"{name}1:" + words[0]] = 1.0
            if "<a>" in words:
                into[name + " money"] = 1.0
        above = words_of(heading)
        bag(into, "h", above)
        self.pairs(into, "h", above)
        into["running"] = 1.0
        if sign in before:
            into["behind another"] = 1.0
        if sign in after:
            into["before another"] = 1.0

    def _in_sentence(self, into: Features, before: Sequence[str], after: Sequence[str]) -> None:
        for side, words in (("b", before[: -NEAR // 2 - 1 : -1]), ("a", after[: NEAR // 2])):
            for place, word in enumerate(words, 1):
                into[f"{side}{place}:{word}"] = 1.0
                for one in self.about(word):
                    into[f"{side}{place}={one}"] = 1.0
        bag(into, "b", before[-NEAR:])
        bag(into, "B", before[:-NEAR])
        bag(into, "a", after[:NEAR])
        bag(into, "A", after[NEAR:])
        for one, two in pairwise(before[-6:]):
            into[f"bb:{one} {two}"] = 1.0
        for one, two in pairwise(after[:5]):
            into[f"aa:{one} {two}"] = 1.0
        bag(into, "s", (*before, *after))

    def _in_clause(self, into: Features, before: str, after: str) -> None:
        """Describe the part of a sentence in which a finding stands, up to a comma or a word that joins."""
        ends = list(_CLAUSE_END.finditer(before))
        start = ends[-1].start() if ends else 0
        stop = _CLAUSE_END.search(after)
        left, right = words_of(before[start:]), words_of(after[: stop.start()] if stop else after)
        bag(into, "c", (*left, *right))
        self.pairs(into, "c", (*left, *right))
        self.pairs(into, "cb", left)
        self.pairs(into, "ca", right)
        if not before[start:].strip() and start == 0:
            into["opens"] = 1.0

    def in_row(self, into: Features, label: str, behind: str, intro: str, above: str) -> None:
        """Describe a finding in a printed line by its label, what stands behind it, and what stands above."""
        words = words_of(label)
        bag(into, "r", words)
        self.pairs(into, "r", words)
        into["rl:" + " ".join(words[-3:])] = 1.0
        if words:
            into["r1:" + words[0]] = 1.0
        into["row"] = 1.0
        bag(into, "i", words_of(intro)[-NEAR:])
        if above:
            bag(into, "u", words_of(above))
        after = words_of(behind)[: NEAR // 2]
        bag(into, "ra", after)
        self.pairs(into, "ra", after)

    def whole(self, into: Features, texts: Iterable[str]) -> None:
        """Describe a letter by all its sentences and clauses."""
        for text in texts:
            for _, sentence in sentences(text):
                words = words_of(sentence)
                bag(into, "L", words)
                for one, two in pairwise(words):
                    into[f"LL:{one} {two}"] = 1.0
                if len(words) > 3:
                    self.pairs(into, "L", words)
                for clause in _CLAUSE_END.split(sentence):
                    if clause:
                        self.pairs(into, "LC", words_of(clause))
