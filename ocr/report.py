"""What `briefbrug read` tells: files read apart from each other, joined, ranked, explained, as JSON and as Dutch text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from briefbrug.deadline import Deadline
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.explanation import (
    explain_can_wait,
    explain_first,
    explain_letter,
    explain_place,
    explain_rest,
    explain_shared,
)
from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import FIELDS, Found, LetterFacts, PageReading
from briefbrug.meaning import Pile, Understood, understand_pile
from briefbrug.proof import proof_of
from briefbrug.speech import Message, Texts, load_texts, say, say_all, say_day, say_euros
from ocr.facts import read_facts
from ocr.letters import doubles, join_pages
from ocr.limits import DEFAULT_LIMITS
from ocr.page import format_of
from ocr.pool import ReadingPool

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the path just done."""


@dataclass(frozen=True, slots=True)
class ReadLetter:
    """One letter of the call: the paths of its pages in order, its facts, and how long reading took in seconds."""

    ref: str
    pages: tuple[str, ...]
    facts: LetterFacts
    seconds: float


@dataclass(frozen=True, slots=True)
class Unread:
    """A path (or page of a PDF) that could not be read, and why; `sender` is a guess from an envelope's window."""

    path: str
    reason: str
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one call of `briefbrug read`."""

    today: date
    pile: Pile
    letters: Mapping[str, ReadLetter]
    unread: tuple[Unread, ...]
    knowledge: Knowledge


@dataclass(frozen=True, slots=True)
class _PageOf:
    """One reading with the path it is reported under and a name of its own (two sheets share a path)."""

    key: str
    path: str
    file: int
    reading: PageReading


def _read_file(path: Path, pool: ReadingPool) -> tuple[PageReading, ...] | str:
    """Return the readings of one path, or the code of the reason why there are none."""
    try:
        if not path.exists() or _is_empty_folder(path):
            return Reason.FILE_MISSING.value
        if not path.is_file():
            return Reason.FILE_KIND.value  # a folder in a folder, a device, a pipe that would never end
        with path.open("rb") as file:
            content = file.read(DEFAULT_LIMITS.file_bytes + 1)
    except (OSError, ValueError):
        return Reason.FILE_KIND.value
    try:
        return pool.read(content)
    except BriefbrugError as error:
        return error.reason.value


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and next(_inside(path), None) is None


def _inside(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def _is_pdf(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return format_of(file.read(1024)) == "PDF"
    except OSError:
        return False


def read_paths(
    paths: Sequence[str | Path],
    today: date,
    pile: bool,
    knowledge: Knowledge,
    workers: int = 1,
    progress: Progress | None = None,
    pool: ReadingPool | None = None,
) -> Report:
    """Return what stands on the letters of these files, ranked together.

    Args:
        paths: photos and PDFs; a folder stands for the files in it.
        today: the day from which deadlines and urgency are judged.
        pile: join pages of different files into letters; otherwise each file is its own letter (or letters, when a
            photo shows several).
        knowledge: senders, kinds, law.
        workers: reading processes; one per core is right.
        progress: called after each file.
        pool: a pool to use and leave open; None makes one and closes it.

    A file that cannot be read is listed as unread; nothing is raised for it.
    """
    files = _expanded(paths)
    own_pool = pool is None
    reading_pool = pool if pool is not None else ReadingPool(max(1, min(workers, max(1, len(files)))))
    results: dict[int, tuple[PageReading, ...] | str] = {}
    threads = ThreadPoolExecutor(max_workers=max(1, workers))
    try:
        waiting = {threads.submit(_read_file, path, reading_pool): number for number, (_, path) in enumerate(files)}
        for done, future in enumerate(as_completed(waiting), 1):
            number = waiting[future]
            results[number] = future.result()
            if progress:
                progress(done, len(files), files[number][0])
    finally:
        # Also when a person stops it half way: what waits is dropped, what reads is ended.
        threads.shutdown(wait=False, cancel_futures=True)
        if own_pool:
            reading_pool.close()
    return _report(files, results, today, pile, knowledge)


def _expanded(paths: Sequence[str | Path]) -> list[tuple[str, Path]]:
    files: list[tuple[str, Path]] = []
    for raw in paths:
        path = Path(raw)
        if path.is_dir() and not _is_empty_folder(path):
            files.extend((str(p), p) for p in _inside(path))
        else:
            files.append((str(raw), path))
    return files


def _report(
    files: Sequence[tuple[str, Path]],
    results: Mapping[int, tuple[PageReading, ...] | str],
    today: date,
    pile: bool,
    knowledge: Knowledge,
) -> Report:
    pages: list[_PageOf] = []
    unread: list[Unread] = []
    for number, (name, path) in enumerate(files):
        result = results[number]
        if isinstance(result, str):
            unread.append(Unread(name, result))
            continue
        pdf = _is_pdf(path)
        for index, reading in enumerate(result):
            shown = f"{name}#{index + 1}" if pdf else name
            if reading.problem is not None:
                unread.append(Unread(shown, reading.problem, _sender_of_envelope(reading, knowledge)))
                continue
            pages.append(_PageOf(f"{number}:{index}", shown, number, reading))
    letters = [_letter(group, knowledge) for group in _groups(pages, pile, files)]
    by_ref = {letter.ref: letter for letter in letters}
    understood = understand_pile({letter.ref: letter.facts for letter in letters}, knowledge, today)
    return Report(today, understood, by_ref, tuple(unread), knowledge)


def _sender_of_envelope(reading: PageReading, knowledge: Knowledge) -> str | None:
    if reading.problem != Reason.ENVELOPE.value:
        return None
    facts = read_facts([reading], knowledge)
    return facts.sender.value if facts.sender else None


def _groups(
    pages: Sequence[_PageOf], pile: bool, files: Sequence[tuple[str, Path]]
) -> list[tuple[list[_PageOf], list[_PageOf]]]:
    """Return per letter its pages in order and the doubles of those pages."""
    by_key = {page.key: page for page in pages}
    groups: list[tuple[list[_PageOf], list[_PageOf]]] = []

    def join(mine: Sequence[_PageOf]) -> None:
        named = [(page.key, page.reading) for page in mine]
        twins = doubles(named)
        for names in join_pages(named):
            groups.append(([by_key[n] for n in names if n not in twins], [by_key[n] for n in names if n in twins]))

    if pile:
        join(pages)
        return groups
    for number in range(len(files)):
        mine = [page for page in pages if page.file == number]
        if not mine:
            continue
        if _is_pdf(files[number][1]) or len(mine) == 1:
            groups.append((mine, []))
        else:
            join(mine)
    return groups


def _letter(group: tuple[list[_PageOf], list[_PageOf]], knowledge: Knowledge) -> ReadLetter:
    pages, twins = group
    start = perf_counter()
    facts = read_facts([page.reading for page in pages], knowledge)
    seconds = sum(page.reading.seconds for page in (*pages, *twins)) + perf_counter() - start
    return ReadLetter(pages[0].key, tuple(page.path for page in (*pages, *twins)), facts, seconds)


# ---------------------------------------------------------------- as JSON


def _evidence(letter: Understood) -> dict[str, Any]:
    facts = letter.facts
    found: dict[str, Found[Any] | None] = {
        "sender": facts.sender if facts.sender and facts.sender.words else facts.sender_name,
        "kind": facts.kind,
        "letter_date": facts.letter_date,
        "deadline": letter.deadline.clue if isinstance(letter.deadline, Deadline) else None,
        "amount": facts.amount,
        "reference": facts.reference,
        "iban": facts.iban,
    }
    out: dict[str, Any] = {}
    for name, finding in found.items():
        proof = proof_of(facts.words, finding) if finding is not None else None
        if proof is not None:
            box = proof.box
            out[name] = {"page": proof.page, "box": [box.x0, box.y0, box.x1, box.y1], "text": proof.text}
    return out


def _explained(letter: Understood, report: Report, texts: Texts) -> str:
    return " ".join(say_all(explain_letter(letter, report.knowledge, report.today), texts))


def _overview(report: Report, texts: Texts) -> tuple[str, ...]:
    """Return what the chat says of the whole pile: the one first thing, what covers more letters, the rest in order."""
    pile, knowledge = report.pile, report.knowledge
    rest, waits = explain_rest(pile, knowledge), explain_can_wait(pile, knowledge)
    heading = (Message("rest_heading"),) if rest else ()
    return say_all((*explain_first(pile, knowledge), *explain_shared(pile, knowledge), *heading, *rest, *waits), texts)


def _letter_json(letter: Understood, report: Report, texts: Texts) -> dict[str, Any]:
    read = report.letters[letter.ref]
    facts = letter.facts
    deadline = letter.deadline if isinstance(letter.deadline, Deadline) else None
    row: dict[str, Any] = {
        "pages": list(read.pages),
        "sender": letter.sender,
        "sender_name": facts.sender_name.value if facts.sender_name else None,
        "kind": letter.kind,
        "letter_date": facts.letter_date.value.isoformat() if facts.letter_date else None,
        "deadline": deadline.last_day.isoformat() if deadline else None,
        "deadline_basis": deadline.basis.value if deadline else None,
        "action": letter.action.value,
        "amount": float(facts.amount.value) if facts.amount else None,
        "reference": facts.reference.value if facts.reference else None,
        "iban": facts.iban.value if facts.iban else None,
        "urgency": letter.urgency,
        "rank": letter.rank,
        "sure": {name: bool(letter.sure.get(name, False)) for name in FIELDS},
        "evidence": _evidence(letter),
        "explanation": _explained(letter, report, texts),
        "seconds": round(read.seconds, 3),
    }
    if letter.group is not None:
        row["group"] = letter.group
    # The same reasons, as data and in words, as the chat, the desk and the export of a case.
    row["reasons"] = [{"code": reason.code, **reason.values} for reason in letter.reasons]
    row["place"] = " ".join(say_all(explain_place(letter, report.pile), texts))
    return row


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as one object for `--json` (design.md section 4); letters in order of rank."""
    texts = load_texts("nl")
    unread: list[dict[str, Any]] = []
    for item in report.unread:
        row: dict[str, Any] = {
            "path": item.path,
            "reason": item.reason,
            "advice": texts.get(f"problem_{item.reason}", ""),
        }
        if item.sender is not None:
            row["sender"] = item.sender
        unread.append(row)
    return {
        "today": report.today.isoformat(),
        "letters": [_letter_json(letter, report, texts) for letter in report.pile.letters],
        "overview": list(_overview(report, texts)),
        "shared": [
            {"code": shared.code, "ranks": [each.rank for each in report.pile.letters if each.ref in shared.refs]}
            for shared in report.pile.shared
        ],
        "unread": unread,
    }


# ---------------------------------------------------------------- as text for a person

_LEVELS = {1: "spoed", 2: "snel", 3: "plannen", 4: "bewaren"}
_LABELS = {
    "sender": "afzender", "kind": "soort brief", "letter_date": "datum van de brief", "deadline": "uiterste dag",
    "amount": "bedrag", "reference": "kenmerk", "iban": "rekeningnummer", "urgency": "haast",
}  # fmt: skip


def _label(name: str, texts: Texts) -> str:
    return texts.get(f"read_{name}", _LABELS.get(name, name))


def report_text(report: Report, texts: Texts) -> str:
    """Return the ranked, explained overview in Dutch, for a person at a terminal."""
    lines: list[str] = []
    letters = report.pile.letters
    count = len(letters)
    said = f"{count} {'brief' if count == 1 else 'brieven'}" if count else "geen brief gelezen"
    lines.append(f"Overzicht op {say_day(report.today)}: {said}")
    lines.append("")
    if count > 1:
        lines += [f"  {line}" for line in _overview(report, texts)] + [""]
    for letter in letters:
        lines.extend(_letter_lines(letter, report, texts))
        lines.append("")
    if report.unread:
        lines.append("Niet gelezen:")
        for item in report.unread:
            lines.append(f"  {item.path}")
            lines.append(f"    {_advice(item, texts)}")
            if item.sender is not None:
                lines.append(f"    Afzender op de envelop: {report.knowledge.senders[item.sender].name_nl}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _letter_lines(letter: Understood, report: Report, texts: Texts) -> list[str]:
    read = report.letters[letter.ref]
    facts = letter.facts
    name = facts.sender_name.value if facts.sender_name else report.knowledge.senders[letter.sender].name_nl
    kind = letter.kind or "soort onbekend"
    head = f"{letter.rank}. {name}: {kind}  [{_LEVELS[letter.urgency]}]"
    if letter.history:
        head += "  (oudere brief van dezelfde schuld)"
    lines = [head, *(f"   {page}" for page in read.pages)]
    values: list[tuple[str, str]] = []
    if facts.letter_date:
        values.append(("letter_date", say_day(facts.letter_date.value)))
    if isinstance(letter.deadline, Deadline):
        values.append(("deadline", say_day(letter.deadline.last_day)))
    if facts.amount:
        values.append(("amount", say_euros(facts.amount.value)))
    if facts.reference:
        values.append(("reference", facts.reference.value))
    if facts.iban:
        values.append(("iban", facts.iban.value))
    for field_name, value in values:
        doubt = "" if letter.sure.get(field_name) else "  (niet zeker, kijk na)"
        lines.append(f"   {_label(field_name, texts) + ':':22}{value}{doubt}")
    evidence = _evidence(letter)
    for field_name in ("deadline", "amount"):
        if field_name in evidence:
            proof = evidence[field_name]
            lines.extend(_look(_label(field_name, texts), proof, facts))
    unsure = [_label(n, texts) for n in FIELDS if not letter.sure.get(n)]
    if unsure:
        lines.append(f"   {'kijk zelf na:':22}{', '.join(unsure)}")
    lines.extend(_wrapped(_explained(letter, report, texts)))
    if len(report.pile.letters) > 1:
        lines.extend(_wrapped(" ".join(say_all(explain_place(letter, report.pile), texts))))
    return lines


def _look(label: str, proof: Mapping[str, Any], facts: LetterFacts) -> list[str]:
    """Return where on the letter a value stands: page, printed line, and that line's words."""
    lines: dict[int, list[str]] = {}
    for word in facts.words:
        if word.page == proof["page"]:
            lines.setdefault(word.line, []).append(word.text)
    where = f"bladzijde {proof['page'] + 1}"
    place = next((n for n, words in enumerate(lines.values(), 1) if proof["text"] in " ".join(words)), None)
    if place is not None:
        where += f", regel {place}"
    return [f"   {'bewijs ' + label + ':':22}{where}", f'   {"":22}"{proof["text"]}"']


def _advice(item: Unread, texts: Texts) -> str:
    """Return why a path was not read, for a person at a terminal: a wrong path is no broken photo."""
    path = Path(item.path)
    if item.reason == Reason.FILE_MISSING.value:
        return "In deze map staat niets." if path.is_dir() else "Dit bestand is er niet. Kijk of de naam klopt."
    if path.is_dir():
        return "Dit is een map in een map. Noem deze map zelf, dan lees ik hem ook."
    return say(Message(f"problem_{item.reason}"), texts)


def _wrapped(text: str, width: int = 96) -> list[str]:
    lines: list[str] = []
    line = "  "
    for word in text.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = "  "
        line += " " + word
    return [*lines, line] if line.strip() else lines
