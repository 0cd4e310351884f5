"""Who sends this letter: told apart from everybody who is only named in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml

from briefbrug.knowledge.load import Knowledge, Sender
from briefbrug.letter import UNKNOWN_SENDER
from ocr.cues import cues
from ocr.lines import Layout, Piece, Token, label_above, plain

_CUES = cues("senders")

SIGNALS = Path(__file__).parent / "signals.yaml"


@dataclass(frozen=True, slots=True)
class Signal:
    """A pattern on plain text and what it weighs."""

    pattern: re.Pattern[str]
    weight: float


@lru_cache(maxsize=1)
def load_signals() -> dict[str, dict[str, dict[str, tuple[Signal, ...]]]]:
    """Return the signals of signals.yaml: group ("senders", "kinds"), id, place, patterns."""
    raw = cast(dict[str, Any], yaml.safe_load(SIGNALS.read_text(encoding="utf-8")))
    return {
        group: {
            name: {
                place: tuple(Signal(re.compile(str(p)), float(w)) for p, w in rows) for place, rows in places.items()
            }
            for name, places in raw[group].items()
        }
        for group in ("senders", "kinds")
    }


_COMMON = _CUES.words["common"]

_NEVER = _CUES.words["never"]
_NOT_IN_NAME = _CUES.phrases["not_in_name"]


@dataclass(frozen=True, slots=True)
class _Names:
    exact: tuple[tuple[re.Pattern[str], str, str, bool], ...]
    """pattern, sender, the name, whether it is a common word"""
    begins: tuple[str, ...]
    """for each of these what stands in small letters on every letter that has it: its first word, or first letter"""
    domains: Mapping[str, str]


def _name_forms(sender: Sender) -> list[str]:
    forms: list[str] = []
    for raw in (*sender.official, *sender.variants, *sender.names):
        cleaned = _NOT_IN_NAME.sub("", raw).strip()
        inner = re.search(r"\(([A-Za-z]{3,8})\)", cleaned)
        if inner:
            forms.append(inner.group(1))
            cleaned = re.sub(r"\s*\([^)]*\)", "", cleaned)
        cleaned = re.sub(r"\s*\([^)]*\)", "", cleaned)
        if (
            ";" in cleaned
            or " / " in cleaned
            or "…" in cleaned
            or len(cleaned) < 2
            or len(cleaned) > 60
            or " in the " in cleaned
        ):
            continue
        forms.append(cleaned)
    return forms


@lru_cache(maxsize=4)
def _names_of(key: int, holder: _Holder) -> _Names:
    exact: list[tuple[re.Pattern[str], str, str, bool]] = []
    begins: list[str] = []
    domains: dict[str, str] = {}
    for sender in holder.knowledge.senders.values():
        if sender.id in {UNKNOWN_SENDER, "reclame"}:
            continue
        for name in dict.fromkeys(_name_forms(sender)):
            form = plain(name)
            if form in _NEVER or len(form) < 2:
                continue
            common = form in _COMMON or len(form) <= 3
            if common and name.isupper() and len(name) >= 2 and form not in {"om", "ben"}:
                # An acronym in capitals is no common word: it is looked for as printed, or with its letters apart ("UW V").
                printed = " ?".join(name) if name.isalpha() and len(name) > 2 else re.escape(name)
                exact.append((re.compile(r"(?<![\w@.])" + printed + r"(?![\w])"), sender.id, name, True))
                begins.append(form[0])
                continue
            pattern = re.compile(r"(?<![\w@.])" + re.escape(form).replace(r"\ ", r"[ -]?") + r"(?![\w])")
            exact.append((pattern, sender.id, name, common))
            begins.append(form.split(" ")[0])
        for domain in sender.domains:
            bare = plain(domain).split(" ")[0].split("/")[0]
            if "." in bare:
                domains[bare] = "dienst_toeslagen" if "toeslagen" in plain(domain) else sender.id
    return _Names(tuple(exact), tuple(begins), domains)


class _Holder:
    """Lets the names of one knowledge be computed once, by identity."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return id(self.knowledge)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.knowledge is self.knowledge


@dataclass(frozen=True, slots=True)
class SenderSeen:
    """The sender: code of the knowledge, name as printed, the words that prove it, and the scores of the rivals."""

    sender: str
    name: str
    tokens: tuple[Token, ...]
    score: float
    margin: float
    places: int
    """In how many separate places (letterhead, signature, foot, web address, payee) it names itself."""
    ranking: tuple[tuple[str, float], ...] = ()
    lead: float = 0.0
    """How far known letters and names together put it before the next, in factors e (`sent_by.py`); 0 when they differ."""


_STREET = _CUES.phrases["street"]
_GREETING = _CUES.phrases["closing"]
_SALUTATION = _CUES.phrases["salutation"]
_ADDRESSEE = _CUES.phrases["addressee"]
_URL = re.compile(
    r"(?:https?://|www\.)?(?:[a-z0-9.\-]+@)?((?:[a-z0-9\-]+\.)+(?:nl|com|org|eu|net|info|frl|amsterdam))\b"
)
LONGEST_WORD = 80
"""Letters from which a word without blanks is no name, street or web address; those are at most 63 between two dots."""
_ENDLESS = re.compile(rf"\S{{{LONGEST_WORD},}}")
_PAYEE = _CUES.phrases["payee"]
_OTHERS = _CUES.phrases["named_for_help"]
_BEHALF = _CUES.phrases["on_behalf"]
_OTHER_INSURANCE = _CUES.phrases["other_insurance"]
_SHARED_ROOF = _CUES.phrases["shared_roof"]
_CARE_INSURANCE = _CUES.phrases["care_insurance"]
_BAILIFF_ACTS = _CUES.phrases["bailiff_acts"]
_LABEL_OF_OTHER = _CUES.phrases["label_of_other"]
_CLIENT = _CUES.phrases["client"]
_TO_RESIDENTS = _CUES.phrases["to_residents"]
_ADVERTISING = _CUES.phrases["advertising"]
_OFFER = _CUES.phrases["offer"]
_RETURN_LINE = _CUES.phrases["return_line"]
_SUBJECT_LABEL = _CUES.phrases["subject_label"]


def _zone(layout: Layout, row: Sequence[Piece], piece: Piece, signed: bool, salutation: float) -> tuple[str, float]:
    depth = layout.depth(piece)
    if signed:
        return "signature", 0.9
    if piece.page == 0 and depth < min(0.16, salutation):
        return "head", 1.0
    if _RETURN_LINE.search(plain(piece.text)[:14]):
        return "retour", 0.8
    if depth > 0.93:
        return "foot", 0.8
    if piece.page == 0 and depth < min(0.42, salutation):
        return ("aside", 0.75) if layout.across(piece) > 0.5 else ("address", 0.6)
    return "body", 0.12


def find_sender(layout: Layout, knowledge: Knowledge, ibans: Sequence[str] = ()) -> SenderSeen | None:
    """Return the most likely sender; None when nothing on the paper tells."""
    names = _names_of(id(knowledge), _Holder(knowledge))
    signals = load_signals()["senders"]
    scores: dict[str, float] = defaultdict(float)
    zones: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    proofs: dict[str, list[tuple[float, str, tuple[Token, ...]]]] = defaultdict(list)

    def add(
        sender: str,
        zone: str,
        points: float,
        piece: Piece | None = None,
        span: tuple[int, int] | None = None,
        name: str = "",
    ) -> None:
        zones[sender][zone] = max(zones[sender][zone], points) if zone != "body" else zones[sender][zone] + points
        if piece is not None and span is not None and zone != "body":
            tokens = _tokens_in(piece, *span)
            if tokens:
                proofs[sender].append((points, name or " ".join(t.text for t in tokens), tokens))

    salutation = 1.0
    for row in layout.rows:
        if row[0].page == 0 and any(_SALUTATION.match(plain(p.text)) for p in row):
            salutation = layout.depth(row[0])
            break
    # Hundreds of names and signs, and few of them on one letter: those that stand nowhere on it are not looked for in each
    # line. A sign that means a whole line (^) cannot be told from afar.
    printed = speakable("\n".join(p.text for row in layout.rows for p in row))
    small = plain(printed)
    named = [
        row
        for row, begins in zip(names.exact, names.begins, strict=True)
        if begins in small and row[0].search(printed if row[2].isupper() and row[3] else small)
    ]
    bare = "\n".join(_without_urls(plain(p.text)) for row in layout.rows for p in row)
    heads = [
        (sender, signal)
        for sender, places in signals.items()
        for signal in places.get("head", ())
        if "^" in signal.pattern.pattern or signal.pattern.search(bare)
    ]
    signed_until = -1
    for number, row in enumerate(layout.rows):
        for place, piece in enumerate(row):
            text = plain(piece.text)
            if _GREETING.match(text):
                signed_until = number + 7
            if _ADDRESSEE.match(text) and layout.depth(piece) < 0.4:
                continue
            zone, share = _zone(layout, row, piece, number <= signed_until and not _GREETING.match(text), salutation)
            if zone not in {"signature", "foot"} and _is_subject(row, place):
                zone, share = "body", 0.12
            big = piece.height > 1.25 * layout.text_height
            if zone in {"head", "address", "aside"} and big:
                share += 0.4
            long_line = len(piece.tokens) > 9 and zone in {"head", "address", "aside"} and layout.depth(piece) > 0.1
            if long_line:
                share = min(share, 0.3)
            for pattern, sender, name, common in named:
                acronym = name.isupper() and common
                match = pattern.search(piece.text if acronym else text)
                if not match:
                    continue
                if acronym and zone == "body":
                    continue
                if (
                    common
                    and not acronym
                    and (
                        zone == "body"
                        or match.start() > 0
                        or len(piece.tokens) > 4
                        or not next(iter(piece.tokens)).text[:1].isupper()
                    )
                ):
                    continue
                if common and sender == "energieleverancier" and len(name) <= 4 and len(piece.tokens) > 1:
                    continue
                behalf = _behalf_before(text, match.start()) or _named_by_label(layout, row, place, zone)
                weight = (
                    (5.0 if common and not acronym else 8.0 if acronym else 10.0) * share * (0.15 if behalf else 1.0)
                )
                add(sender, zone, weight, piece, match.span(), name if not common else "")
            for match in _URL.finditer(speakable(text)):
                domain = match.group(1)
                if _OTHERS.search(domain):
                    continue
                bare = ".".join(domain.split(".")[-2:])
                sender = names.domains.get(domain) or names.domains.get(bare)
                if "toeslagen" in text and bare == "belastingdienst.nl":
                    sender = "dienst_toeslagen"
                if sender:
                    add(sender, "web", 9.0 if zone != "body" else 2.5)
                else:
                    for sender, places in signals.items():
                        for signal in places.get("head", ()):
                            if signal.pattern.search(re.sub(r"[.\-]", " ", domain)):
                                add(sender, "web", 0.5 * signal.weight * (1.0 if zone != "body" else 0.6))
            words = _without_urls(text) if zone != "body" else ""
            for sender, signal in heads if words else ():
                match = signal.pattern.search(words)
                if match:
                    behalf = _behalf_before(text, match.start()) or _named_by_label(layout, row, place, zone)
                    add(
                        sender,
                        zone,
                        signal.weight * share * (0.15 if behalf else 1.0),
                        piece,
                        (0, len(text)) if len(piece.tokens) <= 8 else match.span(),
                    )
    body = speakable(" ".join(plain(p.text) for f in layout.flows for p in f))
    for sender, places in signals.items():
        for signal in places.get("body", ()):
            hits = len(signal.pattern.findall(body[:40_000]))
            if hits:
                add(sender, "cues", 0)
                zones[sender]["cues"] += signal.weight * (1.0 if hits == 1 else 1.35 if hits == 2 else 1.6)
    for match in _PAYEE.finditer(body):
        payee = match.group(1)
        for pattern, sender, _, common in names.exact:
            if not common and pattern.search(payee):
                add(sender, "payee", 5.0)
        for sender, places in signals.items():
            for signal in places.get("head", ()):
                if signal.pattern.search(payee):
                    add(sender, "payee", 0.6 * signal.weight)
    for sender in knowledge.senders.values():
        if any(iban in sender.ibans for iban in ibans):
            add(sender.id, "iban", 3.0)
    for sender, places in zones.items():
        scores[sender] = sum(places.values()) - max(0.0, places.get("body", 0.0) - 4.0)
    if scores.get("reclame") and ibans and not _CUES.phrases["offer_only"].search(body):
        scores["reclame"] -= 10  # a bill with an offer below it
    _roles(scores, zones, body)
    ranking = sorted(scores.items(), key=lambda item: -item[1])
    if not ranking or ranking[0][1] < 3.0:
        return None
    best, score = ranking[0]
    if best == "reclame" and score < 6:
        return None
    margin = score - (ranking[1][1] if len(ranking) > 1 else 0.0)
    places_seen = sum(1 for zone, points in zones[best].items() if zone not in {"body", "cues"} and points >= 2.5)
    name, tokens = "", ()
    if proofs[best]:
        _, name, tokens = max(
            proofs[best],
            key=lambda p: (
                round(p[0], 1)
                - ("etour" in p[2][0].text or "etour" in p[2][-1].text or len(p[2]) > 1 and "etour" in p[2][1].text),
                len(p[1]),
                -next(iter(p[2])).index,
            ),
        )
        name = _clean_name(" ".join(t.text for t in tokens)) or name
    return SenderSeen(best, name, tokens, score, margin, places_seen, tuple(ranking[:5]))


def _clean_name(text: str) -> str:
    return _SIGNS_OFF.sub("", text).strip(" ,.;:|-")


def speakable(text: str) -> str:
    """Return text without the words that are longer than any name (`LONGEST_WORD`).

    Patterns of names and addresses walk a word from each of its letters, so that a word of thousands costs its square.
    """
    return _ENDLESS.sub(" ", text)


def _without_urls(text: str) -> str:
    return _STREET.sub(" ", _URL.sub(" ", speakable(text)))


def _behalf_before(text: str, at: int) -> bool:
    """Return whether what stands at `at` is the one for whom the letter is written, or another body that is named."""
    return bool(_BEHALF.search(text[:at]))


def _named_by_label(layout: Layout, row: Sequence[Piece], place: int, zone: str) -> bool:
    """Return whether a label above or beside a piece in the head says that it names another: "Namens", "Schuldeiser"."""
    if zone not in {"head", "address", "aside"}:
        return False
    labels = [label_above(layout, row[place]), *([plain(row[place - 1].text)] if place else [])]
    return any(_LABEL_OF_OTHER.match(label) for label in labels)


def _is_subject(row: Sequence[Piece], place: int) -> bool:
    """Return whether a piece stands behind the label of a subject: "Onderwerp: incasso mislukt" names no bureau."""
    before = plain(row[place - 1].text) if place else ""
    return any(_SUBJECT_LABEL.match(text) for text in (plain(row[place].text), before))


def _tokens_in(piece: Piece, start: int, end: int) -> tuple[Token, ...]:
    out: list[Token] = []
    at = 0
    for token in piece.tokens:
        length = len(plain(token.text))
        if at < end and at + length > start:
            out.append(token)
        at += length + 1
    return tuple(out)


def _roles(scores: dict[str, float], zones: Mapping[str, Mapping[str, float]], body: str) -> None:
    """Set right who sends where two roles meet: bailiff and creditor, bureau and creditor, tax office and municipality."""
    self_named = {
        s: sum(
            p for z, p in zones[s].items() if z in {"head", "retour", "aside", "address", "signature", "foot", "web"}
        )
        for s in zones
    }
    if "zorgverzekeraar" in scores and _OTHER_INSURANCE.search(body) and not _CARE_INSURANCE.search(body):
        scores["zorgverzekeraar"] -= 12  # "Noorderborg Verzekeringen" about a car
        scores["onbekend"] += 6
    loan = _CUES.phrases["loan_bank"].search(body) and not _CUES.phrases["debt_help"].search(body)
    if "gemeente" in scores and "kredietbank" in body and loan:
        scores["gemeente"] -= 8  # "Kredietbank Westhaven" about a loan of its own
        scores["bank"] = scores.get("bank", 0.0) + 4
    if self_named.get("uwv", 0.0) >= 3 and _SHARED_ROOF.search(body):
        scores["gemeente"] = scores.get("gemeente", 0.0) - 10
        scores["uwv"] += 6
    bailiff = scores.get("gerechtsdeurwaarder", 0.0)
    if bailiff and _BAILIFF_ACTS.search(body) and "exploot" in body:
        scores["gerechtsdeurwaarder"] = bailiff + 12
    elif bailiff and self_named.get("gerechtsdeurwaarder", 0.0) < 4:
        scores["gerechtsdeurwaarder"] = bailiff - 6  # only threatened with, or mentioned
    if bailiff and "belastingdeurwaarder" in body and "gerechtsdeurwaarder" not in body:
        scores["gerechtsdeurwaarder"] = bailiff - 20  # the tax office's own bailiff
    bureau = scores.get("incassobureau", 0.0)
    if bureau and self_named.get("incassobureau", 0.0) < 3 and not _CLIENT.search(body):
        scores["incassobureau"] = bureau - 5
    if bureau and self_named.get("gerechtsdeurwaarder", 0.0) >= 6:
        scores["incassobureau"] = bureau - 4
    if bureau and _CUES.phrases["care_bill"].search(body) and not _CUES.phrases["collector_name"].search(body):
        scores["incassobureau"] -= 8
        scores["ziekenhuis_zorgverlener"] = scores.get("ziekenhuis_zorgverlener", 0.0) + 6
    if self_named.get("cjib", 0.0) >= 6 and bureau:
        scores["incassobureau"] = min(scores["incassobureau"], scores["cjib"] - 4)
    if scores.get("lokale_belastingen", 0.0) >= 10 and "gemeente" in scores:
        scores["gemeente"] -= 6
    elif "gemeente" in scores and (taxes := len(_CUES.phrases["local_tax"].findall(body))):
        # The taxes of a municipality come from another desk, also under the municipality's own name.
        level = max(scores.get("lokale_belastingen", 0.0), scores["gemeente"])
        clear = 0 if _CUES.phrases["benefit"].search(body) else 3 if taxes == 1 else 6
        scores["lokale_belastingen"] = level + clear
    if scores.get("dienst_toeslagen", 0.0) and "belastingdienst" in scores:
        if self_named.get("dienst_toeslagen", 0.0) >= 5:
            scores["belastingdienst"] -= 6
    if scores.get("reclame", 0.0) and _ADVERTISING.search(body):
        scores["reclame"] += 18 if _TO_RESIDENTS.search(body) and _OFFER.search(body) else 4


_SIGNS_OFF = _CUES.phrases["signs_off"]
_FOR = _CUES.phrases["for_whom"]
_ARTICLES = _CUES.words["articles"]
_JOINING = _CUES.words["joining"]


def find_creditor(text: str, tokens_from: Callable[[int], Sequence[Token]]) -> tuple[Token, ...]:
    """Return the words that name the one for whom a bailiff or bureau writes; empty when nobody is named.

    Args:
        text: plain text of a run.
        tokens_from: gives the words of that run from a place in `text` on.
    """
    for match in _FOR.finditer(text):
        named: list[Token] = []
        for token in tokens_from(match.end())[:14]:
            word = token.text
            if (
                not named
                and plain(word).strip(" ,:") in _ARTICLES
                and not (word[:1].isupper() and plain(word) == "stichting")
            ):
                continue
            if word[:1].isupper() or (named and plain(word) in _JOINING):
                named.append(token)
            else:
                break
            if word[-1:] in {",", ";", ":"} or (word.endswith(".") and len(word) > 4):
                break
        while named and plain(named[-1].text) in _JOINING:
            named.pop()
        if named and len(named[0].text.strip(" ,.;:")) > 1:
            return tuple(named)
    return ()
