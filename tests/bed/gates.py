"""The ratio gates P1 to P10: Briefbrug against named peers, interleaved, medians, accuracy beside every time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TextIO, cast

from PIL import Image

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import Box
from ocr.batched import PSM_SPARSE
from ocr.facts import read_facts
from ocr.pixels import Pixels
from ocr.pool import ReadingPool
from ocr.reader import Reader
from ocr.report import read_paths, report_json
from ocr.tesseract import find_tessdata, make_recogniser
from ocr.words import Seen
from tests.bed.letters import Letter, all_letters
from tests.bed.make import make
from tests.bed.naive import naive_report
from tests.bed.peers import (
    bench_program,
    date_passages,
    dateparser_dates,
    found_and_right,
    ocrmypdf_pages,
    our_dates,
    pytesseract_defaults,
    rapidocr_two_threads,
    recall,
    seconds_of,
    tesseract_one_thread,
    true_text,
)
from tests.bed.score import match, same

KEYS = ("sender", "deadline", "amount")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise: its code, what was measured, the gate, and whether it is met (None: could not be measured)."""

    code: str
    measured: str
    gate: str
    met: bool | None

    def line(self) -> str:
        """Return the promise as one printed line."""
        said = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        return f"  {self.code:5} {said:12} {self.measured}   (gate {self.gate})"


class _Keeping:
    """A recogniser that keeps the prepared pages that it was given."""

    def __init__(self) -> None:
        self._inner = make_recogniser()
        self.pages: list[Pixels] = []

    def recognise(self, grey: Pixels) -> list[Seen]:
        self.pages.append(grey)
        return self._inner.recognise(grey)

    def lines(self, grey: Pixels) -> list[Box]:
        return self._inner.lines(grey)

    def certainty(self, crops: Sequence[Pixels]) -> float:
        return self._inner.certainty(crops)


def _bare() -> Callable[[Pixels], str]:
    """Return a warm tesserocr with nothing set but the language: what reading the prepared image costs at least."""
    import tesserocr

    api = cast(Any, tesserocr).PyTessBaseAPI(path=find_tessdata() or "", lang="nld")

    def read(grey: Pixels) -> str:
        api.SetPageSegMode(PSM_SPARSE)
        api.SetImage(Image.fromarray(grey))
        return str(api.GetUTF8Text())

    return read


SHOWN = {
    "ours": "Briefbrug, to facts",
    "words": "Briefbrug, to words",
    "bare": "bare tesserocr on the prepared page",
    "pytesseract": "(a) pytesseract, raw",
    "rapidocr": "(c) RapidOCR, 2 threads",
    "tesseract": "(d) tesseract, 1 thread",
}
AFTER_WORDS = ("again", "facts", "the rest")
"""The stages behind the words: the second reader on what decides, the facts, and what no stage counts."""
STAGES = {
    "open": "open the file",
    "find": "find the sheet",
    "flatten": "flatten it",
    "even": "even the light",
    "turn": "make lines level",
    "recognise": "recognise (Tesseract)",
    "flip": "try it the other way up",
    "motion": "a hand that moved",
    "weak": "weak lines, read by another",
    "missed": "print that was passed over",
    "again": "second reader, what decides",
    "facts": "words to facts",
    "the rest": "all else",
}
"""The laps of `PageReading.stages`, as a person reads them."""


def stage_line(laps: Sequence[Mapping[str, float]]) -> str:
    """Return the median milliseconds of each stage in one line, in the order of the work."""
    names = [name for name in STAGES if any(name in lap for lap in laps)]
    each = (f"{name} {1000 * median(lap.get(name, 0.0) for lap in laps):.0f}" for name in names)
    return "ms of a page, median of each stage: " + ", ".join(each)


def photo_gates(
    folder: Path, letters: Sequence[Letter], rounds: int, seed: int, knowledge: Knowledge, tell: Callable[[str], None]
) -> list[Verdict]:
    """Return P1, P2, P3, P5, P6 and P8: photos of 1280 pixels, half of them good, half on a table."""
    half = (len(letters) + 1) // 2
    paths: dict[str, Path] = {}
    truths: list[dict[str, Any]] = []
    for profile, some in (("good", letters[:half]), ("table", letters[half:])):
        truth = make(folder / profile, profile, seed, only=[one.id for one in some], size=1280) if some else None
        if truth is not None:
            truths.append(truth)
            paths |= {p["letter"]: folder / profile / p["path"] for p in truth["photos"]}
    keeping = _Keeping()
    reader = Reader(keeping)
    reader.second.warm()
    bare, rapid = _bare(), rapidocr_two_threads()
    others = {"pytesseract": pytesseract_defaults, "tesseract": tesseract_one_thread, "rapidocr": rapid}
    times: dict[str, list[float]] = {name: [] for name in ("ours", "words", "bare", *others)}
    laps: list[Mapping[str, float]] = []
    texts: dict[str, dict[str, str]] = {name: {} for name in ("ours", *others)}
    ratios: dict[str, list[float]] = {"words": [], "facts": []}
    first = next(iter(paths.values()))
    reader.read_file(first.read_bytes())
    rapid(first)
    for number in range(rounds):
        for letter, path in paths.items():
            content = path.read_bytes()
            keeping.pages.clear()
            seconds, readings = seconds_of(lambda content=content: reader.read_file(content))
            facts, _ = seconds_of(lambda readings=readings: read_facts(readings, knowledge))
            lap = {"facts": facts}
            for one in readings:
                lap |= one.stages
            lap["the rest"] = max(0.0, seconds + facts - sum(lap.values()))
            laps.append(lap)
            words = seconds + facts - sum(lap.get(name, 0.0) for name in AFTER_WORDS)
            grey = keeping.pages[0]
            plain, _ = seconds_of(lambda grey=grey: bare(grey))
            times["ours"].append(seconds + facts)
            times["words"].append(words)
            times["bare"].append(plain)
            ratios["words"].append(words / plain)
            ratios["facts"].append((seconds + facts) / plain)
            texts["ours"][letter] = " ".join(w.text for one in readings for w in one.words)
            for name, read in others.items():
                spent, texts[name][letter] = seconds_of(lambda read=read, path=path: read(path))
                times[name].append(spent)
        tell(f"photos of 1280 pixels: round {number + 1} of {rounds}")
    seen = {
        name: sum(recall(true_text(i), text) for i, text in found.items()) / len(paths) for name, found in texts.items()
    }
    mid = {name: median(found) for name, found in times.items()}
    print(f"\nPhotos of 1280 pixels ({len(paths)} letters, {rounds} rounds, interleaved), one process")
    for name, label in SHOWN.items():
        shown = f"   words found {seen[name]:.3f}" if name in seen else ""
        print(f"  {label:36} {mid[name] * 1000:7.0f} ms{shown}")
    print(f"  {stage_line(laps)}")
    n = f"n={len(paths)}x{rounds}"
    verdicts = [
        _ratio("P1", "pytesseract / Briefbrug", mid["pytesseract"] / mid["ours"], 3.0, n),
        _ratio("P2", "tesseract, one thread / Briefbrug", mid["tesseract"] / mid["ours"], 1.3, n),
        _ratio("P3", "RapidOCR, two threads / Briefbrug", mid["rapidocr"] / mid["ours"], 2.4, n),
    ]
    more = seen["ours"] / max(0.001, seen["pytesseract"])
    verdicts.append(
        Verdict(
            "P5",
            f"words found: Briefbrug {seen['ours']:.3f}, pytesseract {seen['pytesseract']:.3f} ({more:.2f}x), "
            f"RapidOCR on the same file {seen['rapidocr']:.3f}, n={len(paths)}",
            ">= 1.8x and not below RapidOCR",
            more >= 1.8 and seen["ours"] >= seen["rapidocr"],
        )
    )
    found, naive, wrong, all_keys = _keys(truths, paths, texts["pytesseract"], knowledge)
    verdicts.append(
        Verdict(
            "P6",
            f"sender, deadline and amount found: {found} of {all_keys} (naive {naive}), wrong and sure {wrong}",
            ">= 16/17, wrong and sure 0",
            found * 17 >= all_keys * 16 and wrong == 0,
        )
    )
    words, facts = median(ratios["words"]), median(ratios["facts"])
    verdicts.append(
        Verdict(
            "P8",
            f"over bare tesserocr: to words {words:.2f}x, to facts {facts:.2f}x, {n}",
            "<= 1.20x and <= 1.5x",
            words <= 1.2 and facts <= 1.5,
        )
    )
    return verdicts


def _ratio(code: str, what: str, value: float, gate: float, n: str) -> Verdict:
    return Verdict(code, f"{what} {value:.2f}x, {n}", f">= {gate}x", value >= gate)


def _keys(
    truths: Sequence[dict[str, Any]], paths: dict[str, Path], naive: dict[str, str], knowledge: Knowledge
) -> tuple[int, int, int, int]:
    """Return found keys, those of the naive script, wrong and sure ones, and how many there are."""
    from tests.bed.bench import TODAY

    found = naive_found = wrong = total = 0
    read = report_json(read_paths(list(paths.values()), TODAY, pile=False, knowledge=knowledge, workers=2))
    plain = naive_report({paths[letter].name: text for letter, text in naive.items()})
    for truth in truths:
        mine, theirs = match(truth, read), match(truth, plain)
        for letter in truth["letters"]:
            for key in KEYS:
                one, other = mine[letter["id"]] or {}, theirs[letter["id"]] or {}
                right = same(key, letter[key], one.get(key))
                marked: dict[str, bool] = one.get("sure") or {}
                wrong += marked.get(key, False) and not right and key not in letter["open"]
                if letter[key] is not None and key not in letter["open"]:
                    total += 1
                    found += right
                    naive_found += same(key, letter[key], other.get(key))
    return found, naive_found, wrong, total


def clean_page_gate(folder: Path, letters: Sequence[Letter], rounds: int, seed: int) -> list[Verdict]:
    """Return P4: clean scans, OCRmyPDF on one PDF of them against two reading processes on the pages."""
    program = bench_program("ocrmypdf")
    truth = make(folder, "clean", seed, only=[one.id for one in letters])
    paths = {p["letter"]: folder / p["path"] for p in truth["photos"]}
    if program is None:
        return [Verdict("P4", "OCRmyPDF is not installed", ">= 3.5x", None)]
    pictures = [Image.open(path).convert("L") for path in paths.values()]
    whole = folder / "all-pages.pdf"
    pictures[0].save(whole, "PDF", resolution=200, save_all=True, append_images=pictures[1:], quality=85)
    wanted = "\n".join(true_text(letter) for letter in paths)
    ours: list[float] = []
    theirs: list[float] = []
    mine = other = ""
    with ReadingPool(2) as pool, ThreadPoolExecutor(2) as threads:
        contents = [path.read_bytes() for path in paths.values()]
        list(threads.map(pool.read, contents[:2]))
        for _ in range(rounds):
            spent, found = seconds_of(lambda: list(threads.map(pool.read, contents)))
            ours.append(spent / len(contents))
            mine = " ".join(w.text for readings in found for one in readings for w in one.words)
            spent, other = seconds_of(lambda: ocrmypdf_pages(program, whole))
            theirs.append(spent / len(contents))
    ratio = median(theirs) / median(ours)
    told = (
        f"OCRmyPDF -j2 {median(theirs) * 1000:.0f} ms a page (words found {recall(wanted, other):.3f}) / Briefbrug, "
        f"2 processes {median(ours) * 1000:.0f} ms ({recall(wanted, mine):.3f}): {ratio:.2f}x, n={len(paths)}x{rounds}"
    )
    return [Verdict("P4", told, ">= 3.5x", ratio >= 3.5)]


_BARE_LOOP = """
import sys, time
import tesserocr
from PIL import Image
api = tesserocr.PyTessBaseAPI(path=sys.argv[1], lang="nld")
page = Image.open(sys.argv[2]).convert("L")
def read():
    api.SetImage(page)
    api.GetUTF8Text()
read()
print("warm", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    for _ in range(4):
        read()
    print(time.perf_counter() - start, flush=True)
"""


class _BareLoops:
    """Two programs that read one photo with bare tesserocr: how much two do at once on this machine, at most."""

    def __init__(self, path: Path) -> None:
        told = [sys.executable, "-c", _BARE_LOOP, find_tessdata() or "", str(path)]
        quiet = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        self._programs = [
            subprocess.Popen(
                told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
            )
            for _ in range(2)
        ]
        self._answers(self._programs)

    @staticmethod
    def _answers(programs: Sequence[subprocess.Popen[str]]) -> list[str]:
        return [cast(TextIO, one.stdout).readline() for one in programs]

    def seconds(self, count: int) -> float:
        """Return how long `count` of the programs take side by side."""
        asked = self._programs[:count]
        for one in asked:
            pipe = cast(TextIO, one.stdin)
            pipe.write("\n")
            pipe.flush()
        return max(float(answer) for answer in self._answers(asked))

    def end(self) -> None:
        """Let both end."""
        for one in self._programs:
            one.communicate()


def scaling_gate(paths: Sequence[Path], rounds: int) -> list[Verdict]:
    """Return P7: the same photos through one reading process and through two.

    A rate is that of busy processes: the photos that take longest come first, so that no core waits at the end for the
    other's last photo. Beside it stands what two bare loops of tesserocr do in the same minutes.
    """
    contents = [path.read_bytes() for path in paths]
    walls: dict[int, list[float]] = {1: [], 2: []}
    bare: dict[int, list[float]] = {1: [], 2: []}
    loops = _BareLoops(paths[0])
    with ReadingPool(1) as one, ReadingPool(2) as two, ThreadPoolExecutor(2) as threads:
        list(threads.map(two.read, contents[:2]))
        one.read(contents[0])
        spent = [seconds_of(lambda content=content: one.read(content))[0] for content in contents]
        contents = [content for _, content in sorted(zip(spent, contents, strict=True), reverse=True) for _ in range(2)]
        for _ in range(rounds):
            walls[1].append(seconds_of(lambda: [one.read(content) for content in contents])[0])
            walls[2].append(seconds_of(lambda: list(threads.map(two.read, contents)))[0])
            for count, seconds in bare.items():
                seconds.append(loops.seconds(count))
    loops.end()
    ratio = median(walls[1]) / median(walls[2])
    most = 2 * median(bare[1]) / median(bare[2])
    rate = len(contents) / median(walls[2])
    told = (
        f"1 -> 2 processes {ratio:.2f}x ({rate:.2f} photos a second with two; two bare tesserocr loops {most:.2f}x), "
        f"n={len(contents)}x{rounds}"
    )
    return [Verdict("P7", told, ">= 1.9x", ratio >= 1.9)]


def text_pdf_gate(folder: Path, letters: Sequence[Letter], rounds: int, seed: int) -> list[Verdict]:
    """Return P9: PDFs with a text layer, no call of a recogniser."""
    truth = make(folder, "textpdf", seed, only=[one.id for one in letters])
    files = sorted({folder / p["path"].split("#")[0] for p in truth["photos"]})
    keeping = _Keeping()
    reader = Reader(keeping)
    reader.read_file(files[0].read_bytes())
    times: list[float] = []
    for _ in range(rounds):
        for path in files:
            spent, readings = seconds_of(lambda path=path: reader.read_file(path.read_bytes()))
            times.append(spent / len(readings))
    calls, each = len(keeping.pages), median(times)
    told = f"{calls} OCR calls, {each * 1000:.0f} ms a page, n={len(files)}x{rounds}"
    return [Verdict("P9", told, "0 calls, <= 60 ms", calls == 0 and each <= 0.06)]


def date_gate(passages: int, letters: int, rounds: int, seed: int) -> list[Verdict]:
    """Return P10: dates found in passages made for it, and the time on the bed's own letters."""
    made = date_passages(passages, seed)
    texts = [true_text(one.id) for one in all_letters() if one.part != "bag"][:letters]
    true = [days for _, days in made]
    count, right, all_ = found_and_right([our_dates(text) for text, _ in made], true)
    precision, rate = right / max(1, count), right / max(1, all_)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours += [seconds_of(lambda text=text: our_dates(text))[0] for text in texts]
        other = dateparser_dates(texts)
        theirs += [spent for spent, _ in other or ()]
    if not theirs:
        told = f"ours: precision {precision:.3f}, recall {rate:.3f}; dateparser is not installed"
        return [Verdict("P10", told, ">= 100x, precision and recall >= 0.98", None)]
    others = dateparser_dates([text for text, _ in made]) or []
    their_count, their_right, _ = found_and_right([days for _, days in others], true)
    ratio = median(theirs) / median(ours)
    told = (
        f"dateparser / ours {ratio:.0f}x a letter ({median(theirs) * 1000:.1f} / {median(ours) * 1000:.3f} ms, "
        f"n={len(texts)}x{rounds}); precision {precision:.3f} ({right}/{count}), recall {rate:.3f} ({right}/{all_}); "
        f"dateparser {their_right / max(1, their_count):.3f}, {their_right / max(1, all_):.3f}"
    )
    return [
        Verdict("P10", told, ">= 100x, precision and recall >= 0.98", ratio >= 100 and min(precision, rate) >= 0.98)
    ]
