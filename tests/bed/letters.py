"""The letters of the bed: YAML with the text and, written by hand, the truth of every letter."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from tests.bed.numbers import bsn_is_valid, fictitious_iban, kenmerk16

HERE = Path(__file__).parent
MARKS = {"d": "deadline", "a": "amount", "i": "iban", "r": "reference", "l": "letter_date"}
TRUTH_FIELDS = (
    "sender", "sender_name", "kind", "letter_date", "deadline", "deadline_basis", "action", "amount", "reference",
    "iban", "urgency", "group",
)  # fmt: skip
PAGE_MARK = "---page---"
STATE = {
    "cak",
    "svb",
    "uwv",
    "belastingdienst",
    "dienst_toeslagen",
    "duo",
    "cjib",
    "gemeente",
    "lokale_belastingen",
    "lbio",
}
BARE = {"exploot", "court", "typewriter"}


@dataclass(frozen=True, slots=True)
class Letter:
    """One invented letter.

    `layout` names a template in `layouts/`; `pages` holds the body of each page as HTML; `truth` has the keys of
    TRUTH_FIELDS, dates ISO, amount a number or None; `open` names the fields on which careful readers may differ
    (they are kept but not scored); `part` is "tune" or "held" by the hash of the id, "shift" for wording of other
    writers, or "bag" for the sample bag.
    """

    id: str
    part: str
    layout: str
    view: dict[str, Any]
    pages: tuple[str, ...]
    truth: dict[str, Any]
    open: tuple[str, ...] = ()
    tags: tuple[str, ...] = field(default=())


def part_of(letter_id: str) -> str:
    """Return "tune" or "held", half and half, from the letter's id alone."""
    return "tune" if hashlib.sha256(letter_id.encode()).digest()[0] % 2 == 0 else "held"


def _numbers(raw: dict[str, str]) -> dict[str, str]:
    """Return the letter's own numbers: `iban: INGB 0009..`, `k16: 15 digits`, `bsn:` checked, all others as written."""
    out: dict[str, str] = {}
    for name, value in raw.items():
        text = str(value)
        if name.startswith("iban"):
            text = fictitious_iban(text)
        elif name.startswith("k16"):
            text = kenmerk16(text)
        elif name.startswith("bsn") and not bsn_is_valid(text):
            raise ValueError(f"bsn fails the 11-proef: {text}")
        out[name] = text
    return out


def _inline(text: str, numbers: dict[str, str]) -> str:
    """Return one piece of text as HTML: `{name}` filled, `[d:...]` marked, `**bold**`, `\\` a line break."""
    text = re.sub(r"\{(\w+)\}", lambda m: numbers[m.group(1)], text)
    text = html.escape(text, quote=False)
    text = re.sub(
        r"\[([dairl]):([^\]]+)\]", lambda m: f'<span data-field="{MARKS[m.group(1)]}">{m.group(2)}</span>', text
    )
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return text.replace("\\\n", "<br>")


def _block(block: str, numbers: dict[str, str]) -> str:
    """Return one block of the body as HTML: heading, list, table, indented block or paragraph."""
    lines = block.strip("\n").split("\n")
    if lines[0].startswith("# "):
        return f"<h2>{_inline(block[2:], numbers)}</h2>"
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{_inline(line[2:], numbers)}</li>" for line in lines) + "</ul>"
    if all(line.startswith("|") for line in lines):
        rows: list[str] = []
        for line in lines:
            tag, klass = ("th", "") if line.startswith("|!") else ("td", "")
            if line.startswith("|="):
                klass = ' class="sum"'
            cells = line.lstrip("|!=").strip().strip("|").split("|")
            rows.append(
                f"<tr{klass}>" + "".join(f"<{tag}>{_inline(c.strip(), numbers)}</{tag}>" for c in cells) + "</tr>"
            )
        return "<table>" + "".join(rows) + "</table>"
    if lines[0].startswith("> "):
        return '<p class="in">' + _inline("\n".join(line[2:] for line in lines), numbers) + "</p>"
    if lines[0].startswith("! "):
        return '<p class="box">' + _inline("\n".join(line.removeprefix("! ") for line in lines), numbers) + "</p>"
    if lines[0].startswith("~ "):
        return '<p class="small">' + _inline("\n".join(line.removeprefix("~ ") for line in lines), numbers) + "</p>"
    return f"<p>{_inline(block, numbers)}</p>"


def _deep(value: Any, numbers: dict[str, str]) -> Any:
    """Return a view value with every text as HTML."""
    if isinstance(value, str):
        return _inline(value, numbers)
    if isinstance(value, list):
        return [_deep(v, numbers) for v in value]
    if isinstance(value, dict):
        return {k: _deep(v, numbers) for k, v in value.items()}
    return value


@cache
def people() -> dict[str, list[str]]:
    """Return the invented residents: key -> address lines."""
    return yaml.safe_load((HERE / "people.yaml").read_text(encoding="utf-8"))


@cache
def _filler() -> dict[str, list[str]]:
    return yaml.safe_load((HERE / "filler.yaml").read_text(encoding="utf-8"))


def _padded(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the letter with the small talk of real letters behind its message, always the same for one id.

    The bag, advertising, unknown senders and the bare layouts stay as they are, and so does a letter with `filler: 0`.
    """
    sender = raw["truth"]["sender"]
    if (
        raw.get("part") == "bag"
        or raw["layout"] in BARE
        or sender in {"reclame", "onbekend", "rechtbank"}
        or raw.get("filler") == 0
    ):
        return raw
    chance = hashlib.sha256(b"filler" + raw["id"].encode()).digest()
    group = "state" if sender in STATE else "company"
    pool = list(_filler()[group])
    count = 1 if raw["layout"] == "strip" else 1 + chance[0] % 3
    chosen = [pool.pop(chance[1 + i] % len(pool)) for i in range(count)]
    small_last = sorted(chosen, key=lambda text: text.startswith("~"))
    if raw["layout"] == "strip":
        small_last = [text for text in small_last if text.startswith("~")]
    padded = {**raw, "body": raw["body"].rstrip("\n") + "".join("\n\n" + text for text in small_last) + "\n"}
    if "foot" not in raw and chance[9] % 2:
        lines = _filler()[f"foot_{group}"]
        number = int.from_bytes(chance[10:14], "big")
        padded["foot"] = lines[chance[14] % len(lines)].format(
            n6=f"{number % 10**6:06d}", n3=f"{number % 997:03d}", name=raw["head"]["name"]
        )
    return padded


def build_letter(raw: dict[str, Any]) -> Letter:
    """Return the letter of one YAML entry.

    Raises:
        ValueError: a number that fails its check, an unknown truth key or a missing one.
    """
    raw = _padded(raw)
    numbers = _numbers(raw.get("numbers", {}))
    truth = {
        k: (re.sub(r"\{(\w+)\}", lambda m: numbers[m.group(1)], v) if isinstance(v, str) else v)
        for k, v in raw["truth"].items()
    }
    if unknown := set(truth) - set(TRUTH_FIELDS):
        raise ValueError(f"{raw['id']}: unknown truth {sorted(unknown)}")
    for name in TRUTH_FIELDS:
        truth.setdefault(name, None)
    for name in ("letter_date", "deadline"):
        truth[name] = str(truth[name]) if truth[name] else None
    if truth["iban"]:
        truth["iban"] = truth["iban"].replace(" ", "")
    if not truth["sender"] or not truth["kind"] or not truth["urgency"] or not truth["action"]:
        raise ValueError(f"{raw['id']}: sender, kind, action and urgency are always known")
    bodies = raw["body"].split(PAGE_MARK)
    pages = tuple(
        "\n".join(_block(b, numbers) for b in re.split(r"\n\s*\n", body.strip("\n")) if b.strip()) for body in bodies
    )
    view = _deep({k: v for k, v in raw.items() if k not in {"body", "truth", "numbers", "to", "id"}}, numbers)
    to = raw.get("to", "kroos")
    view["to"] = _deep(people()[to] if isinstance(to, str) else to, numbers)
    view["numbers"] = numbers
    return Letter(
        id=raw["id"],
        part=raw.get("part") or part_of(raw["id"]),
        layout=raw["layout"],
        view=view,
        pages=pages,
        truth=truth,
        open=tuple(raw.get("open", ())),
        tags=tuple(raw.get("tags", ())),
    )


@cache
def all_letters() -> tuple[Letter, ...]:
    """Return every letter of `letters/*.yaml`, in file order.

    Raises:
        ValueError: two letters with one id, or a letter that is not in order.
    """
    found: list[Letter] = []
    for path in sorted((HERE / "letters").glob("*.yaml")):
        for raw in cast(list[dict[str, Any]], yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)):
            try:
                found.append(build_letter(raw))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}: {raw.get('id')}: {error!r}") from error
    ids = [letter.id for letter in found]
    if doubles := {i for i in ids if ids.count(i) > 1}:
        raise ValueError(f"two letters with one id: {sorted(doubles)}")
    return tuple(found)
