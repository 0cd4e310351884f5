"""The judge: compares the object of `briefbrug read --json` with the bed's truth, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import PurePath
from typing import Any

from briefbrug.knowledge.load import load_knowledge
from tests.bed.order import true_order

FIELDS = ("sender", "kind", "letter_date", "deadline", "amount", "reference", "iban", "urgency")
DECIDING = ("sender", "deadline", "amount", "iban")
GOALS = {
    "good": {
        "sender": 99,
        "kind": 93,
        "letter_date": 98,
        "deadline": 96,
        "amount": 97,
        "iban": 98,
        "reference": 92,
        "urgency": 93,
    },
    "table": {
        "sender": 97,
        "kind": 90,
        "letter_date": 96,
        "deadline": 94,
        "amount": 95,
        "iban": 96,
        "reference": 90,
        "urgency": 90,
    },
    "bad": {
        "sender": 90,
        "kind": 80,
        "letter_date": 88,
        "deadline": 82,
        "amount": 85,
        "iban": 85,
        "reference": 75,
        "urgency": 80,
    },
}
"""The promises, in percent of letters; clean is judged as good, all other profiles as bad."""

HONEST = {
    "dark": {"photo_too_dark"},
    "far": {"photo_too_far"},
    "covered": {"photo_cut_off"},
    "two": set[str](),
}
"""Photos that may be refused with the advice that mends them: promised is to read them as bad ones, or to say so."""


def goals_of(profile: str) -> dict[str, int]:
    """Return the promised percentages for a profile of the bed."""
    if profile in {"clean", "good", "exif", "heic", "webp", "imagepdf", "textpdf", "white"}:
        return GOALS["good"]
    return GOALS["table"] if profile == "table" else GOALS["bad"]


def same(field: str, truth: Any, read: Any) -> bool:
    """Return whether a read value is the true one: amounts to the cent, references and IBANs without signs."""
    if truth is None or read is None:
        return truth is None and read is None
    if field == "amount":
        return abs(float(truth) - float(read)) < 0.005
    if field in {"reference", "iban"}:
        return re.sub(r"[\W_]", "", str(truth)).upper() == re.sub(r"[\W_]", "", str(read)).upper()
    return str(truth) == str(read)


def iou(a: Iterable[float], b: Iterable[float]) -> float:
    """Return the overlap of two boxes (x0, y0, x1, y1): intersection over union, 0 to 1."""
    ax0, ay0, ax1, ay1 = a
    bx0, by0, bx1, by1 = b
    inter = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    union = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - inter
    return inter / union if union > 0 else 0.0


def _name(path: str) -> str:
    return PurePath(path).name


def _letters_by_page(read: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for letter in read["letters"]:
        for page in letter["pages"]:
            found.setdefault(_name(page), []).append(letter)
            found.setdefault(_name(page).split("#")[0], []).append(letter)
    return found


def match(truth: dict[str, Any], read: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    """Return for every true letter's id the read letter of its first page (of two in one photo the one most alike)."""
    by_page = _letters_by_page(read)
    taken: set[int] = set()
    found: dict[str, dict[str, Any] | None] = {}
    for letter in truth["letters"]:
        options = [o for o in by_page.get(_name(letter["pages"][0]), []) if id(o) not in taken]
        options.sort(key=lambda o: -sum(same(f, letter[f], o.get(f)) for f in FIELDS))
        found[letter["id"]] = options[0] if options else None
        if options:
            taken.add(id(options[0]))
    return found


def _refused(truth: dict[str, Any], read: dict[str, Any]) -> set[str]:
    """Return the ids of letters that were rightly not read: each page was refused with the advice of its profile."""
    right = HONEST.get(truth.get("profile", ""), set())
    told = {_name(one["path"]) for one in read.get("unread", ()) if one["reason"] in right}
    return {one["id"] for one in truth["letters"] if told and {_name(page) for page in one["pages"]} <= told}


def _evidence(truth: dict[str, Any], matched: dict[str, dict[str, Any] | None]) -> dict[str, int]:
    """Count the evidence boxes of right values whose overlap with the truth is at least 0.5.

    `line`: intersection over union with the whole printed line; `right`: with that line, or with the value on it,
    where a label far left and its value are two lines for a reader. A value printed on several lines or places
    counts with the best of them. `twice`: proof from another place where the same value stands, which has no mark; not
    judged.
    """
    right = total = line = twice = 0
    photos = {(p["letter"], p["page"]): p for p in truth["photos"]}
    for letter in truth["letters"]:
        read = matched[letter["id"]]
        for name, proof in ((read or {}).get("evidence") or {}).items():
            photo = photos.get((letter["id"], proof.get("page", 0)))
            if photo is None or name not in photo["boxes"] or not same(name, letter.get(name), (read or {}).get(name)):
                continue
            printed = {re.sub(r"\W", "", str(entry["text"])) for entry in photo["boxes"][name]}
            apart = all(iou(proof["box"], entry["line"]) < 0.02 for entry in photo["boxes"][name])
            if apart and any(text in re.sub(r"\W", "", proof["text"]) for text in printed):
                twice += 1
                continue
            total += 1
            goals = [box for entry in photo["boxes"][name] for box in (entry["line"], entry["span"])]
            right += any(iou(proof["box"], goal) >= 0.5 for goal in goals)
            line += any(iou(proof["box"], entry["line"]) >= 0.5 for entry in photo["boxes"][name])
    return {"right": right, "line": line, "all": total, "twice": twice}


def _urgent(truth: dict[str, Any], matched: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """Count the letters of level 1 that were read, name those shown as 3 or 4, and those behind a calmer letter.

    Behind a calmer letter: ranked after a letter that is truly of level 3 or 4. Older letters of one debt follow
    their newest whatever their own level, so they are no such letter.
    """
    rated = [(one, matched[one["id"]]) for one in truth["letters"] if "urgency" not in one["open"]]
    read = [(one, found) for one, found in rated if found is not None]
    calm = [
        found["rank"] for one, found in read if one["urgency"] >= 3 and found.get("rank") and not found.get("group")
    ]
    urgent = [(one["id"], found) for one, found in read if one["urgency"] == 1]
    return {
        "all": len(urgent),
        "hidden": [name for name, found in urgent if (found.get("urgency") or 4) >= 3],
        "below": [name for name, found in urgent if any(rank < (found.get("rank") or 10**6) for rank in calm)],
    }


def score(truth: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one profile.

    `fields`: per field how many letters were judged and right. `sure`: per field the number marked sure, those of
    them that are wrong, the right ones and the right ones marked sure. `later_sure` and `later_unsure`: letters whose
    deadline was told later than the true one (or told although there is none is not counted: that is only wrong).
    `refused`: letters of a hard profile that were rightly told as unreadable; they are not judged, other unread ones
    are wrong. `pairs`: pairs of letters of different urgency, the more urgent first; `order`: pairs in the order of
    `piles.yaml`, else in that of their true facts (`order.py`). `evidence`: boxes on the true line.
    `dated`: letters with a deadline that were read. `urgent`: see `_urgent`.
    `urgent_hidden`: true level 1 shown as 3 or 4. Fields in a letter's `open` are not judged.
    """
    matched = match(truth, read)
    fields = {f: {"right": 0, "all": 0} for f in FIELDS}
    sure = {f: {"sure": 0, "sure_wrong": 0, "right": 0, "right_sure": 0} for f in FIELDS}
    later_sure: list[str] = []
    later_unsure: list[str] = []
    hidden: list[str] = []
    mistakes: list[dict[str, Any]] = []
    unread = [i for i, m in matched.items() if m is None]
    refused = _refused(truth, read)
    for letter in truth["letters"]:
        if letter["id"] in refused:
            continue
        one = matched[letter["id"]]
        covered = {f for p in truth["photos"] if p["letter"] == letter["id"] for f in p.get("hidden", [])}
        for field in FIELDS:
            if field in letter["open"] or field in covered:
                continue
            fields[field]["all"] += 1
            if one is None:
                continue
            right = same(field, letter[field], one.get(field))
            is_sure = bool((one.get("sure") or {}).get(field))
            fields[field]["right"] += right
            sure[field]["sure"] += is_sure
            sure[field]["right"] += right
            sure[field]["right_sure"] += right and is_sure
            sure[field]["sure_wrong"] += is_sure and not right
            if not right:
                mistakes.append(
                    {
                        "letter": letter["id"],
                        "field": field,
                        "true": letter[field],
                        "read": one.get(field),
                        "sure": is_sure,
                    }
                )
            if (
                field == "deadline"
                and letter["deadline"]
                and one.get("deadline")
                and str(one["deadline"]) > letter["deadline"]
            ):
                (later_sure if is_sure else later_unsure).append(letter["id"])
        if (
            one is not None
            and letter["urgency"] == 1
            and "urgency" not in letter["open"]
            and (one.get("urgency") or 4) >= 3
        ):
            hidden.append(letter["id"])
    pairs = {"right": 0, "all": 0}
    rated = [x for x in truth["letters"] if "urgency" not in x["open"] and x["id"] not in refused]
    for a, b in combinations(rated, 2):
        one, two = matched[a["id"]], matched[b["id"]]
        if a["urgency"] == b["urgency"]:
            continue
        pairs["all"] += 1
        if one is not None and two is not None and one.get("rank") and two.get("rank"):
            pairs["right"] += (one["rank"] < two["rank"]) == (a["urgency"] < b["urgency"])
    return {
        "profile": truth.get("profile", ""),
        "letters": len(truth["letters"]),
        "unread": unread,
        "refused": sorted(refused),
        "fields": fields,
        "sure": sure,
        "later_sure": later_sure,
        "later_unsure": later_unsure,
        "urgent_hidden": hidden,
        "pairs": pairs,
        "order": score_order(
            truth.get("order") or _order([one for one in truth["letters"] if one["id"] not in refused], truth),
            {i: m["rank"] for i, m in matched.items() if m and m.get("rank")},
        ),
        "evidence": _evidence(truth, matched),
        "urgent": _urgent(truth, matched),
        "dated": sum(1 for one in truth["letters"] if one["deadline"] and matched[one["id"]]),
        "mistakes": mistakes,
    }


def _order(letters: list[dict[str, Any]], truth: dict[str, Any]) -> list[str]:
    return true_order(letters, date.fromisoformat(truth["today"]), load_knowledge())


def score_order(expected: list[str], ranks: dict[str, int]) -> dict[str, int]:
    """Return how many pairs of a pile stand in the expected order; `ranks` maps letter ids to their rank."""
    pairs = list(combinations(expected, 2))
    right = sum(ranks.get(a, 10**6) < ranks.get(b, 10**6) for a, b in pairs)
    return {"right": right, "all": len(pairs)}


def percent(part: int, whole: int) -> str:
    """Return a share in whole percents, "-" when there is nothing to share."""
    return f"{100 * part / whole:.0f}%" if whole else "-"


def deciding(found: dict[str, Any]) -> dict[str, int]:
    """Return the sums of `sure` over deadline, amount, IBAN and sender."""
    return {key: sum(found["sure"][f][key] for f in DECIDING) for key in ("sure", "sure_wrong", "right", "right_sure")}


def print_table(found: dict[str, Any], mistakes: int = 60) -> None:
    """Print one profile's figures and its mistakes."""
    goals = goals_of(found["profile"])
    print(f"profile {found['profile']}: {found['letters']} letters, not read: {', '.join(found['unread']) or 'none'}")
    for field, count in found["fields"].items():
        sure = found["sure"][field]
        share, marked = percent(count["right"], count["all"]), percent(sure["right_sure"], sure["right"])
        print(
            f"  {field:12} {count['right']:4}/{count['all']:<4} {share:>5}  goal {goals[field]}%   "
            f"sure {sure['sure']:4}, wrong {sure['sure_wrong']:2}, of the right ones sure {marked}"
        )
    total = deciding(found)
    pairs, order, proofs = found["pairs"], found["order"], found["evidence"]
    marked = percent(total["right_sure"], total["right"])
    print(
        f"  deadline, amount, IBAN, sender together: {total['sure']} sure, {total['sure_wrong']} wrong; "
        f"right ones marked sure {marked}"
    )
    print(
        f"  later than true: sure {found['later_sure'] or 0}, unsure {found['later_unsure'] or 0}; "
        f"level 1 shown as 3 or 4: {found['urgent_hidden'] or 0}"
    )
    print(
        f"  pairs in order {percent(order['right'], order['all'])}, "
        f"by level alone {percent(pairs['right'], pairs['all'])}; "
        f"evidence on the line {percent(proofs['right'], proofs['all'])} of {proofs['all']}"
    )
    for m in found["mistakes"][:mistakes]:
        mark = "SURE" if m["sure"] else ""
        print(f"    {m['letter']:28} {m['field']:12} true {m['true']!s:28} read {m['read']!s:28} {mark}")
