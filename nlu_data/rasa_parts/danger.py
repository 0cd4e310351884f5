"""The second, cautious look: danger that hides in another message, and danger that is only a way of speaking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_parts.wording import clean, sound

DANGER = Path(__file__).resolve().parent.parent / "danger.yml"
# The most pressing first: who cannot breathe needs an ambulance before anything else.
ORDER = ("EXTERNAL_acute_medical", "crisis_self_harm", "crisis_violence", "crisis_urgent_home")
# A sign is believed from this suspicion of the reader of intents on; where it suspects nothing, words only sound so.
SIGN_AT = 0.03
# From this on the reader of intents is believed even where a figure of speech stands in the message too.
SURE_ANYWAY = 0.7
# From this on it is believed where the message speaks of long ago or later, or begins with "nee".
SURE_IN_DOUBT = 0.3
# From this on it is believed even where a danger was denied.
SURE_BEYOND_DENIAL = 0.4
# The reader of intents knows better than a sign which danger it is when it finds another so many times likelier.
OTHER_KIND = 3.0
# What is left for all others where danger comes first, so that it never drowns in "which of these did you mean".
LEFT_BESIDE_DANGER = 0.1
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[.!?;]+")
_NEGATION = re.compile(r" (?:niet|nie|nooit|geen|gin|niks|niets|niemand|not|never|no|nimmer|neit|don't|doesn't) ")
# "niet alleen", "niet vaak", "niet meer veilig": a "niet" that takes nothing back.
_SAYS_NO = re.compile(r" (?:nee|neen|neee|welnee|nope|no|neeh|nei|ach nee|oh nee) ")
_NO_DENIAL = re.compile(
    r" (?:niet|nie|nooit|geen)  (?:alleen|vaak|altijd|elke|zo|normaal|weten|zien|want|durf|meer aan) "
)


@dataclass(frozen=True)
class Sign:
    """One way in which danger is said."""

    intent: str
    pattern: re.Pattern[str]
    is_deniable: bool
    is_now_only: bool
    is_whole: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the second look saw: the danger, if any, and whether dangerous words were denied, a figure or not now."""

    danger: str | None
    was_denied: bool
    was_harmless: bool
    is_doubtful: bool = False


class Danger:
    """The compiled content of danger.yml."""

    def __init__(self, told: dict[str, Any]) -> None:
        """Compile the signs; a word that is missing from `words` stops the start."""
        self._words: dict[str, list[str]] = {name: [clean(str(w)) for w in ws] for name, ws in told["words"].items()}
        self._signs = [
            Sign(
                sign["intent"],
                self._compiled(str(line)),
                bool(sign.get("deniable")),
                bool(sign.get("now_only")),
                bool(sign.get("whole")),
            )
            for sign in told["signs"]
            for line in sign["say"]
        ]
        thoughts = "|".join(re.escape(clean(str(word))) for word in told["thoughts"])
        self._harmless = [self._compiled(str(line), f"(?!(?:{thoughts}) )") for line in told["harmless"]]
        self._far = [self._compiled(str(line)) for line in told["far"]]
        self._near = self._compiled("<nabij>")
        self._not_near = [self._compiled(str(line)) for line in told["not_near"]]
        self._long_ago = [self._compiled(str(line)) for line in told["long_ago"]]
        vocabulary = {w for ws in self._words.values() for phrase in ws for w in phrase.split()}
        for line in [*told["harmless"], *(line for sign in told["signs"] for line in sign["say"])]:
            vocabulary |= set(re.findall(r"[^\W\d_]{4,}", clean(str(line))))
        self._vocabulary = frozenset(vocabulary)
        self._heard: dict[str, str] = {}
        for word in sorted(vocabulary):
            if len(word) >= 5:
                self._heard.setdefault(sound(word), word)

    def _compiled(self, line: str, gap_word: str = "") -> re.Pattern[str]:
        """Return `line` of danger.yml as an expression over " word word . word "."""
        # inside a choice blanks belong to a phrase, outside they divide the elements
        pieces = re.findall(r"\([^)]*\)\??|\S+", clean(line) if "<" not in line else line)
        built = ""
        for piece in pieces:
            if re.fullmatch(r"_\d+", piece):
                built += f"(?:{gap_word}[^ .!?;]+ )" + "{0," + piece[1:] + "}"
            elif piece == "^":
                built += r"(?:(?<=^ )|(?<=[.!?;] ))"
            elif piece == "$":
                built += r"(?:(?=[.!?;])|$)"
            elif piece.startswith("("):
                optional = piece.endswith("?")
                options = [self._element(o.strip()) for o in piece.rstrip("?")[1:-1].split("|")]
                built += "(?:" + "|".join(options) + ")" + ("?" if optional else "")
            else:
                built += self._element(piece)
        return re.compile("(?<= )" + built)

    def _element(self, piece: str) -> str:
        if not piece:
            return ""
        if piece == "$":
            return r"(?:(?=[.!?;])|$)"
        if piece.startswith("<"):
            return "(?:" + "|".join(re.escape(word) + " " for word in self._words[piece[1:-1]]) + ")"
        parts = []
        for word in piece.split():
            if word == "$":
                parts.append(r"(?:(?=[.!?;])|$)")
            elif word == "*":
                parts.append(r"[^ .!?;]+ ")
            elif word == ",":
                continue
            else:
                parts.append(re.escape(word).replace(r"\*", r"[^ .!?;]*") + " ")
        return "".join(parts)

    def _known(self, word: str) -> str:
        """Return the dangerous word that `word` sounds like or nearly is, else `word` itself."""
        if word in self._vocabulary or len(word) < 5 or word in _ORDINARY:
            return word
        heard = self._heard.get(sound(word))
        if heard is not None:
            return heard
        if len(word) >= 8:
            for candidate in self._vocabulary:
                if len(candidate) >= 8 and candidate[0] == word[0] and _one_slip(candidate, word):
                    return candidate
        return word

    def _line(self, text: str) -> str:
        tokens = [t if t[0] in ".!?;" else self._known(t) for t in _TOKEN.findall(clean(text))]
        return " " + "".join(f"{token[0] if token[0] in '.!?;' else token} " for token in tokens)

    def look(self, text: str) -> Verdict:
        """Return what `text` holds: the most pressing danger, or why dangerous words were no danger."""
        line = self._line(text)
        was_harmless = False
        for pattern in self._harmless:
            laid_aside = pattern.sub(lambda m: "~ " * max(1, m.group().count(" ")), line)
            was_harmless |= laid_aside != line
            line = laid_aside
        days = line
        for pattern in self._not_near:
            days = pattern.sub("~ ", days)
        is_long_ago = any(p.search(line) for p in self._long_ago)
        is_far = (is_long_ago or any(p.search(line) for p in self._far)) and not self._near.search(days)
        found: dict[str, bool] = {}
        was_denied = False
        for sign in self._signs:
            for match in sign.pattern.finditer(line):
                if sign.is_now_only and is_far:
                    was_harmless = True
                    continue
                if sign.is_deniable and self._is_denied(line, match.start(), match.end()):
                    was_denied = True
                    continue
                found[sign.intent] = True
                if sign.is_whole:
                    # who wants whom dead is said here: no other sign reads the same words its own way
                    line = line[: match.start()] + "~ " * match.group().count(" ") + line[match.end() :]
                break
        danger = next((intent for intent in ORDER if intent in found), None)
        is_doubtful = is_far or is_long_ago or bool(_SAYS_NO.match(line))
        return Verdict(danger, was_denied, was_harmless, is_doubtful)

    @staticmethod
    def _is_denied(line: str, start: int, end: int) -> bool:
        """Whether a "niet" stands in the sign, just before it or in the two words behind it."""
        # Who begins with "nee" answers a question about danger: then the "niet" may stand further off.
        reach = 4 if _SAYS_NO.match(line) else 1
        before = line[:start].split()[-reach:]
        behind = re.match(
            r"(?:(?!(?:en|want|maar|dus|ik|als|wat|die|welke|of|omdat|kan|kun|hoe) )[^ .!?;]+ ){0,2}", line[end:]
        )
        around = "  ".join(["", *before, *line[start:end].split(), *(behind.group().split() if behind else []), ""])
        without = _NO_DENIAL.sub(" ", around)
        return bool(_NEGATION.search(without))


_ORDINARY = frozenset(
    """slapen sluiten slagen staat staan straat stroomt water waters laatste betalen betaald brieven brief belangrijk
    geleden leden lezen leest letters meter meters moment mensen mening honderd hond handen hoofd hopen
    steeds straks sturen stuurt terug termijn termijnen verder vergeten vragen vraagt weken wonen
    dansen denken delen dagen duren durven dienen dingen gegeven geleend gesloten geslaagd gesteld gestuurd
    kijken kinder kosten kopen laten later leren liegen lopen maken manier morgens ophalen opslaan overleg
    passen paste plannen praten regelen regeling rekening rekenen reizen samen schrijven scherm sommige
    spelen spreken sterker steun stellen stelde toeslag toeslagen tussen verhuizen verdienen verdiend vinden
    voelen volgen volgende wachten werken winkel wisselen zeggen zetten zoeken zorgen bedenk bedenken bedankt bedrag
    gisteren weggaan weigeren slaagt slimme deurbel doorgaan vertel vertelt verteld verstaan verslag
    afgelost afgeleid opgelost bewaart bewaren bevalt bevallen""".split()
)


def _one_slip(a: str, b: str) -> bool:
    """Whether `a` becomes `b` by one letter more, less or other, or by two neighbours changing places."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    return (
        rest_a[1:] == rest_b[1:]
        or rest_a[1:] == rest_b
        or rest_a == rest_b[1:]
        or (len(rest_a) >= 2 and rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])
    )


def read_danger(path: Path = DANGER) -> Danger:
    """Return the compiled signs of the file at `path`."""
    import rasa.shared.utils.io

    return Danger(rasa.shared.utils.io.read_yaml_file(path))


def second_look(verdict: Verdict, ranking: list[dict[str, Any]], sure_at: float) -> list[dict[str, Any]]:
    """Return the ranking of intents after the verdict.

    The chances of every danger together are the suspicion. A sign needs little of it, a message without a sign
    `sure_at`, and more where the words were a figure, not of now, or denied. Danger then comes first, whatever else
    the message asks. The rest keeps its order.
    """
    dangers = [entry for entry in ranking if entry["name"] in ORDER]
    suspected = sum(entry["confidence"] for entry in dangers)
    if dangers and suspected >= _wanted(verdict, sure_at):
        kind = _kind(verdict, dangers)
        confidence = max(1.0 - LEFT_BESIDE_DANGER, suspected)
        rest = [entry for entry in ranking if entry["name"] != kind]
        scale = (1.0 - confidence) / (sum(entry["confidence"] for entry in rest) or 1.0)
        return [
            {"name": kind, "confidence": confidence},
            *({**entry, "confidence": entry["confidence"] * scale} for entry in rest),
        ]
    calm = [entry for entry in ranking if entry["name"] not in ORDER]
    if verdict.was_denied and calm and calm[0]["name"] != "deny":
        calm = [entry for entry in calm if entry["name"] == "deny"] + [e for e in calm if e["name"] != "deny"]
    # what was taken from the dangers goes to the others in proportion; who said nothing known still said nothing known
    left = max(1.0 - suspected, 0.01)
    return [{**entry, "confidence": min(1.0, entry["confidence"] / left)} for entry in calm] or ranking


def _wanted(verdict: Verdict, sure_at: float) -> float:
    """Return the suspicion, from 0 to 1, from which on danger comes first."""
    if verdict.danger is not None:
        return SIGN_AT
    if verdict.was_denied:
        return SURE_BEYOND_DENIAL
    if verdict.was_harmless:
        return SURE_ANYWAY
    return SURE_IN_DOUBT if verdict.is_doubtful else sure_at


def _kind(verdict: Verdict, dangers: list[dict[str, Any]]) -> str:
    """Return which danger it is: that of the sign unless another is many times likelier; an ambulance goes first."""
    likeliest = dangers[0]
    if verdict.danger is None:
        return str(likeliest["name"])
    own = next((entry["confidence"] for entry in dangers if entry["name"] == verdict.danger), 0.0)
    is_other = verdict.danger != ORDER[0] and likeliest["confidence"] > OTHER_KIND * max(own, 0.01)
    return str(likeliest["name"]) if is_other else verdict.danger


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SecondLook(GraphComponent):
    """Rasa's door to the second look; stands behind the reader of intents."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that config.yml may change."""
        return {"sure_at": 0.2}

    def __init__(self, config: dict[str, Any]) -> None:
        """Read danger.yml."""
        self._sure_at = float(config["sure_at"])
        self._danger = read_danger()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SecondLook:
        """Return the component; it learns nothing."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Put a danger first in the ranking of each message."""
        for message in messages:
            text = str(message.get(TEXT) or "")
            ranking: list[dict[str, Any]] = list(message.get(INTENT_RANKING_KEY) or [])
            looked = second_look(self._danger.look(text), ranking, self._sure_at)
            if looked:
                message.set(INTENT, looked[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, looked, add_to_output=True)
        return messages
