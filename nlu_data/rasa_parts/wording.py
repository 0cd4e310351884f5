"""How people write, made comparable: small letters, one spelling per sound, words that mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

# A zero-width space stands before a typed slash, so that it stays text; marks of direction come along with copies.
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF, 0x00AD])
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"'})
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[?€]|[\U0001F300-\U0001FAFF]")
_THREE_ALIKE = re.compile(r"([^\W\d])\1{2,}")


def clean(text: str) -> str:
    """Return `text` in small letters without invisible marks, accents of Latin letters and stretched letters."""
    plain = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).translate(_APOSTROPHES).lower()
    parts = unicodedata.normalize("NFD", plain)
    latin = "".join(
        mark for index, mark in enumerate(parts) if not (unicodedata.combining(mark) and _is_latin(parts, index))
    )
    return _THREE_ALIKE.sub(r"\1\1", unicodedata.normalize("NFC", latin))


def _is_latin(text: str, index: int) -> bool:
    while index and unicodedata.combining(text[index]):
        index -= 1
    return text[index] < "ɐ"


def words(text: str) -> list[str]:
    """Return the words of `text`, cleaned; a question mark and a euro sign count as words."""
    return _WORD.findall(clean(text))


_SOUNDS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        (r"'", ""),
        (r"sch(?=$|e$)", "s"),
        (r"ij|ei|ey|ij", "y"),
        (r"ou|au", "au"),
        (r"uw|w$", "u"),
        (r"ch", "g"),
        (r"ck|q|c(?=[^eiy]|$)", "k"),
        (r"c", "s"),
        (r"x", "ks"),
        (r"ph", "f"),
        (r"v", "f"),
        (r"z", "s"),
        (r"dt$|d$", "t"),
        (r"b$", "p"),
        (r"ie", "i"),
        (r"oe", "u"),
        (r"uu", "u"),
        (r"([^\W\d])\1+", r"\1"),
        (r"(?<=..)en$", "e"),
        (r"(?<=..)n$", ""),
    ]
]


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return one spelling for words that sound alike: "geldt", "gelt" and "geld" are one."""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word


class Concepts:
    """Groups of words that mean the same, from concepts.yml."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        """Take the groups as written: a star at the end of a word stands for any ending."""
        self._exact: dict[str, list[str]] = {}
        self._starts: list[tuple[str, str]] = []
        for name, members in groups.items():
            for member in members:
                plain = clean(str(member))
                if plain.endswith("*"):
                    self._starts.append((plain[:-1], name))
                else:
                    self._exact.setdefault(plain, []).append(name)
                    if len(plain) > 3:
                        heard = "~" + sound(plain)
                        if name not in self._exact.setdefault(heard, []):
                            self._exact[heard].append(name)

    def of(self, word: str) -> list[str]:
        """Return the names of the groups that `word` belongs to, by spelling, else by beginning or sound."""
        found = self._exact.get(word) or self._exact.get("~" + sound(word)) or []
        return found or [name for start, name in self._starts if word.startswith(start)]


_INSIDE = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")


class Wordbook:
    """What dialects, streets, thumbs and other languages say for a plain Dutch word."""

    def __init__(self, regions: dict[str, dict[str, list[str]]]) -> None:
        """Take the regions; a word with "?" before it is plain Dutch too and counts in the company of others only."""
        self._certain: dict[str, dict[str, str]] = {}
        self._doubtful: dict[str, dict[str, str]] = {}
        for region, rows in regions.items():
            self._certain[region], self._doubtful[region] = {}, {}
            for plain, said in rows.items():
                for word in said:
                    group = self._doubtful if str(word).startswith("?") else self._certain
                    group[region].setdefault(clean(str(word).lstrip("?")), clean(str(plain)))

    def plain(self, text: str) -> str:
        """Return `text`, cleaned, with the words of other ways of speaking as plain Dutch words."""
        line = clean(text)
        typed = _INSIDE.findall(line)
        heard = {region: sum(word in rows for word in typed) for region, rows in self._certain.items()}
        spoken = sorted((region for region, times in heard.items() if times), key=lambda region: -heard[region])
        if not spoken:
            return line
        rows: dict[str, str] = {}
        for region in spoken:
            for word, plain in self._certain[region].items():
                rows.setdefault(word, plain)
        # the company of a word is that of the way of speaking that is heard most
        for word, plain in self._doubtful[spoken[0]].items():
            rows.setdefault(word, plain)
        return _INSIDE.sub(lambda match: rows.get(match.group(), match.group()), line)


def read_wordbook(path: Path) -> Wordbook:
    """Return the wordbook of the file at `path`."""
    import rasa.shared.utils.io

    return Wordbook(rasa.shared.utils.io.read_yaml_file(path))


# What thumbs make short.
_SHORT = {
    "kn": "kan", "dgn": "dagen", "wnr": "wanneer", "hvl": "hoeveel", "hvel": "hoeveel", "ff": "even",
    "effe": "even", "idd": "inderdaad", "vndg": "vandaag", "vnvd": "vanavond", "mrgn": "morgen", "wt": "wat",
    "k": "ik", "kheb": "ik heb", "hebk": "heb ik", "khb": "ik heb", "iig": "in ieder geval", "mss": "misschien",
    "gwn": "gewoon", "ni": "niet", "nie": "niet", "nt": "niet", "aub": "alstublieft", "ajb": "alstublieft",
    "svp": "alstublieft",
    "zsm": "zo snel mogelijk", "dr": "er", "ist": "is het", "tis": "het is", "watis": "wat is",
    "isniks": "is niks", "brfje": "briefje", "tel": "telefoon", "bdrg": "bedrag", "btalen": "betalen", "vd": "van de",
    "vr": "voor", "mn": "mijn", "m'n": "mijn", "mt": "met", "wrd": "word", "vn": "van", "hlp": "help",
}  # fmt: skip


class Spelling:
    """The words that people are known to write, and what a word with one slip was meant to be."""

    def __init__(self, lines: list[str], often: int = 2) -> None:
        """Learn from lines written with care; a word counts when it stands there `often` times."""
        self._times = Counter(word for line in lines for word in words(line))
        self._known = {word for word, times in self._times.items() if times >= often and len(word) > 2}
        self._shortened: dict[str, list[str]] = {}
        for word in sorted(self._known):
            for short in _without_one(word):
                self._shortened.setdefault(short, []).append(word)
        self._right: dict[str, str] = {}

    def right(self, word: str) -> str:
        """Return the known word that is one slip away and written most, else `word`."""
        if word in _SHORT:
            return _SHORT[word]
        if len(word) < 4 or word in self._times or not word.isalpha():
            return word
        if word not in self._right:
            shorter = _without_one(word)
            near = {short for short in shorter if short in self._known} | set(self._shortened.get(word, []))
            near |= {k for short in shorter for k in self._shortened.get(short, []) if _is_one_change(k, word)}
            # the first letter is seldom wrong; of two that are near, the one that people write most
            likely = sorted((known for known in near if known[0] == word[0]), key=lambda k: (-self._times[k], k))
            self._right[word] = likely[0] if likely else word
        return self._right[word]


def _is_one_change(a: str, b: str) -> bool:
    """Whether two words of one length differ in one letter, or in two neighbours that changed places."""
    other = [at for at in range(len(a)) if len(a) == len(b) and a[at] != b[at]]
    if len(other) == 2:
        return other[1] == other[0] + 1 and a[other[0]] == b[other[1]] and a[other[1]] == b[other[0]]
    return len(other) == 1


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def read_concepts(path: Path) -> Concepts:
    """Return the groups of the file at `path`."""
    import rasa.shared.utils.io

    return Concepts(rasa.shared.utils.io.read_yaml_file(path))
