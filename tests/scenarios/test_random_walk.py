"""Two thousand turns of residents who do anything: never silence, never a loop, always a way to a person."""

from __future__ import annotations

import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from briefbrug.case import CaseStatus
from briefbrug.usecases.work_on_case import close_case, hand_back, reply_to_case
from tests.conftest import ROOT_SAMPLES, wait_until
from tests.scenarios.doors import Door, Heard
from tests.scenarios.running import Running
from tests.scenarios.script import NEVER

pytestmark = [pytest.mark.slow, pytest.mark.rasa, pytest.mark.talk, pytest.mark.timeout(1800)]

RESIDENTS, TURNS = 20, 100
PHOTO = (ROOT_SAMPLES / "bag" / "foto-11.jpg").read_bytes()
LINES = (
    "hallo", "dag", "dank je", "ja", "nee", "ja graag", "nee liever niet", "ben je een mens", "wat kun je", "help",
    "ik durf mijn post niet te openen", "welke brief eerst", "wat staat er in de eerste brief", "leg de tweede uit",
    "wat betekent dwangbevel", "wat moet ik doen", "wanneer moet dat", "hoeveel moet ik betalen", "ik heb geen geld",
    "dat heb ik al betaald", "die is niet van mij", "kan ik in termijnen betalen", "het is 3 december",
    "ik wil een mens", "wie helpt mij", "ik hoor niks", "jullie doen ook nooit wat", "liever iemand anders",
    "ik wil weer rustig slapen", "mijn zus helpt mij", "wie kan dit lezen", "stop", "wis mijn gegevens",
    "english please", "nederlands", "lees het voor", "ik wil mijn paspoort verlengen", "weet ik niet", "120 euro",
    "brief 9", "die van de belastingdienst", "die laatste", "hoezo", "ok", "?", "....", "asdf qwer zxcv", "😀", "2",
    "ik wil het zelf doen", "doe jij het maar voor mij", "stop met delen", "dat was alles", "morgen",
    "hij slaat mij niet", "dat klopt niet",
    "ik snap er niks van", "kunt u mij bellen", "mijn man is boos", "we worden uit huis gezet", "ik lach me dood",
)  # fmt: skip
NOT_PRESSED = frozenset({"Ja, wis alles", "Yes, delete everything"})
"""Pressed only now and then: it ends the conversation."""


@dataclass
class Walk:
    """One resident's walk: what she did and what was wrong."""

    turns: int = 0
    wrong: list[str] = field(default_factory=list[str])
    acts: Counter[str] = field(default_factory=Counter[str])


class Walker:
    """A resident who does anything; the same seed does the same."""

    def __init__(self, here: Running, number: int) -> None:
        self._here = here
        self._chance = random.Random(number)
        self._kind = "web" if number % 2 == 0 else "telegram"
        self._door: Door = here.enter(self._kind)
        self._last: list[str] = []
        self._before = ""
        self.walk = Walk()

    def go(self) -> Walk:
        """Walk to the end, or to the first thing that is wrong."""
        known: dict[str, Heard] = {}
        for _ in range(TURNS):
            try:
                known = {each.ref: each for each in self._door.heard()}
                act, may_be_silent = self._act(known)
                self.walk.turns += 1
                fresh = self._heard(known, may_be_silent=may_be_silent)
            except Exception as error:  # noqa: BLE001 a test's report
                self.walk.wrong.append(
                    f"{self._door.name} after {self._before!r}: {type(error).__name__}: {error}"[:600]
                )
                return self.walk
            self._judge(act, fresh)
            if self.walk.wrong:
                return self.walk
            if self._is_erased():
                self._door = self._here.enter(self._kind)
                self._last = []
        self._end()
        return self.walk

    def _act(self, known: dict[str, Heard]) -> tuple[str, bool]:
        """Do something; return what it was, and whether silence is the right answer."""
        speaking = self._status() == CaseStatus.SPEAKING.value
        dice = self._chance.random()
        if self._status() is not None and dice < 0.08:
            return self._desk(), False
        labels = [label for each in list(known.values())[-6:] for label in each.buttons]
        labels = [label for label in labels if label not in NOT_PRESSED or self._chance.random() < 0.1]
        self.walk.acts["photo" if dice > 0.97 else "press" if dice > 0.5 and labels else "say"] += 1
        if dice > 0.97:
            self._before = "photo"
            self._door.photo("foto.jpg", PHOTO)
            return "photo", True
        choices = [label for label in labels if label != self._before]
        if dice > 0.5 and choices:
            self._before = self._chance.choice(choices)
            self._door.press(self._before)
            return f"press {self._before}", False
        self._before = self._chance.choice([line for line in LINES if line != self._before])
        self._door.say(self._before)
        return f"say {self._before}", speaking

    def _is_erased(self) -> bool:
        with self._here.house.look() as work:
            return work.residents.by_door(self._door.name, self._door.address) is None

    def _status(self) -> str | None:
        with self._here.house.look() as work:
            resident = work.residents.by_door(self._door.name, self._door.address)
            case = work.cases.open_for(resident) if resident else None
            return case.status if case else None

    def _desk(self) -> str:
        """Let the professional do something."""
        house, once = self._here.house, f"walk-{id(self)}-{self.walk.turns}"
        with house.look() as work:
            resident = work.residents.by_door(self._door.name, self._door.address)
            assert resident is not None
            case = work.cases.open_for(resident)
            assert case is not None
            ref, person, status = case.ref, case.professional_ref, case.status
        if status != CaseStatus.SPEAKING.value:
            reply_to_case(house, ref, person, f"Dag, ik kijk met u mee. Dit is bericht {self.walk.turns}.", once)
        elif self._chance.random() < 0.7:
            hand_back(house, ref, person, once)
        else:
            close_case(house, ref, person, "arranged", once)
        self._before = "the professional"
        return "desk"

    def _heard(self, known: dict[str, Heard], *, may_be_silent: bool) -> list[Heard]:
        fresh: list[Heard] = []

        def is_there() -> bool:
            nonlocal fresh
            if not self._door.is_settled():
                return False
            fresh = [each for each in self._door.heard() if each.ref not in known or known[each.ref].text != each.text]
            return may_be_silent or bool(fresh)

        wait_until(is_there, 60, "an answer")
        return fresh

    def _judge(self, act: str, fresh: list[Heard]) -> None:
        for each in fresh:
            if each.sender != "machine":
                continue
            for pattern in NEVER:
                if re.search(pattern, each.text):
                    self.walk.wrong.append(f"{act}: {pattern} in {each.text}")
        if fresh:
            self._last = [*self._last[-2:], fresh[-1].text]
            if len(self._last) == 3 and len(set(self._last)) == 1:
                self.walk.wrong.append(f"{self._door.name} {act}: three times {self._last[0]}")

    def _end(self) -> None:
        """Ask for a person: from everywhere there is a way."""
        if self._status() == CaseStatus.SPEAKING.value:
            return
        known = {each.ref: each for each in self._door.heard()}
        self._before = "ik wil een mens spreken"
        self._door.say(self._before)
        text = " ".join(each.text for each in self._heard(known, may_be_silent=False))
        if not re.search(r"mens|Dit stuur ik|helpt u|person|in your own words|helps you|I send", text):
            self.walk.wrong.append(f"no way to a person: {text}")


def test_two_thousand_turns(here: Running) -> None:
    def walk(number: int) -> Walk:
        return Walker(here, number).go()

    with ThreadPoolExecutor(RESIDENTS) as pool:
        walks = list(pool.map(walk, range(RESIDENTS)))
    assert [wrong for each in walks for wrong in each.wrong] == []
    assert sum(each.turns for each in walks) == RESIDENTS * TURNS
