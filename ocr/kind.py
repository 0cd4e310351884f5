"""What kind of letter this is: from the subject, the headings and the running text, in that order of trust."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from briefbrug.knowledge.load import Knowledge
from ocr.clues import sentences
from ocr.lines import Layout, Token, plain
from ocr.sender import load_signals

_SUBJECT = re.compile(r"^(?:(?:betreft|onderwerp|subject|betr\.?|concerning|inzake)\s*:?|(?:re|over)\s*:)(?:\s+|$)")
_GREETED = re.compile(r"^(?:geachte|beste|dear|l\.s\.|hallo|hoi|dag )")
_LABELISH = re.compile(
    r"^(?:datum|uw |ons |kenmerk|telefoon|behandeld|contact|postbus|bijlage|iban|kvk|btw|pagina|blad|bezoekadres|postadres|internet|e-mail|www|tel|\d)"
)


_MONEY_ASKED = re.compile(
    r"verschuldigd|\bu betaalt\b|te betalen|te voldoen|\bbetaal\b|over te maken|overmaken|\bbetalen\b|voldaan|op (?:onze|mijn) rekening|schuld bedraagt"
)
_ASKED_BEFORE = re.compile(
    r"nog open|niet (?:is )?(?:ontvangen|betaald|voldaan)|geen (?:reactie|betaling)|ondanks|schreven (?:wij )?u|herinner|alsnog"
)
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
_IF_NOT = re.compile(
    r"^(?:slaat u|mist u|komt u|stort u|voldoet u|verschijnt u|als|indien|wanneer|mocht|zo niet|anders|bij niet|kunt u (?:dit|dat|het)?|lukt|is [^.]{0,40} te (?:veel|hoog)|wilt u|u (?:kunt|mag) |betalen (?:in|kan)|liever|heeft u liever|blijft|betaalt u (?:dan |weer |later |helemaal )?(?:niet|te laat|later)|doet u|laat u|houdt u|reageert u|ontvangen wij[^.]{0,30} niet|komt er niets|staat[^.]{0,30} niet|gebeurt|voorkom)\b"
    r"|\b(?:sluit|stopt|stoppen|sluiten|volgt|volgen|wordt|worden|komt|komen|krijgt|leggen|nemen|schakelen|dragen|zetten|vervalt|blokkeren|beeindigen|moet|betaalt|gaat|gaan) (?:wij |we |u |er |het |de \w+ )?dan\b"
    r"|\b(?:anders|kan|kunnen|zou(?:den)?|mag|mogen) (?:wij|u|de|het|er|zonder|volgen|leiden)\b|\bdan (?:volgt|krijgt|ontvangt|wordt|worden|kunnen|kan|schakelen|sturen|vragen|dragen|komt|komen|zal|zullen|sluiten|melden|vervalt)\b|zien wij ons genoodzaakt|noodgedwongen"
)
"""Sentences about what may come."""

_PREVENTED = re.compile(
    r"voorkom|te vermijden|vermijd|laatste kans|voor (?:de |een )?dagvaarding|aankondiging (?:van )?(?:een |de )?dagvaarding|dreig(?!ende afsluit)|voordat|\banders\b|in voorbereiding"
)


_UNPAID_SAID = re.compile(
    r"niet (?:op tijd |tijdig |volledig |geheel )?(?:is |zijn |werd |hebben |heeft |kunnen |kon |konden )?(?:afgeschreven|betaald|voldaan|ontvangen|binnen(?:gekomen)?|bijgeschreven|incasseren|innen|afschrijven|gelukt)\b|geen (?:betaling|geld) (?:gezien|ontvangen|binnen)|(?:lukte|lukt) (?:dat |dit |het )?niet|niet gelukt"
    r"|te weinig geld op|(?:staat|staan|stond)\b[^.]{0,30}\bopen\b|nog open\b|openstaande (?:factuur|nota|rekening|post|bedrag|schuld|termijn|huur|premie)|te laat\b(?! betaalt)|missen (?:wij|we)|misten (?:wij|we)|(?:te ver|ongeoorloofd) (?:rood|in het rood)|[0-9] rood\b|meer dan de afgesproken|betalingsachterstand|achterstallig"
)


def may_come(sentence: str) -> bool:
    """Return whether a sentence (plain, with marks) speaks of what may come, not of what has happened."""
    return bool(_IF_NOT.search(sentence))


FAINT = 0.3
"""Score under which nothing on the paper tells the kind."""

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


_SPACED = re.compile(
    r"(gerechtelijke|betekening|vonnis|verstek|dagvaarding|dwangbevel|bevel|ontruiming|aanzegging|beslag|exploot|aanmaning|sommatie|herinnering|factuur|nota|beschikking|besluit|beslissing)"
)


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
    return found


def find_kind(layout: Layout, sender: str | None, knowledge: Knowledge) -> KindSeen | None:
    """Return the most likely kind of letter; None when nothing on the paper tells."""
    signals = load_signals()["kinds"]
    scores: dict[str, float] = defaultdict(float)
    proofs: dict[str, tuple[float, tuple[Token, ...]]] = {}
    titled: set[str] = set()
    for weight, text, tokens in _titles(layout):
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
            prevented = kind in THREATENED and _PREVENTED.search(text) is not None
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
    body = ". ".join(" ".join(plain(p.text) for p in flow) for flow in layout.flows)[:40_000]
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
    _stages(scores, sender, body, happened, titled)
    if max(scores.values(), default=0.0) < FAINT and _MONEY_ASKED.search(body):
        # Somebody asks for money and says no more: a bill, or its reminder, surely unsure.
        collector = sender in {"incassobureau", "gerechtsdeurwaarder"}
        scores["incasso" if collector else "herinnering" if _ASKED_BEFORE.search(body) else "factuur"] = 1.0
    ranking = sorted(((k, s) for k, s in scores.items() if k in knowledge.kinds), key=lambda item: -item[1])
    if not ranking or ranking[0][1] < FAINT:
        return None
    best, score = ranking[0]
    margin = score - (ranking[1][1] if len(ranking) > 1 else 0.0)
    tokens = proofs.get(best, (0.0, ()))[1] or _proof(layout, best)
    return KindSeen(best, tokens, score, margin, best in titled, tuple(ranking[:5]))


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
    if sender == "reclame":
        scores["reclame"] += 4
    if re.search(r"aan de bewoners? van", body) and re.search(
        r"actiecode|aanbod|korting|gratis|profiteer|actie\b", body
    ):
        scores["reclame"] += 12
    if sender in {"incassobureau", "gerechtsdeurwaarder"}:
        for kind in ("factuur", "herinnering", "veertiendagenbrief"):
            scores[kind] -= 2
        if "aanmaning" not in body[:900]:
            scores["incasso"] = max(scores["incasso"], scores["aanmaning"])
            scores["aanmaning"] -= 6
    if sender in {"dienst_toeslagen", "svb", "uwv"} and scores.get("afsluiting", 0.0) > 0:
        # Who pays a benefit and stops it decides; nothing is cut off.
        scores["beschikking"] = max(scores["beschikking"], scores["afsluiting"])
        scores["afsluiting"] -= 8
        if "afsluiting" in titled:
            titled.add("beschikking")
    if sender in {"svb", "uwv", "gemeente", "dienst_toeslagen", "duo"}:
        if "bezwaar" in body and not re.search(
            r"bezwaarschrift[^.]{0,30}ontvangen|hoorzitting|terug ?(?:te )?(?:betal|vorder)|boete|maatregel", body
        ):
            scores["beschikking"] += 3
        if re.search(
            r"maken (?:wij|we)[^.]{0,60} over\b|(?:uw|de) (?:aow|uitkering|bijstand|kinderbijslag)[^.]{0,30}(?:betalen|storten) (?:wij|we)",
            body,
        ):
            scores["informatie"] += 5
            scores["factuur"] -= 7
    if sender == "dienst_toeslagen" and re.search(r"krijgt u[^.]{0,60}(?:toeslag|budget|per maand)", body):
        scores["beschikking"] += 5
    if scores.get("terugvordering", 0.0) >= 8 and re.search(
        r"vorder(?:en|t)? (?:wij|we|ik)?[^.]{0,40}\bterug\b|terug ?(?:te )?betalen|terugbetaalt", body
    ):
        scores["beschikking"] -= 5  # a decision to claim back is named after what it claims
    if sender == "bank":
        scores["factuur"] -= 5  # its "rekening" is an account
    if (
        sender == "belastingdienst"
        and re.search(
            r"aangifte[^.]{0,40}(?:niet|nog)|\bdoe (?:nu |alsnog |uw |de |eerst )*aangifte|nog geen aangifte", body
        )
        and "dwangbevel" not in body
    ):
        scores["informatieverzoek"] += 26
    if not re.search(r"incassokosten|buitengerechtelijk|invorderingskosten|kosten|costs", body):
        # The law's last free reminder names the costs that follow.
        scores["veertiendagenbrief"] -= 8
    if (
        sender == "lbio"
        and re.search(r"\bint\b|innen|inning", body)
        and re.search(r"(?:hebben|heeft)[^.]{0,40}overgenomen|\bvoortaan\b|niet meer aan (?:haar|hem)", happened)
    ):
        scores["incasso"] += 6
    if sender == "cjib" and re.search(r"sanctie|gedraging|overtreding|te hard|geparkeerd|verkeersboete", body):
        # The bill of a traffic fine is headed "beschikking".
        scores["boete"] += 0 if re.search(r"aanmaning|dwangbevel|verhaal|gijzel|regeling", body) else 13
    if (
        sender == "rechtbank"
        and re.search(r"opgeroepen|oproep", body)
        and re.search(r"gedaagde|eiser|vordering|tegen u\b|in de zaak tegen|\bantwoorden\b", body)
    ):
        if not re.search(
            r"verkeersboete|officier van justitie|getuige|gijzel|verzoekschrift van u|mondelinge behandeling|gehoord",
            body,
        ):
            scores["dagvaarding"] += 8
            scores["uitnodiging"] -= 8
    if sender == "rechtbank" and re.search(r"in naam van de koning|rechtdoende|veroordeelt|gewezen door", body):
        scores["vonnis"] += 5
        if re.search(r"veroordeelt|wijst[^.]{0,40}af|vonnis (?:bij|van|gewezen)", body):
            scores["vonnis"] += 8
            scores["dagvaarding"] -= 8
    if "exploot" in body and re.search(r"heb ik,", body):
        if re.search(r"gedagvaard|dagvaard|te verschijnen", body):
            scores["dagvaarding"] += 5
        if re.search(r"ontruimen|ontruiming", body) and not re.search(r"gedagvaard", body):
            scores["ontruiming"] += 4
