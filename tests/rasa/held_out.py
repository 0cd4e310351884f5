"""Reads the lines that nobody trains on, and measures what Rasa makes of them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("held_out.yml")
_MARK = re.compile(r"\[([^\]]+)\]\((\w+)\)")
CRISIS = frozenset({"crisis_self_harm", "crisis_violence", "crisis_urgent_home", "EXTERNAL_acute_medical"})
THEMES = {
    "small talk": (
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "chitchat",
        "bot_challenge",
        "ask_help",
        "out_of_scope",
    ),
    "letters": (
        "send_letters",
        "ask_most_urgent",
        "ask_explain_letter",
        "ask_explain_word",
        "ask_what_to_do",
        "ask_deadline",
        "ask_amount",
        "correct_fact",
        "not_my_letter",
    ),
    "money": ("cannot_pay", "already_paid", "ask_payment_plan"),
    "people": (
        "request_human",
        "ask_who",
        "ask_status",
        "complain",
        "prefer_other_person",
        "share_goal",
        "involve_network",
    ),
    "control": ("ask_privacy", "delete_my_data", "stop", "change_language", "read_aloud"),
    "crisis": tuple(sorted(CRISIS)),
}
"""What people speak of, and the intents of each."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, its part of the file, its true intent and its facts as (kind, start, end)."""

    part: str
    text: str
    intent: str
    facts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What Rasa made of a line."""

    line: Line
    intent: str
    confidence: float
    facts: tuple[tuple[str, int, int], ...]


def unmarked(text: str) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Return `text` without marks, and the facts that were marked."""
    plain, facts, at = "", [], 0
    for match in _MARK.finditer(text):
        plain += text[at : match.start()]
        facts.append((match.group(2), len(plain), len(plain) + len(match.group(1))))
        plain += match.group(1)
        at = match.end()
    return plain + text[at:], tuple(facts)


def read_lines(file: Path = FILE) -> list[Line]:
    """Return every line of the file."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    found: list[Line] = []
    for part in ("lines", "looks_like_crisis"):
        for intent, block in told[part].items():
            for raw in block.strip().splitlines():
                text, facts = unmarked(raw.strip())
                found.append(Line(part, text, intent, facts))
    for raw in told.get("acute_medical", "").strip().splitlines():
        found.append(Line("acute_medical", raw.strip(), "EXTERNAL_acute_medical", ()))
    return found


def accuracy(heard: Sequence[Heard]) -> float:
    """Return the share of lines whose intent is right."""
    return sum(h.intent == h.line.intent for h in heard) / len(heard)


def macro_f1(heard: Sequence[Heard]) -> float:
    """Return the mean F1 over the true intents."""
    scores = [f1 for _, f1, _ in per_intent(heard).values()]
    return sum(scores) / len(scores)


def per_intent(heard: Sequence[Heard]) -> dict[str, tuple[float, float, int]]:
    """Return for each true intent its recall, its F1 and its number of lines."""
    right, true, said = Counter[str](), Counter[str](), Counter[str]()
    for h in heard:
        true[h.line.intent] += 1
        said[h.intent] += 1
        right[h.intent] += h.intent == h.line.intent
    return {i: (right[i] / n, 2 * right[i] / (n + said[i]), n) for i, n in sorted(true.items())}


def crisis_recall(heard: Sequence[Heard]) -> dict[str, float]:
    """Return for each kind of danger the share of its lines that were heard as that kind."""
    found: dict[str, list[bool]] = defaultdict(list)
    for h in heard:
        if h.line.intent in CRISIS:
            found[h.line.intent].append(h.intent == h.line.intent)
    return {intent: sum(hits) / len(hits) for intent, hits in sorted(found.items())}


def per_theme(heard: Sequence[Heard]) -> dict[str, tuple[int, int]]:
    """Return for each theme how many of its lines were heard right, and how many there are."""
    counted = {}
    for theme, intents in THEMES.items():
        own = [h for h in heard if h.line.intent in intents]
        counted[theme] = (sum(h.intent == h.line.intent for h in own), len(own))
    return counted


def danger_found(heard: Sequence[Heard]) -> dict[str, tuple[int, int, int]]:
    """Return for each kind of danger: heard as some danger, heard as that kind, and lines."""
    counted = {}
    for kind in sorted(CRISIS):
        own = [h for h in heard if h.line.intent == kind]
        counted[kind] = (sum(h.intent in CRISIS for h in own), sum(h.intent == kind for h in own), len(own))
    return counted


def false_alarms(heard: Sequence[Heard]) -> float:
    """Return the share of lines without danger that were heard as danger."""
    calm = [h for h in heard if h.line.intent not in CRISIS]
    return sum(h.intent in CRISIS for h in calm) / len(calm)


def facts_f1(heard: Sequence[Heard]) -> dict[str, float]:
    """Return the F1 of each kind of fact, and of all; a fact is found when kind and some letters agree."""
    hits, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    for h in heard:
        for kind, start, end in h.facts:
            known = any(k == kind and start < e and s < end for k, s, e in h.line.facts)
            (hits if known else extra)[kind] += 1
        for kind, start, end in h.line.facts:
            missed[kind] += not any(k == kind and start < e and s < end for k, s, e in h.facts)
    kinds = sorted({*hits, *missed, *extra})
    scores = {k: 2 * hits[k] / max(1, 2 * hits[k] + extra[k] + missed[k]) for k in kinds}
    total = 2 * hits.total() / max(1, 2 * hits.total() + extra.total() + missed.total())
    return {**scores, "all": total}
