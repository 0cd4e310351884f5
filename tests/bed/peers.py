"""The peers of the reading bench: what others make of the same photographs, and how long it takes them."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from tests.bed.letters import HERE

ROOT = HERE.parents[1]
Read = Callable[[Path], str]
"""From a file to the words that a peer sees on it."""


def bench_program(name: str) -> str | None:
    """Return a program of `.venv-bench`, else of the path; None without it."""
    own = ROOT / ".venv-bench" / "bin" / name
    return str(own) if own.is_file() else shutil.which(name)


def pytesseract_defaults(path: Path) -> str:
    """Read the raw photo as most scripts do: pytesseract, nothing set but the language."""
    import pytesseract
    from PIL import Image

    with Image.open(path) as image:
        return str(pytesseract.image_to_string(image.convert("RGB"), lang="nld"))


def tesseract_one_thread(path: Path) -> str:
    """Read the raw photo with Tesseract's own program, one thread."""
    done = subprocess.run(
        ["tesseract", str(path), "-", "-l", "nld"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout


def rapidocr_two_threads() -> Read:
    """Return RapidOCR with two threads, warm."""
    from rapidocr import RapidOCR

    logging.disable(logging.INFO)
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 2})

    def read(path: Path) -> str:
        found = engine(str(path))
        return "\n".join(found.txts or ())

    return read


def ocrmypdf_pages(program: str, path: Path) -> str:
    """Read a photo or a PDF of pictures with OCRmyPDF: two jobs, pages turned and straightened."""
    with tempfile.TemporaryDirectory() as folder:
        side = Path(folder) / "text.txt"
        told = ["-l", "nld", "--rotate-pages", "--deskew", "-j", "2", "--output-type", "pdf", "--sidecar", str(side)]
        if path.suffix.lower() != ".pdf":
            told += ["--image-dpi", "150"]
        subprocess.run([program, *told, str(path), str(Path(folder) / "out.pdf")], capture_output=True, check=False)
        return side.read_text("utf-8") if side.is_file() else ""


def peers() -> dict[str, Read]:
    """Return the four peers by name, those that are installed."""
    found: dict[str, Read] = {
        "(a) pytesseract, raw": pytesseract_defaults,
        "(c) RapidOCR, 2 threads": rapidocr_two_threads(),
        "(d) tesseract, 1 thread": tesseract_one_thread,
    }
    program = bench_program("ocrmypdf")
    if program is not None:
        found["(b) OCRmyPDF -j2"] = lambda path: ocrmypdf_pages(program, path)
    return dict(sorted(found.items()))


def _words(text: str) -> Counter[str]:
    return Counter(w.lower() for w in re.findall(r"[\w€]{2,}", text))


def recall(true: str, read: str) -> float:
    """Return the share of the true words (each as often as printed) that were read exactly."""
    want, got = _words(true), _words(read)
    return sum(min(n, got[w]) for w, n in want.items()) / max(1, sum(want.values()))


@cache
def true_text(letter_id: str) -> str:
    """Return the printed text of a letter, from its own PDF."""
    import pypdfium2

    from tests.bed.letters import all_letters
    from tests.bed.render import render

    paper = next(iter(render([one for one in all_letters() if one.id == letter_id])))
    document = cast(Any, pypdfium2).PdfDocument(paper.pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


# ---------------------------------------------------------------- dates

_MONTHS = ("januari februari maart april mei juni juli augustus september oktober november december").split()
_SHORT = ("jan feb mrt apr mei jun jul aug sep okt nov dec").split()
_DAYS = ("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag").split()
_WRITTEN: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{_DAYS[d.weekday()]} {d.day} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day:02}-{d.month:02}-{d.year}",
    lambda d: f"{d.day}-{d.month}-{d.year}",
    lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    lambda d: f"{d.year}-{d.month:02}-{d.day:02}",
    lambda d: f"{d.day} {_SHORT[d.month - 1]}. {d.year}",
    lambda d: f"{d.day:02}-{d.month:02}-{d.year % 100:02}",
)
_ROUND_IT = (
    "Betaal uiterlijk op {} het hele bedrag.",
    "Onze brief van {} hebt u niet beantwoord.",
    "U wordt verwacht op {} om 10.30 uur.",
    "Datum: {} Ons kenmerk: 2026/11/4471",
    "Stuur de papieren vóór {} terug.",
    "De termijn liep van {} tot en met {}.",
)
_NO_DATES = (
    "Postbus 1200, 3500 AD Utrecht, tel. 030 12 34 567",
    "IBAN NL91 ABNA 0417 1643 00, BIC ABNANL2A",
    "U belt ons binnen 30 uur of in 2 dagen.",
    "Wij zijn open van 9.00 tot 17.00 uur, maandag tot en met vrijdag.",
    "Bedrag € 1.284,50 en kosten € 40,00 (15%)",
    "Kenmerk 26.11.4471-08, dossier 2026-11-99, klant 05/12345",
    "Artikel 6:96 lid 2 en artikel 4:17 van de wet",
    "Zaaknummer 11203344 CV EXPL 26-8812",
    "betalingskenmerk 8234 5678 9012 3456",
    "Versie 3.11.7, pagina 2 van 3, 12-16 jaar, 1/2 deel",
    "KvK 12345678, BTW NL001234567B01",
    "meterstand 04521 op teller 12-03-A",
)


def date_passages(count: int, seed: int) -> list[tuple[str, list[str]]]:
    """Return invented passages with the dates (ISO, in order) that stand in them; half of each looks like one only."""
    chance = random.Random(seed)
    found: list[tuple[str, list[str]]] = []
    for _ in range(count):
        frame = chance.choice(_ROUND_IT)
        days = [date(2026, 1, 1) + timedelta(days=chance.randrange(700)) for _ in range(frame.count("{}"))]
        parts = [frame.format(*(chance.choice(_WRITTEN)(day) for day in days)), *chance.sample(_NO_DATES, 2)]
        chance.shuffle(parts)
        found.append((" ".join(parts), [day.isoformat() for day in days]))
    return found


def our_dates(text: str) -> list[str]:
    """Return the dates that Briefbrug's own grammar finds, ISO."""
    from ocr.dates import find_dates

    return [f"{d.year}-{d.month:02}-{d.day:02}" for d in find_dates(text.split()) if d.year is not None]


_DATEPARSER = """
import json, sys, time
from datetime import datetime
from dateparser.search import search_dates
told = {"RELATIVE_BASE": datetime(2026, 11, 21), "DATE_ORDER": "DMY"}
search_dates("op 3 mei 2026", languages=["nl"], settings=told)
for line in sys.stdin:
    text = json.loads(line)
    start = time.perf_counter()
    found = search_dates(text, languages=["nl"], settings=told) or []
    print(json.dumps([time.perf_counter() - start, [day.date().isoformat() for _, day in found]]), flush=True)
"""


def dateparser_dates(texts: Sequence[str]) -> list[tuple[float, list[str]]] | None:
    """Return seconds and dates (ISO) of `dateparser.search_dates` per text, warm; None when it is not installed."""
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not python.is_file():
        return None
    asked = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", _DATEPARSER], input=asked, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return None
    return [(float(row[0]), list(row[1])) for row in map(json.loads, done.stdout.splitlines())]


def found_and_right(found: Sequence[Sequence[str]], true: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """Return how many dates were found, how many of them are right, and how many there are."""
    right = sum(sum((Counter(one) & Counter(other)).values()) for one, other in zip(found, true, strict=True))
    return sum(map(len, found)), right, sum(map(len, true))


def seconds_of(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long something takes by the clock on the wall, and its outcome."""
    start = perf_counter()
    outcome = act()
    return perf_counter() - start, outcome
