"""Reads conversations from YAML and plays them: each turn has what MUST and what MUST NOT be heard after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from briefbrug.case import CaseStatus
from briefbrug.house import House
from briefbrug.store.tables import Resident
from briefbrug.store.unit_of_work import Work
from briefbrug.usecases.keep_watch import send_reminders, tell_broken_promises
from briefbrug.usecases.open_door import link_code
from briefbrug.usecases.work_on_case import close_case, hand_back, reply_to_case
from tests.conftest import ROOT_SAMPLES, wait_until
from tests.scenarios.doors import Door, Heard, TelegramDoor, WebDoor
from tests.scenarios.running import Running

FOLDER = Path(__file__).parent / "conversations"
PATIENCE_SECONDS = 150.0
AWAY = "Ik begrijp u nu even niet"
ALLOWED = {
    "say", "press", "photos", "sends", "human", "closes", "hands_back", "promise_breaks", "day_before", "days_later",
    "other_door", "must", "must_not", "buttons", "no_buttons", "numbers", "silent", "state", "only",
}  # fmt: skip
NEVER = (
    r"\{\w+\}",
    r"(?i)\b(error|exception|traceback|null|none|undefined|slot|intent|rasa|json|bug|server|api|database)\b",
    r"(?i)\b(digid|uw inkomen is|bsn in te vullen)\b",
    r"(?i)het komt (zeker|vast) goed|u krijgt (zeker|vast) gelijk|volgens de regels mag|regels zeggen dat u niet",
)
"""What no message may ever hold: an unfilled place, a technical word, a demand, a promise of an outcome."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A conversation: its name, the doors it runs over, its turns."""

    name: str
    turns: tuple[Mapping[str, Any], ...]
    doors: tuple[str, ...] = ("web", "telegram")
    why: str = ""


@dataclass
class Played:
    """What became of a scenario at one door: the transcript, and what was wrong (empty when it is green)."""

    transcript: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])


def scenarios(folder: Path = FOLDER) -> list[Scenario]:
    """Return all conversations, in the order of their files; a word nobody knows is a mistake of the file."""
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.yaml")):
        for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            turns = tuple(raw["turns"])
            for turn in turns:
                unknown = set(turn) - ALLOWED
                assert not unknown, f"{path.name}: {raw['name']}: {unknown}"
            doors = tuple(raw.get("doors", ("web", "telegram")))
            found.append(Scenario(f"{path.stem}: {raw['name']}", turns, doors, raw.get("why", "")))
    names = [scenario.name for scenario in found]
    assert len(names) == len(set(names)), "two scenarios share a name"
    return found


def as_list(value: Any) -> list[Any]:
    """Return a value of the file as a list."""
    return [] if value is None else list(value) if isinstance(value, list) else [value]


class Player:
    """Plays one scenario at one door."""

    def __init__(self, here: Running, scenario: Scenario, door: str) -> None:
        self._here = here
        self._scenario = scenario
        self._door: Door = here.enter(door)
        self.played = Played()
        self._acts = 0

    @property
    def _house(self) -> House:
        return self._here.house

    def play(self) -> Played:
        """Play to the end, or to the first turn that goes wrong."""
        known: dict[str, Heard] = {}
        first_door = self._door.name
        for number, turn in enumerate(self._scenario.turns, 1):
            if first_door not in as_list(turn.get("only", ["web", "telegram"])):
                continue
            self.played.transcript.append(f"--- {number}. {told(turn)}")
            try:
                self._act(turn)
                fresh = self._answer(turn, known)
            except Exception as error:  # noqa: BLE001 a test's report
                self.played.wrong.append(f"turn {number}: {type(error).__name__}: {error}")
                break
            known = {each.ref: each for each in self._door.heard()}
            for each in fresh:
                self.played.transcript.append(f"  <{each.sender}> {each.text} {list(each.buttons) or ''}")
            problems = self._judge(turn, fresh)
            if problems:
                self.played.wrong += [f"turn {number}: {problem}" for problem in problems]
                break
        return self.played

    # --- what happens in a turn ---

    def _act(self, turn: Mapping[str, Any]) -> None:
        for name in turn:
            act: Callable[[Any], None] | None = getattr(self, f"_{name}", None)
            if act is not None and name != "state":
                act(turn[name])

    def _say(self, text: str) -> None:
        self._door.say(text)

    def _press(self, words: str) -> None:
        self._door.press(words)

    def _photos(self, names: Any) -> None:
        for name in as_list(names):
            self._door.photo(name, (ROOT_SAMPLES / "bag" / name).read_bytes())

    def _sends(self, content: Mapping[str, Any]) -> None:
        assert isinstance(self._door, TelegramDoor)
        self._door.sends(**content)

    def _resident(self, work: Work) -> Resident:
        resident = work.residents.by_door(self._door.name, self._door.address)
        assert resident is not None
        return resident

    def _case(self) -> tuple[str, str]:
        with self._house.look() as work:
            case = work.cases.last_for(self._resident(work))
            assert case is not None, "there is no case"
            return case.ref, case.professional_ref

    def _once(self) -> str:
        self._acts += 1
        return f"desk-{id(self)}-{self._acts}"

    def _human(self, words: str) -> None:
        reply_to_case(self._house, *self._case(), words, self._once())

    def _closes(self, outcome: str) -> None:
        close_case(self._house, *self._case(), outcome, self._once())

    def _hands_back(self, wanted: bool) -> None:
        hand_back(self._house, *self._case(), self._once())

    def _promise_breaks(self, wanted: bool) -> None:
        with self._house.work() as work:
            case = work.cases.open_for(self._resident(work))
            assert case is not None
            case.promised_at = work.clock.now() - timedelta(minutes=1)
        tell_broken_promises(self._house)

    def _day_before(self, wanted: bool) -> None:
        """Bring the reminder of her first letter to today."""
        with self._house.work() as work:
            letters = [letter for letter in work.papers.letters(self._resident(work)) if letter.remind_on]
            assert letters, "no reminder was planned"
            letters[0].remind_on = self._house.clock.today()
        send_reminders(self._house)

    def _days_later(self, days: int) -> None:
        """Let her last visit lie so many days back."""
        with self._house.work() as work:
            resident = self._resident(work)
            resident.last_seen_at -= timedelta(days=days)
            for door in work.residents.doors(resident):
                door.last_seen_at -= timedelta(days=days)

    def _other_door(self, name: str) -> None:
        """Go on at another door with a short code (F35)."""
        with self._house.look() as work:
            ref = self._resident(work).ref
        code = link_code(self._house, ref)
        fresh = self._here.enter(name)
        assert isinstance(fresh, WebDoor | TelegramDoor)
        fresh.join(code)
        self._door = fresh

    # --- what is heard ---

    def _answer(self, turn: Mapping[str, Any], known: Mapping[str, Heard]) -> list[Heard]:
        """Return what is new since the turn began, once everything that must come has come."""
        fresh: list[Heard] = []

        def is_there() -> bool:
            nonlocal fresh
            if not self._door.is_settled():
                return False
            # A choice that moved to a newer message is no news; a new text is.
            fresh = [each for each in self._door.heard() if each.ref not in known or known[each.ref].text != each.text]
            if turn.get("silent"):
                return True
            text = "\n".join(each.text for each in fresh)
            assert AWAY not in text, "the assistant is away"
            labels = {label for each in fresh for label in each.buttons}
            if not all(re.search(pattern, text) for pattern in as_list(turn.get("must"))):
                return False
            return bool(fresh) and set(as_list(turn.get("buttons"))) <= labels

        patience = PATIENCE_SECONDS if {"photos", "press"} & set(turn) else 30.0
        try:
            wait_until(is_there, patience, "the answer")
        except AssertionError as error:
            if "away" in str(error):
                raise
            heard = "\n".join(f"  <{each.sender}> {each.text} {list(each.buttons)}" for each in fresh)
            wanted = {name: turn[name] for name in ("must", "buttons") if name in turn}
            raise AssertionError(f"heard\n{heard or '  nothing'}\n  instead of {wanted}") from None
        return fresh

    def _judge(self, turn: Mapping[str, Any], fresh: list[Heard]) -> list[str]:
        problems: list[str] = []
        text = "\n".join(each.text for each in fresh)
        machine = "\n".join(each.text for each in fresh if each.sender == "machine")
        labels = {label for each in fresh for label in each.buttons}
        if turn.get("silent") and fresh:
            problems.append(f"not silent: {text}")
        problems += [f"said {p!r}: {text}" for p in as_list(turn.get("must_not")) if re.search(p, text)]
        problems += [f"never say {found[0]!r}: {text}" for p in NEVER if (found := re.search(p, machine))]
        problems += [f"button {label!r}" for label in as_list(turn.get("no_buttons")) if label in labels]
        tapped = {number.removeprefix("tel:").replace("+31", "0") for each in fresh for number in each.numbers}
        problems += [
            f"{number} cannot be tapped, only {sorted(tapped)}"
            for number in map(str, as_list(turn.get("numbers")))
            if number.replace("-", "") not in tapped
        ]
        for name, wanted in (turn.get("state") or {}).items():
            is_now = self._state(name)
            if is_now != wanted:
                problems.append(f"{name} is {is_now!r}, not {wanted!r}")
        return problems

    def _state(self, name: str) -> Any:
        with self._house.look() as work:
            resident = work.residents.by_door(self._door.name, self._door.address)
            if name == "erased":
                return resident is None
            assert resident is not None
            case = work.cases.last_for(resident)
            if name == "goal":
                return work.residents.open(resident, resident.goal_sealed, "goal") if resident.goal_sealed else None
            if name == "letters":
                return len(work.papers.letters(resident))
            if name == "case":
                return case.status if case else None
            if name == "crisis":
                return bool(case and case.crisis and case.status != CaseStatus.CLOSED.value)
            if name == "person":
                person = work.people.professional(case.professional_ref) if case else None
                return person.name if person else None
            if name == "sees":
                preview = work.cases.preview(resident, case) if case else None
                return len(yaml.safe_load(preview)["letters"]) if preview else 0
            return getattr(resident, name)


def told(turn: Mapping[str, Any]) -> str:
    """Return a turn's act in one line."""
    return "; ".join(f"{key}: {value}" for key, value in turn.items() if key not in {"must", "must_not", "state"})
