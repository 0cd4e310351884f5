"""Ten thousand cases in one team, and how long the worklist and its search take: `python -m tests.inbox.many_cases`.

The names, senders, references and letters are invented; every case has a resident with a key of her own, a preview and
one to three letters, so that opening a row costs what it costs on a real desk.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from briefbrug.house import House, build_house
from briefbrug.letter import FACTS, Found
from briefbrug.settings import read_settings
from briefbrug.store.migrate import migrate
from briefbrug.store.tables import Bag, CaseEventRow, CaseRow, Letter, Resident
from briefbrug.usecases.demo_letters import BENEFIT, CARE, ENERGY, EVICTION, FINE, RENT, typed_letter
from briefbrug.usecases.find_cases import index_changed_cases
from briefbrug.usecases.log_in import Visitor
from briefbrug.vault import make_key_file, seal_with
from inbox.worklist import Gists, worklist
from tests.inbox.conftest import MONDAY, Desk, fill

LETTERS = (EVICTION, CARE, ENERGY, BENEFIT, FINE, RENT)
NAMES = ("Bakker", "Jansen", "de Wit", "Yilmaz", "Haddad", "Kowalska", "Smit", "Visser", "El Amrani", "Postma")
AT_ONCE = 1000


def fill_with_cases(desk: Desk, count: int, seed: int = 7) -> dict[str, str]:
    """Add cases to the team Noord; return the reference on the first letter of some cases, by case."""
    house, chance = desk.house, random.Random(seed)
    today = house.clock.today()
    facts = [typed_letter(each, today)[2] for each in LETTERS]
    known: dict[str, str] = {}
    people = [desk.refs["melissa"], desk.refs["samir"]]
    for start in range(0, count, AT_ONCE):
        rows: dict[type[Any], list[dict[str, Any]]] = {Resident: [], Bag: [], Letter: [], CaseRow: [], CaseEventRow: []}
        for number in range(start, min(count, start + AT_ONCE)):
            _one_case(house, chance, number, facts, people, desk.teams["Noord"], rows, known)
        with house.work() as work:
            for table, values in rows.items():
                work.session.execute(insert(table), values)
    return known


def _one_case(
    house: House,
    chance: random.Random,
    number: int,
    facts: Sequence[Any],
    people: Sequence[str],
    team_ref: str,
    rows: dict[type[Any], list[dict[str, Any]]],
    known: dict[str, str],
) -> None:
    wrapped = house.vault.new_resident_key()
    key = house.vault.unwrap(wrapped)
    sent_at = MONDAY - timedelta(minutes=7 * number)
    resident, bag, case = f"R-{secrets.token_hex(16)}", f"B-{secrets.token_hex(16)}", f"C-{secrets.token_hex(16)}"
    name = f"Mevrouw {chance.choice(NAMES)}"
    rows[Resident].append(
        {"ref": resident, "created_at": sent_at, "last_seen_at": sent_at, "wrapped_key": wrapped, "consent": "yes",
         "name_sealed": seal_with(key, name.encode(), "name")}
    )  # fmt: skip
    rows[Bag].append({"ref": bag, "resident_ref": resident, "opened_at": sent_at, "last_photo_at": sent_at})
    shared: list[str] = []
    for place, each in enumerate(chance.sample(list(facts), chance.randint(1, 3))):
        reference = f"ZK-{number:05d}-{place}"
        letter = f"L-{secrets.token_hex(16)}"
        told = replace(each, reference=Found(reference, each.reference.words, sure=True))
        rows[Letter].append(
            {"ref": letter, "resident_ref": resident, "bag_ref": bag, "number": place + 1, "state": "handed_over",
             "created_at": sent_at, "pages": [],
             "facts_sealed": seal_with(key, FACTS.dump_json(told), "facts")}
        )  # fmt: skip
        shared.append(letter)
        if not place and not number % 97:
            known[case] = reference
    preview = json.dumps({"letters": shared, "goal": "Rust.", "note": None})
    is_closed = number % 10 == 9
    rows[CaseRow].append(
        {"ref": case, "resident_ref": resident, "team_ref": team_ref, "professional_ref": people[number % 2],
         "status": "closed" if is_closed else "waiting", "urgency": chance.randint(1, 4), "sent_at": sent_at,
         "promised_at": sent_at + timedelta(hours=chance.randint(2, 72)), "unread": not number % 3,
         "closed_at": sent_at + timedelta(days=3) if is_closed else None,
         "preview_sealed": seal_with(key, preview.encode(), "preview")}
    )  # fmt: skip
    rows[CaseEventRow].append(
        {"case_ref": case, "resident_ref": resident, "team_ref": team_ref, "at": sent_at, "kind": "sent",
         "actor_kind": "resident", "detail": {}}
    )  # fmt: skip


def index_all(house: House) -> None:
    """Put the words of all cases in the index, as the worker does in the background."""
    while index_changed_cases(house):
        pass


def seconds_of(ask: Callable[[], object], rounds: int) -> float:
    """Return the median of the processor's and the disk's time that an answer takes, in seconds."""
    taken: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(desk: Desk, known: dict[str, str], rounds: int = 7) -> dict[str, float]:
    """Return milliseconds of the worklist and its searches; "cold" is the first time after a start."""
    gists = Gists(desk.house)
    melissa = Visitor(
        "s", "c", desk.refs["melissa"], desk.teams["Noord"], "Melissa", "hulp", frozenset({"professional"})
    )
    reference = next(iter(known.values()))
    found = {"worklist cold": seconds_of(lambda: worklist(gists, melissa), 1)}
    asked: dict[str, Callable[[], object]] = {
        "worklist": lambda: worklist(gists, melissa),
        "mine": lambda: worklist(gists, melissa, "mijn"),
        "unread": lambda: worklist(gists, melissa, "nieuw"),
        "closed": lambda: worklist(gists, melissa, "gesloten"),
        "search reference": lambda: worklist(gists, melissa, "team", reference),
        "search sender": lambda: worklist(gists, melissa, "team", "zonnestroom"),
        "search name": lambda: worklist(gists, melissa, "team", "kowal"),
        "search two words": lambda: worklist(gists, melissa, "team", "woonstichting bakker"),
        "search nothing": lambda: worklist(gists, melissa, "team", "bestaatniet"),
    }
    for name, ask in asked.items():
        found[f"{name} (first)"] = seconds_of(ask, 1)
        found[name] = seconds_of(ask, rounds)
    return {name: round(1000 * value, 1) for name, value in found.items()}


def main() -> None:
    """Measure on a fresh SQLite file, or on the empty PostgreSQL database of `--url`."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--url", default="")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        url = given.url or f"sqlite:///{data / 'briefbrug.sqlite'}"
        settings = {"DATA": folder, "DATABASE_URL": url, "TODAY": "2026-11-21", "DEMO": "1"}
        read = read_settings({f"BRIEFBRUG_{name}": value for name, value in settings.items()})
        make_key_file(read.key_file)
        migrate(url)
        house = build_house(read)
        try:
            desk = fill(house)
            known = fill_with_cases(desk, given.cases)
            start = time.perf_counter()
            index_all(house)
            sys.stdout.write(f"{given.cases} cases, indexed in {time.perf_counter() - start:.0f} s\n")
            for name, milliseconds in measure(desk, known).items():
                sys.stdout.write(f"{name:28} {milliseconds:8.1f} ms\n")
        finally:
            house.close()


if __name__ == "__main__":
    main()
