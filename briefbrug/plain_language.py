"""Measures how easy a Dutch text is (B1), and says what to change; for our own texts and for a professional's reply."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from statistics import median

import yaml

from briefbrug.knowledge.load import DEFAULT
from briefbrug.speech import TEXTS_FOLDER, load_texts

MEAN_WORDS = 10.0
"""The most words a sentence has on average."""

LONGEST_SENTENCE = 15
"""The most words any sentence has."""

EASY = 75.0
"""The lowest Flesch-Douma score of a text that counts as easy (higher is easier; 100 is very easy)."""

RARE = 3.5
"""A word below this Zipf frequency (wordfreq, Dutch) is difficult."""

EXAMPLES: Mapping[str, str] = {
    "deadline": "vrijdag 27 november", "date": "vrijdag 27 november", "day": "vrijdag 27 november",
    "until": "vrijdag 27 november", "days": "over 6 dagen", "sender": "de gemeente", "creditor": "de gemeente",
    "amount": "842 euro", "reference": "1234", "phone": "0800-1234", "number": "3", "name": "Anna", "role": "hulp",
    "time": "10.00 uur", "person": "Anna", "count": "3", "seen": "3", "total": "3", "letters": "3",
    "numbers": "1, 2 en 4",
}  # fmt: skip
"""What stands in a placeholder while a text is measured."""

VOWELS = re.compile(
    r"[aàáâä]u(?!w?u)|aai|ooi|oei|eeu|ieu|aa|ee|oo|uu|ie|oe|eu|ui|ij|ei|au|ou|[aeiouyàáâäèéêëìíîïòóôöùúûü]"
)
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|\n+")


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text; a number that opens a line, and a clock time, do not end one."""
    text = re.sub(r"(?m)^(\d+)\.\s+", r"\1 ", text)
    return tuple(part.strip() for part in END.split(text) if WORD.search(part))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text; a number counts as a word."""
    return tuple(WORD.findall(text))


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """Return the number of syllables of a Dutch word: its groups of vowels, at least 1; a number counts as 2."""
    if word[0].isdigit():
        return 2
    # A trema starts a new syllable: "financiën".
    return max(1, len(VOWELS.findall(word.lower())))


def flesch_douma(text: str) -> float:
    """Return the reading ease of a Dutch text (Douma 1960), from about 0 to 120.

    206.84 - 0.93 times the words per sentence - 77 times the syllables per word.
    """
    lines, words = sentences(text), words_of(text)
    if not lines or not words:
        return 100.0
    return 206.84 - 0.93 * len(words) / len(lines) - 77 * sum(map(syllables, words)) / len(words)


@lru_cache(maxsize=1)
def _frequency() -> Callable[[str], float] | None:
    """Return the Zipf frequency of Dutch words where the package wordfreq is installed, else None."""
    try:
        from wordfreq import zipf_frequency
    except ImportError:
        return None

    def frequency(word: str) -> float:
        return float(zipf_frequency(word, "nl"))

    return lru_cache(maxsize=16384)(frequency)


@dataclass(frozen=True, slots=True)
class Wording:
    """What we write and what not: `difficult` and `avoid` give a plain form, the rest are patterns of unkind words."""

    names: frozenset[str]
    allowed: frozenset[str]
    difficult: Mapping[str, str]
    patterns: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=4)
def wording(folder: Path = DEFAULT) -> Wording:
    """Return the lists of plain_words.yaml."""
    raw = yaml.safe_load((folder / "plain_words.yaml").read_text(encoding="utf-8"))["plain_words"]
    return Wording(
        frozenset(str(n).lower() for n in raw["names"]),
        frozenset(str(n).lower() for n in raw["allowed"]),
        {str(k).lower(): str(v) for k, v in raw["difficult"].items()},
        {str(k): tuple(map(str, v)) for k, v in raw["patterns"].items()},
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """The measures of one text: `mean` and `longest` in words per sentence, `ease` is Flesch-Douma."""

    sentences: int
    words: int
    mean: float
    longest: int
    ease: float
    difficult: tuple[str, ...]

    @property
    def is_easy(self) -> bool:
        """Whether the text passes: short sentences, and easy enough where it is long enough to tell."""
        return (
            (self.sentences < 3 or self.mean <= MEAN_WORDS)
            and self.longest <= LONGEST_SENTENCE
            and (self.sentences < 3 or self.ease >= EASY)
            and not self.difficult
        )


def difficult_words(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the difficult words of a text, each once, in order; `known` are words that are explained or names."""
    lists, frequency = wording(), _frequency()
    found: dict[str, None] = {}
    for word in words_of(text):
        bare = word.lower()
        if word[0].isdigit() or bare in known or bare in lists.names or bare in lists.allowed:
            continue
        rare = frequency is not None and frequency(bare) < RARE
        if bare in lists.difficult or rare:
            found[bare] = None
    return tuple(found)


def measure(text: str, known: Collection[str] = ()) -> Measure:
    """Return the measures of a text without placeholders."""
    lines, words = sentences(text), words_of(text)
    lengths = [len(words_of(line)) for line in lines] or [0]
    mean = sum(lengths) / len(lengths)
    return Measure(
        len(lines), len(words), mean, max(lengths), flesch_douma(text), difficult_words(text, known)
    )  # fmt: skip


def filled(text: str) -> str:
    """Return a text of the text files with an example in each placeholder."""
    return re.sub(r"\{(\w+)\}", lambda m: EXAMPLES.get(m.group(1), "dit"), text)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to change in a text: `code` says what, `found` where, `better` is a plain form or empty.

    Codes: long_sentence, difficult_word, not_u, abbreviation, blame, promise, rule_as_excuse, passive.
    """

    code: str
    found: str
    better: str = ""


def remarks(text: str, known: Collection[str] = ()) -> tuple[Remark, ...]:
    """Return what to change so that everyone understands the text; nothing when it is fine.

    Used on a professional's reply before it is sent (F58). It advises; it never changes or stops a text.
    """
    lists = wording()
    found: list[Remark] = [
        Remark("long_sentence", line) for line in sentences(text) if len(words_of(line)) > LONGEST_SENTENCE
    ]
    found += [Remark("difficult_word", w, lists.difficult.get(w, "")) for w in difficult_words(text, known)]
    for code, patterns in lists.patterns.items():
        for pattern in patterns:
            match = re.search(pattern, text, re.IGNORECASE)
            if match:
                found.append(Remark(code, match.group(0)))
    return tuple(found)


WIDTH = 100
"""Signs on a line of the printed table."""


def table(folder: Path = TEXTS_FOLDER, language: str = "nl") -> Iterable[str]:
    """Yield the texts of a language for an expert to review: measures, then the text under them, per file; totals last.

    A "!" marks a text that does not pass. Measures are of Dutch; of another language the Dutch text stands beside it.
    """
    known = {word.lower() for word in explained_terms()}
    dutch = load_texts("nl", folder)
    measured: list[Measure] = []
    yield f"  {'key':46} {'sentences':>9} {'words':>5} {'mean':>5} {'longest':>7} {'ease':>6}  difficult words"
    for file in sorted((folder / language).glob("*.yaml")):
        texts: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))["texts"]
        yield ""
        yield f"== {file.parent.name}/{file.name}: {len(texts)} texts"
        for key, text in texts.items():
            if language == "nl":
                m = measure(filled(str(text)), known)
                measured.append(m)
                yield f"{' ' if m.is_easy else '!'} {key:46} {_figures(m)}  {', '.join(m.difficult)}".rstrip()
            else:
                yield f"  {key}"
                yield from textwrap.wrap(
                    f"nl: {dutch.get(key, '-')}", WIDTH, initial_indent="    ", subsequent_indent="    "
                )
            yield from textwrap.wrap(str(text), WIDTH, initial_indent="    ", subsequent_indent="    ")
        if language == "nl":
            yield f"  {'(the whole file)':46} {_figures(measure(_as_one(texts.values()), known))}"
    if measured:
        long = sorted(m.ease for m in measured if m.sentences >= 3)
        whole = measure(_as_one(dutch.values()), known)
        yield ""
        yield f"== all {len(measured)} texts: {whole.sentences} sentences, {whole.words} words"
        yield f"   mean sentence {whole.mean:.1f} words (at most {MEAN_WORDS:.0f})"
        yield f"   longest sentence {whole.longest} words (at most {LONGEST_SENTENCE})"
        yield (
            f"   Flesch-Douma of all {whole.ease:.1f}; of texts of three sentences or more: lowest {long[0]:.1f}, "
            f"middle {median(long):.1f} (at least {EASY:.0f})"
        )
        yield f"   texts that do not pass: {sum(not m.is_easy for m in measured)}"


def _figures(m: Measure) -> str:
    return f"{m.sentences:9} {m.words:5} {m.mean:5.1f} {m.longest:7} {m.ease:6.1f}"


def _as_one(texts: Iterable[str]) -> str:
    return "\n".join(filled(str(text)) for text in texts)


@cache
def explained_terms() -> tuple[str, ...]:
    """Return the words of the dictionary, which stay in a text because they are explained."""
    raw = yaml.safe_load((DEFAULT / "words.yaml").read_text(encoding="utf-8"))["words"]
    return tuple(dict.fromkeys(part for name in raw for part in (name, *name.split("_"))))


def main(arguments: Sequence[str] = ()) -> None:
    """Print the table of all texts of a language, Dutch unless another is named."""
    for line in table(language=arguments[0] if arguments else "nl"):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
