"""The bed must not lie: every letter's truth agrees with the print on its pages and with the calendar."""

from __future__ import annotations

import html
import re
from datetime import date

import numpy as np
import pytest
import yaml

from briefbrug.knowledge.load import load_knowledge
from ocr.money import find_amounts
from tests.bed.bag import ORDER
from tests.bed.camera import SCENES, photograph
from tests.bed.golden import golden_letters
from tests.bed.letters import HERE, TRUTH_FIELDS, Letter, all_letters
from tests.bed.make import piles
from tests.bed.numbers import fictitious_iban, iban_is_valid, kenmerk16, passes_bank_check
from tests.bed.order import true_order
from tests.bed.score import FIELDS, score

ACTIONS = {"betalen", "reageren", "bezwaar", "verschijnen", "opsturen", "bellen", "niets"}
MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
LETTERS = all_letters()


def _marks(letter: Letter, name: str) -> list[str]:
    """Return the marked texts of one field, wherever the layout prints them."""

    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for one in value.values() for text in texts(one)]
        if isinstance(value, list):
            return [text for one in value for text in texts(one)]
        return [str(value)]

    everywhere = " ".join([*texts(letter.view), *letter.pages])
    found = [html.unescape(text) for text in re.findall(rf'<span data-field="{name}">(.*?)</span>', everywhere)]
    # The layout of a payment slip marks its own boxes.
    strip = letter.view.get("strip") or {}
    if name == "deadline" and not found and strip.get("before"):
        return [f"op of vóór {html.unescape(str(strip['before']))}"]
    return found + ([html.unescape(str(strip[name]))] if name in strip else [])


def _ids(letter: Letter) -> str:
    return letter.id


def test_all_senders_and_kinds_are_there() -> None:
    senders = {letter.truth["sender"] for letter in LETTERS}
    kinds = {letter.truth["kind"] for letter in LETTERS}
    assert len(senders) == 23
    assert len(kinds) == 20


def test_both_parts_know_nearly_every_kind() -> None:
    for part in ("tune", "held"):
        assert len({letter.truth["kind"] for letter in LETTERS if letter.part == part}) >= 16


@pytest.mark.parametrize("letter", LETTERS, ids=_ids)
def test_truth_is_printed(letter: Letter) -> None:
    truth = letter.truth
    assert truth["action"] in ACTIONS
    assert truth["urgency"] in {1, 2, 3, 4}
    if truth["amount"] is not None and "amount" not in letter.open:
        printed = [
            seen.value for text in _marks(letter, "amount") for seen in find_amounts(f"euro {text} euro".split())
        ]
        assert any(float(value) == float(truth["amount"]) for value in printed), printed
    if truth["iban"]:
        assert iban_is_valid(truth["iban"])
        assert "iban" in letter.open or truth["iban"] in {text.replace(" ", "") for text in _marks(letter, "iban")}
    if truth["reference"] and "reference" not in letter.open:
        assert truth["reference"] in _marks(letter, "reference")
    if truth["letter_date"]:
        assert _marks(letter, "letter_date")


@pytest.mark.parametrize("letter", [one for one in LETTERS if one.truth["deadline"]], ids=_ids)
def test_deadline_agrees_with_its_phrase(letter: Letter) -> None:
    deadline = date.fromisoformat(letter.truth["deadline"])
    if letter.truth["letter_date"]:
        assert deadline >= date.fromisoformat(letter.truth["letter_date"])
    phrase = " ".join(_marks(letter, "deadline"))
    assert phrase, "a deadline without its phrase"
    basis = letter.truth["deadline_basis"]
    found = re.search(rf"(\d{{1,2}})\s+({'|'.join(MONTHS)})(?:\s+(20\d\d))?", phrase)
    if basis == "explicit" and found:
        printed = date(int(found[3] or deadline.year), MONTHS.index(found[2]) + 1, int(found[1]))
        day_before = re.search(r"v[oó][oó]r\s(?!\d\d?[.:]\d\d)|^tot (?!en met)|met ingang van", phrase, re.IGNORECASE)
        day_before = (day_before and not re.search(r"op of v", phrase)) or letter.id == "tc-afsluiting"
        # Of a day on which something happens the day before counts; such a letter is marked as open to both readings.
        allowed = {0, 1} if "deadline_basis" in letter.open else {1 if day_before else 0}
        assert (printed - deadline).days in allowed
    elif basis == "appointment" and found:
        assert (deadline.day, MONTHS[deadline.month - 1]) == (int(found[1]), found[2])
    elif basis == "term":
        words = r"\b(?:dag|dagen|week|weken|maand|maanden|zitting|omgaande|eind|einde|vanaf|dagtekening|binnen)\b"
        assert re.search(words, phrase, re.IGNORECASE)


def test_numbers_pass_their_checks_and_belong_to_nobody() -> None:
    assert kenmerk16("234 5678 9012 3456") == "8234 5678 9012 3456"
    iban = fictitious_iban("ABNA 0417 1643 00")
    assert iban_is_valid(iban)
    assert not passes_bank_check(iban.replace(" ", "")[8:])


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_lie_on_the_ink(turn: int) -> None:
    """A black block on a white page is found inside its box, whatever the camera does."""
    from dataclasses import replace

    page = np.full((1754, 1240, 3), 255, np.uint8)
    page[500:560, 300:700] = 0
    rng = np.random.default_rng(5)
    scene = replace(SCENES["table"](rng), turn=turn, long_side=1280)
    shot = photograph([page], scene, rng)
    x0, y0, x1, y1 = shot.sheets[0].box((300 / 1240, 500 / 1754, 700 / 1240, 560 / 1754))
    inside = shot.picture[y0:y1, x0:x1].mean()
    height, width = y1 - y0, x1 - x0
    around = shot.picture[max(0, y0 - height) : y1 + height, max(0, x0 - width // 4) : x1 + width // 4].mean()
    assert inside < 0.75 * around


def test_the_same_seed_gives_the_same_photo() -> None:
    page = np.full((877, 620, 3), 255, np.uint8)
    one, two = (
        photograph([page], SCENES["bad"](np.random.default_rng(3)), np.random.default_rng(4)).picture for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_score_counts_right_wrong_sure_and_late() -> None:
    truth = {
        "today": "2026-11-21",
        "profile": "good",
        "photos": [],
        "letters": [
            {
                "id": "a",
                "pages": ["a.jpg"],
                "open": [],
                "sender": "cjib",
                "kind": "boete",
                "action": "betalen",
                "letter_date": "2026-11-01",
                "deadline": "2026-12-01",
                "amount": 79.0,
                "reference": "1 2",
                "iban": None,
                "urgency": 2,
            },
            {
                "id": "b",
                "pages": ["b.jpg"],
                "open": [],
                "sender": "duo",
                "kind": "informatie",
                "action": "niets",
                "letter_date": None,
                "deadline": None,
                "amount": None,
                "reference": None,
                "iban": None,
                "urgency": 4,
            },
        ],
    }
    fields = ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency")
    right = {k: truth["letters"][0][k] for k in fields}
    read = {
        "letters": [
            {
                **right,
                "pages": ["/x/a.jpg"],
                "reference": "12",
                "deadline": "2026-12-08",
                "rank": 1,
                "sure": dict.fromkeys(fields, True),
                "evidence": {},
            },
            {
                **{k: truth["letters"][1][k] for k in fields},
                "pages": ["/x/b.jpg"],
                "rank": 2,
                "sure": dict.fromkeys(fields, False),
                "evidence": {},
            },
        ],
        "unread": [],
    }
    found = score(truth, read)
    assert found["fields"]["reference"]["right"] == 2
    assert found["fields"]["deadline"]["right"] == 1
    assert found["later_sure"] == ["a"]
    assert found["sure"]["deadline"] == {"sure": 1, "sure_wrong": 1, "right": 1, "right_sure": 0}
    assert found["pairs"] == {"right": 1, "all": 1}
    assert found["order"] == {"right": 1, "all": 1}
    read["letters"][0]["rank"] = 3
    assert score(truth, read)["order"] == {"right": 0, "all": 1}


def test_the_true_order_goes_by_what_is_lost_and_how_soon() -> None:
    rows = {
        "bill": ("energieleverancier", "factuur", "2026-12-20", "betalen"),
        "advert": ("reclame", "reclame", None, "niets"),
        "home": ("gerechtsdeurwaarder", "ontruiming", "2026-11-26", "bellen"),
        "fine": ("cjib", "boete", "2026-11-30", "betalen"),
    }
    letters = [
        {"id": name, "sender": sender, "kind": kind, "deadline": day, "action": action, "open": [], "letter_date": None,
         "amount": None}
        for name, (sender, kind, day, action) in rows.items()
    ]  # fmt: skip
    letters.append({**letters[0], "id": "unsure", "open": ["deadline"]})
    assert true_order(letters, date(2026, 11, 21), load_knowledge()) == ["home", "fine", "bill", "advert"]


@pytest.mark.parametrize(
    ("profile", "reason", "judged"),
    [("far", "photo_too_far", 1), ("far", "photo_too_dark", 2), ("table", "photo_too_far", 2)],
)
def test_only_a_hard_photo_may_be_refused_and_only_with_the_right_advice(
    profile: str, reason: str, judged: int
) -> None:
    fields: dict[str, object] = dict.fromkeys(FIELDS)
    fields |= {"urgency": 3, "sender": "duo", "kind": "informatie"}
    truth = {
        "today": "2026-11-21",
        "profile": profile,
        "photos": [],
        "letters": [{**fields, "id": name, "pages": [f"{name}.jpg"], "open": []} for name in "ab"],
    }
    seen = {**fields, "pages": ["/x/a.jpg"], "rank": 1, "sure": {}, "evidence": {}}
    found = score(truth, {"letters": [seen], "unread": [{"path": "/x/b.jpg", "reason": reason}]})
    assert found["unread"] == ["b"]
    assert found["fields"]["kind"] == {"right": 1, "all": judged}


def test_piles_name_letters_and_never_put_a_calm_letter_before_an_urgent_one() -> None:
    known = {letter.id: letter for letter in LETTERS}
    for order in piles().values():
        levels = [known[name].truth["urgency"] for name in order]
        assert levels == sorted(levels), order


def test_every_kind_has_a_golden_letter_and_none_is_held_back() -> None:
    home = HERE.parent / "golden"
    folders = {path.name for path in home.iterdir() if (path / "expected.yaml").is_file()}
    known = {letter.id: letter for letter in LETTERS}
    assert folders == {letter.id for letter in golden_letters()}
    assert {known[name].truth["kind"] for name in folders} == {letter.truth["kind"] for letter in LETTERS}
    for name in folders:
        expected = yaml.safe_load((home / name / "expected.yaml").read_text(encoding="utf-8"))
        assert known[name].part != "held"
        assert {field: expected[field] for field in TRUTH_FIELDS} == known[name].truth
        assert (home / name / "origin.md").is_file()
        assert all((home / name / page).is_file() for page in expected["pages"])


def test_the_bag_in_samples_is_the_bag_of_the_bed() -> None:
    folder = HERE.parents[1] / "samples" / "bag"
    truth = yaml.safe_load((folder / "truth.yaml").read_text(encoding="utf-8"))
    known = {letter.id: letter for letter in LETTERS}
    assert truth["order"] == list(ORDER)
    for row in truth["letters"]:
        assert {field: row[field] for field in TRUTH_FIELDS} == known[row["id"]].truth
        for page in row["pages"]:
            assert (folder / page).stat().st_size <= 350_000
