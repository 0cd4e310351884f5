"""What kind of letter this is: from the subject, the headings and the running text, in that order of trust."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from briefbrug.knowledge.load import Knowledge
from ocr.clues import sentences
from ocr.cues import cues
from ocr.likeness import likeness
from ocr.lines import Layout, Piece, Token, plain
from ocr.sender import Signal, load_signals

_CUES = cues("kinds")

_THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}\b)")
_SUBJECT = _CUES.phrases["subject"]
_GREETED = _CUES.phrases["salutation"]
_LABELISH = _CUES.phrases["no_heading"]
_NO_SUBJECT = _CUES.phrases["no_subject"]


_MONEY_ASKED = _CUES.phrases["money_asked"]
_ASKED_BEFORE = _CUES.phrases["asked_before"]
DEBTS = frozenset({"factuur", "boete", "aanslag", "terugvordering", "beschikking"})
"""What a debt is; the letters that follow name it too."""
STEPS = frozenset(
    {
        "herinnering",
        "aanmaning",
        "veertiendagenbrief",
        "incasso",
        "dwangbevel",
        "beslag",
        "betalingsregeling",
        "afsluiting",
    }
)
"""What a creditor does about a debt."""
THREATENED = frozenset(
    {
        "incasso",
        "dagvaarding",
        "vonnis",
        "ontruiming",
        "dwangbevel",
        "beslag",
        "afsluiting",
        "boete",
        "betalingsregeling",
    }
)
"""Kinds that letters of another kind threaten with or offer: only what has happened speaks for them."""
_IF_NOT = _CUES.phrases["may_come"]

_PREVENTED = _CUES.phrases["prevented"]
_OTHERWISE = _CUES.phrases["otherwise"]


_UNPAID_SAID = _CUES.phrases["unpaid"]


def _said(name: str, text: str) -> bool:
    """Return whether a phrase of `cues/kinds.yaml` stands in a text (plain)."""
    return _CUES.phrases[name].search(text) is not None


def may_come(sentence: str) -> bool:
    """Return whether a sentence (plain, with marks) speaks of what may come, not of what has happened."""
    return bool(_IF_NOT.search(sentence))


FAINT = 0.3
"""Score under which nothing on the paper tells the kind."""

READ_WELL = 88.0
"""Mean confidence of a letter's words from which what was not seen is rightly said not to be there."""
LONG_ENOUGH = 150
"""Letters of plain text from which a letter says enough to say that it asks for nothing."""

LIKELY = 0.15
"""Chance by likeness from which it tells a kind where the rules are silent."""
VOTE = 8.0
"""What the likeness counts beside the rules, for each factor e of its chance (on 439 letters that neither knew 401 were right
with 8, 386 with 2, 396 with the likeness alone)."""

STRONG_TITLE = 5
"""Weight from which a word in the subject names the kind; weaker ones ("achterstand") only hint at it."""


@dataclass(frozen=True, slots=True)
class KindSeen:
    """The kind: its code, the words that prove it, its score and the distance to the next."""

    kind: str
    tokens: tuple[Token, ...]
    score: float
    margin: float
    titled: bool
    ranking: tuple[tuple[str, float], ...] = ()
    alike: bool = False
    """Whether letters that are known to be of this kind have most in common with it, too (`ocr/likeness.py`)."""
    chance: float = 0.0
    """How likely those letters make it."""


_SPACED = _CUES.phrases["spaced_heading"]


def _closed_up(text: str) -> str:
    """Return a heading printed with blanks between its letters ("V O N N I S") as words."""
    parts = text.split()
    if len(parts) < 6 or sum(len(p) <= 2 for p in parts) < 0.8 * len(parts):
        return text
    return " ".join(_SPACED.sub(r" \1 ", "".join(parts)).split())


def _titles(layout: Layout) -> list[tuple[float, str, tuple[Token, ...]]]:
    """Return the lines that say what the letter is about, each with its weight."""
    found: list[tuple[float, str, tuple[Token, ...]]] = []
    texts = [len(p.text) for row in layout.rows for p in row]
    if not texts:
        return found
    greeted = [row[0].y0 for row in layout.rows if row[0].page == 0 and any(_GREETED.match(plain(p.text)) for p in row)]
    flow_of = {p.tokens[0].index: f for f in layout.flows for p in f}
    for row in layout.rows:
        for place, piece in enumerate(row):
            if piece.page > 0 and len(layout.tops) > 1 and layout.depth(piece) > 0.25:
                continue
            text = _closed_up(plain(piece.text))
            if piece.page == 0 and (match := _SUBJECT.match(text)):
                rest = text[match.end() :].strip()
                tokens = piece.tokens
                if not rest and place + 1 < len(row):
                    rest, tokens = plain(row[place + 1].text), row[place + 1].tokens
                if not rest:
                    flow = flow_of.get(piece.tokens[0].index, ())
                    after = [p for p in flow if p.y0 > piece.y0]
                    if after:
                        rest, tokens = plain(after[0].text), after[0].tokens
                if rest and layout.depth(piece) < 0.6:
                    found.append((2.2, rest, tokens))
                    continue
            if len(text.split()) > 9 or _LABELISH.match(text) or text.endswith((",", ";")):
                continue
            flow = flow_of.get(next(iter(piece.tokens)).index, (piece,))
            depth = layout.depth(piece)
            alone = len(flow) <= 2
            below = bool(greeted) and piece.y0 > greeted[0]
            big = piece.height > 1.22 * layout.text_height
            if piece.page == 0 and depth < 0.62 and (alone or big):
                weight = 1.0 + (0.7 if big else 0.0) - (0.4 if depth < 0.12 and not big else 0.0)
                if text.endswith(".") and not big:
                    weight -= 0.6
                if below and not big and (text.endswith(".") or len(flow) > 1):
                    weight *= 0.5
                if layout.across(piece) > 0.55 and not big:
                    weight -= 0.4
                found.append((weight, text, piece.tokens))
            elif piece.page == 0 and piece.text.isupper() and len(text) > 5:
                found.append((1.2, text, piece.tokens))
    if subject := _above_salutation(layout):
        found.append((1.7, plain(" ".join(p.text for p in subject)), tuple(t for p in subject for t in p.tokens)))
    return found


def _above_salutation(layout: Layout) -> tuple[Piece, ...]:
    """Return the line, or the two lines, right above the salutation: where a letter names its subject without a label."""
    rows = [row for row in layout.rows if row[0].page == 0]
    place = next((n for n, row in enumerate(rows) if any(_GREETED.match(plain(p.text)) for p in row)), None)
    if place is None:
        return ()
    below = next(p for p in rows[place] if _GREETED.match(plain(p.text)))
    lines: list[Piece] = []
    for row in reversed(rows[max(0, place - 3) : place]):
        piece = next((p for p in row if abs(p.x0 - below.x0) < 1.5 * below.height), None)
        gap = below.y0 - piece.y1 if piece is not None else 0.0
        if piece is None or len(row) > 1 or gap > (1.0 if lines else 5.0) * below.height:
            break
        text = plain(piece.text)
        if _LABELISH.match(text) or _NO_SUBJECT.search(text) or len(text.split()) > 14:
            break
        if lines and abs(piece.height - lines[0].height) > 0.2 * lines[0].height:
            break
        lines.insert(0, piece)
        below = piece
        if len(lines) == 2:
            break
    return tuple(lines)


def _body(layout: Layout) -> str:
    """Return the running text, plain, its parts as sentences."""
    body = ". ".join(" ".join(plain(p.text) for p in flow) for flow in layout.flows)[:40_000]
    return _THOUSANDS.sub("", body)  # "€ 1.320" does not end a sentence


def seen_words(layout: Layout) -> tuple[str, list[tuple[float, str]]]:
    """Return what letters of one kind are compared by: the running text, and the titles with their weights."""
    return _body(layout), [(weight, text) for weight, text, _ in _titles(layout)]


def find_kind(layout: Layout, sender: str | None, knowledge: Knowledge, name: str = "") -> KindSeen | None:
    """Return the most likely kind of letter; None when nothing on the paper tells.

    Args:
        layout: the letter.
        sender: code of the sender, None when unknown.
        knowledge: which kinds a sender writes.
        name: the sender's name as printed: "Credo Incasso" in the letterhead says nothing of the kind.
    """
    signals = load_signals()["kinds"]
    scores: dict[str, float] = defaultdict(float)
    proofs: dict[str, tuple[float, tuple[Token, ...]]] = {}
    titled: set[str] = set()
    own = plain(name)
    titles = _titles(layout)
    for weight, text, tokens in titles:
        if own and (text in own or (own in text and len(text) < len(own) + 8)):
            continue
        named = {
            kind: max(signal.weight for signal in hits)
            for kind, places in signals.items()
            if (hits := [signal for signal in places.get("title", ()) if signal.pattern.search(text)])
        }
        stepped = any(kind in STEPS and points >= STRONG_TITLE for kind, points in named.items())
        for kind, most in named.items():
            # "Herinnering factuur", "aanmaning verkeersboete": the step says what the letter is, the debt only what for.
            points = weight * most * (0.5 if stepped and kind in DEBTS else 1.0)
            # "Voorkom dat uw contract stopt": what is to be prevented has not come yet.
            prevented = kind in THREATENED and _prevented(text, signals[kind].get("title", ()))
            points *= 0.35 if prevented else 1.0
            if points > proofs.get(kind, (0.0, ()))[0]:
                proofs[kind] = (points, tokens)
            if most >= STRONG_TITLE and not prevented and not (stepped and kind in DEBTS):
                titled.add(kind)
    for kind, (points, _) in proofs.items():
        scores[kind] += points
    if titled & STEPS:
        # "Herinnering terugbetalen": the step is what this letter is, whatever the text says of the debt.
        for kind in DEBTS - titled:
            scores[kind] -= 5
    body = _body(layout)
    happened = ". ".join(one for _, one in sentences(body) if not _IF_NOT.search(one))
    for kind, places in signals.items():
        said = happened if kind in THREATENED else body
        for signal in places.get("body", ()):
            hits = len(signal.pattern.findall(said))
            if hits:
                scores[kind] += signal.weight * (1.0 if hits == 1 else 1.4 if hits == 2 else 1.7)
        for signal in places.get("not", ()):
            if signal.pattern.search(body):
                scores[kind] -= signal.weight
    if sender is not None:
        known = {c.kind for c in knowledge.combinations.values() if c.sender == sender}
        for kind in list(scores):
            scores[kind] += 1.5 if kind in known else -2.0
    if _UNPAID_SAID.search(happened):
        # What was asked before is no first bill any more.
        scores["factuur"] -= 6
        scores["herinnering"] += 3
        if "aanslag" in scores and not _said("parked", body):
            scores["aanslag"] -= 18  # "Aanslag 26.610.404" heads what follows on it, too
        if "informatie" in scores:
            scores["informatie"] -= 5
    _stages(scores, sender, body, happened, titled)
    if max(scores.values(), default=0.0) < FAINT and _MONEY_ASKED.search(body):
        # Somebody asks for money and says no more: a bill, or its reminder, surely unsure.
        collector = sender in {"incassobureau", "gerechtsdeurwaarder"}
        scores["incasso" if collector else "herinnering" if _ASKED_BEFORE.search(body) else "factuur"] = 1.0
    elif max(scores.values(), default=0.0) < FAINT and _is_calm(layout, body):
        scores["informatie"] = 1.0  # it tells something and asks for nothing
    chances = likeness().chances(body, [(weight, text) for weight, text, _ in titles], sender)
    ruled = max(scores, key=lambda kind: scores[kind], default="")
    alike = max(chances, key=lambda kind: chances[kind])
    if (not ruled or scores[ruled] < FAINT) and chances[alike] < LIKELY:
        return None
    for kind, chance in chances.items():
        scores[kind] += VOTE * math.log(max(chance, 1e-6))
    ranking = sorted(((k, s) for k, s in scores.items() if k in knowledge.kinds), key=lambda item: -item[1])
    best, score = ranking[0]
    margin = score - (ranking[1][1] if len(ranking) > 1 else 0.0)
    tokens = proofs.get(best, (0.0, ()))[1] or _proof(layout, best)
    return KindSeen(
        best, tokens, score, margin, best in titled, tuple(ranking[:5]), best == ruled == alike, chances[best]
    )


def _is_calm(layout: Layout, body: str) -> bool:
    """Return whether a letter that was read well has none of the words of an order, a term or a threat."""
    known = [t.confidence for row in layout.rows for p in row for t in p.tokens]
    read_well = layout.digital or (bool(known) and sum(known) / len(known) >= READ_WELL)
    return read_well and len(body) > LONG_ENOUGH and not _said("anything_asked", body)


def _prevented(title: str, signals: Sequence[Signal]) -> bool:
    """Return whether a heading names what is to be prevented; "Dwangbevel: betaal nu, anders ..." is what has come."""
    if _PREVENTED.search(title):
        return True
    otherwise = _OTHERWISE.search(title)
    return otherwise is not None and not any(signal.pattern.search(title[: otherwise.start()]) for signal in signals)


def _proof(layout: Layout, kind: str) -> tuple[Token, ...]:
    """Return the first line of running text that speaks for `kind`."""
    places = load_signals()["kinds"][kind]
    for row in layout.rows:
        for piece in row:
            for signal in (*places.get("title", ()), *places.get("body", ())):
                if signal.pattern.search(plain(piece.text)):
                    return piece.tokens
    return ()


def _stages(scores: dict[str, float], sender: str | None, body: str, happened: str, titled: set[str]) -> None:
    """Set right what one word list cannot tell: the stage in the chain, and who may write what."""
    for pattern, (where, senders, points) in _CUES.rows["stages"]:
        if (not senders or sender in senders.split()) and pattern.search(happened if where == "happened" else body):
            for kind, more in points.items():
                scores[kind] += more
    if _UNPAID_SAID.search(happened) and sender != "gemeente" and "uitnodiging" not in titled:
        scores["uitnodiging"] -= 6  # "kom langs" about a debt is an offer of help
    if sender == "reclame":
        scores["reclame"] += 4
    if _said("to_residents", body) and _said("offer", body):
        scores["reclame"] += 12
    if sender in {"incassobureau", "gerechtsdeurwaarder"}:
        for kind in ("factuur", "herinnering", "veertiendagenbrief"):
            scores[kind] -= 2
        # What a bailiff demands before a court comes with costs, whatever it is called.
        if sender == "gerechtsdeurwaarder" or "aanmaning" not in body[:900]:
            scores["incasso"] = max(scores["incasso"], scores["aanmaning"])
            scores["aanmaning"] -= 6
    pays = sender in {"dienst_toeslagen", "svb", "uwv"} or (sender in {"gemeente", "duo"} and _said("benefit", body))
    if pays and scores.get("afsluiting", 0.0) > 0:
        # Who pays a benefit and stops it decides; nothing is cut off.
        scores["beschikking"] = max(scores["beschikking"], scores["afsluiting"])
        scores["afsluiting"] -= 8
        if "afsluiting" in titled:
            titled.add("beschikking")
    if sender in {"svb", "uwv", "gemeente", "dienst_toeslagen", "duo"}:
        if "bezwaar" in body and not _said("objection_or_fine", body):
            scores["beschikking"] += 3
        if _said("paid_out", body):
            scores["informatie"] += 5
            scores["factuur"] -= 7
    if sender == "dienst_toeslagen" and _said("allowance", body):
        scores["beschikking"] += 5
    if scores.get("terugvordering", 0.0) >= 8 and _said("claimed_back", body):
        scores["beschikking"] -= 5  # a decision to claim back is named after what it claims
    if sender == "bank":
        scores["factuur"] -= 5  # its "rekening" is an account
    if sender == "belastingdienst" and _said("return_missing", body) and "dwangbevel" not in body:
        scores["informatieverzoek"] += 26
    if not _said("costs", body):
        # The law's last free reminder names the costs that follow.
        scores["veertiendagenbrief"] -= 8
    if sender == "lbio" and _said("collecting", body) and _said("taken_over", happened):
        scores["incasso"] += 6
    if sender == "cjib" and _said("traffic_fine", body):
        # The bill of a traffic fine is headed "beschikking".
        scores["boete"] += 0 if _said("after_the_fine", body) else 13
    if sender == "rechtbank" and _said("summoned", body) and _said("civil_case", body):
        if not _said("other_case", body):
            scores["dagvaarding"] += 8
            scores["uitnodiging"] -= 8
    if sender == "rechtbank" and _said("court_speaks", body):
        scores["vonnis"] += 5
        if _said("court_decides", body):
            scores["vonnis"] += 8
            scores["dagvaarding"] -= 8
    if "exploot" in body and _said("bailiff_did", body):
        if _said("summons", body):
            scores["dagvaarding"] += 5
        if _said("eviction", body) and not _said("in_court", body):
            scores["ontruiming"] += 4
