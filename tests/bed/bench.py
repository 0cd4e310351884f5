"""The reading bench: Briefbrug and its peers on the same photographs in one run, accuracy beside every time.

    python -m tests.bed.bench [--part held] [--profiles clean,good,table,bad] [--limit 12] [--seed 7]
                              [--peers all|none] [--quick]

Peers: (a) pytesseract with its defaults on the raw photo and keywords (`naive.py`), (b) OCRmyPDF with rotate and
deskew, (c) RapidOCR with two threads, (d) the tesseract command with one thread. OCRmyPDF lives in an environment of
its own, because it pins other packages (`uv venv .venv-bench`, then
`uv pip install --python .venv-bench/bin/python ocrmypdf`); without it that row is left out and said so.
Only single-page letters are read by the peers, so that times are per page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from tests.bed.letters import HERE
from tests.bed.make import make
from tests.bed.naive import naive_report
from tests.bed.score import DECIDING, FIELDS, deciding, goals_of, percent, print_table, score

ROOT = HERE.parents[1]
TODAY = date(2026, 11, 21)


def ocrmypdf_command() -> str | None:
    """Return the OCRmyPDF program, from the path or from `.venv-bench`; None without it."""
    own = ROOT / ".venv-bench" / "bin" / "ocrmypdf"
    return str(own) if own.is_file() else shutil.which("ocrmypdf")


def _pytesseract(path: Path) -> str:
    import pytesseract
    from PIL import Image

    with Image.open(path) as image:
        return str(pytesseract.image_to_string(image.convert("RGB"), lang="nld"))


def _tesseract_one_thread(path: Path) -> str:
    done = subprocess.run(
        ["tesseract", str(path), "-", "-l", "nld"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout


def _rapidocr() -> Callable[[Path], str]:
    import logging

    from rapidocr import RapidOCR

    logging.disable(logging.INFO)
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 2})

    def read(path: Path) -> str:
        found = engine(str(path))
        return "\n".join(found.txts or ())

    return read


def _ocrmypdf(program: str) -> Callable[[Path], str]:
    def read(path: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            side = Path(folder) / "text.txt"
            subprocess.run(
                [
                    program,
                    "-l",
                    "nld",
                    "--rotate-pages",
                    "--deskew",
                    "--image-dpi",
                    "150",
                    "-j",
                    "2",
                    "--output-type",
                    "pdf",
                    "--sidecar",
                    str(side),
                    str(path),
                    str(Path(folder) / "out.pdf"),
                ],
                capture_output=True,
                check=False,
            )
            return side.read_text("utf-8") if side.is_file() else ""

    return read


def _words(text: str) -> Counter[str]:
    return Counter(w.lower() for w in re.findall(r"[\w€]{2,}", text))


def recall(true: str, read: str) -> float:
    """Return the share of the true words (each as often as printed) that were read exactly."""
    want, got = _words(true), _words(read)
    return sum(min(n, got[w]) for w, n in want.items()) / max(1, sum(want.values()))


def true_text(letter_id: str) -> str:
    """Return the printed text of a letter, from its own PDF."""
    import pypdfium2

    from tests.bed.letters import all_letters
    from tests.bed.render import render

    paper = next(iter(render([one for one in all_letters() if one.id == letter_id])))
    document = pypdfium2.PdfDocument(paper.pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def _briefbrug(paths: list[Path], workers: int) -> tuple[dict[str, Any], dict[str, str], float]:
    """Return the report, the recognised text per file and the wall time in seconds, with warm reading processes."""
    from briefbrug.knowledge.load import load_knowledge
    from ocr.pool import ReadingPool
    from ocr.report import read_paths, report_json

    knowledge = load_knowledge()
    pool = ReadingPool(workers)
    try:
        read_paths(paths[: max(1, workers)], TODAY, pile=False, knowledge=knowledge, workers=workers, pool=pool)
        start = perf_counter()
        report = read_paths(paths, TODAY, pile=False, knowledge=knowledge, workers=workers, pool=pool)
        wall = perf_counter() - start
    finally:
        pool.close()
    texts: dict[str, str] = {}
    for letter in report.letters.values():
        for page in letter.pages:
            texts[Path(page).name] = texts.get(Path(page).name, "") + " ".join(w.text for w in letter.facts.words)
    return report_json(report), texts, wall


def _row(name: str, found: dict[str, Any], seconds: float, words: float | None) -> str:
    cells = [f"{percent(found['fields'][f]['right'], found['fields'][f]['all']):>6}" for f in FIELDS]
    sums = deciding(found)
    seen = f"{words:.3f}" if words is not None else "    -"
    return (
        f"{name:22} {seconds:7.3f} {seen:>6} "
        + " ".join(cells)
        + f" {percent(found['pairs']['right'], found['pairs']['all']):>6} {sums['sure_wrong']:>4}/{sums['sure']}"
    )


def main() -> None:
    """Make the photographs, read them with everybody, print one table per profile."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="held", choices=["held", "tune", "all", "shift"])
    parser.add_argument("--profiles", default="clean,good,table,bad")
    parser.add_argument("--limit", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=0)
    parser.add_argument("--peers", default="all", choices=["all", "none"])
    parser.add_argument("--mistakes", action="store_true", help="print every wrong value")
    parser.add_argument("--keep", type=Path, default=None, help="folder for the photos, truth and readings")
    parser.add_argument("--quick", action="store_true", help="four letters of every profile, no peers: some minutes")
    asked = parser.parse_args()
    if asked.quick:
        asked.limit, asked.peers = 4, "none"
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="bench-reading-"))
    peers: dict[str, Callable[[Path], str]] = {}
    if asked.peers == "all":
        peers = {"pytesseract, keywords": _pytesseract, "tesseract, 1 thread": _tesseract_one_thread}
        program = ocrmypdf_command()
        if program:
            peers["OCRmyPDF -j2"] = _ocrmypdf(program)
        else:
            print("OCRmyPDF is not installed: its row is left out (see the module's docstring)")
        peers["RapidOCR, 2 threads"] = _rapidocr()
    print(f"part {asked.part}, seed {asked.seed}, today {TODAY}; s/page: median for peers, wall for Briefbrug")
    for profile in asked.profiles.split(","):
        home = folder / profile
        truth = make(home, profile, asked.seed, asked.part, asked.limit, size=asked.size)
        names = sorted({p["path"].split("#")[0] for p in truth["photos"]})
        paths = [home / name for name in names]
        one_page = {letter["id"]: letter["pages"][0] for letter in truth["letters"] if len(letter["pages"]) == 1}
        print(f"\n{profile}: {len(truth['letters'])} letters, {len(paths)} files")
        print(
            f"{'':22} {'s/page':>7} {'words':>6} "
            + " ".join(f"{f[:6]:>6}" for f in FIELDS)
            + f" {'pairs':>6} wrong/sure of {', '.join(DECIDING)}"
        )
        goals = goals_of(profile)
        print(f"{'goal':22} {'':7} {'':6} " + " ".join(f"{goals[f]:>5}%" for f in FIELDS))
        print_details: dict[str, Any] | None = None
        ours: dict[int, float] = {}
        for workers in (1, 2):
            try:
                report, texts, wall = _briefbrug(paths, workers)
            except ImportError as error:
                print(f"Briefbrug cannot be read with yet: {error}", file=sys.stderr)
                break
            (home / "read.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
            print_details = score(truth, report)
            ours[workers] = wall / max(1, len(paths))
            seen = [recall(true_text(i), texts.get(p, "")) for i, p in one_page.items()] if workers == 1 else []
            print(
                _row(
                    f"Briefbrug, {workers} process" + ("es" if workers > 1 else ""),
                    print_details,
                    wall / max(1, len(paths)),
                    sum(seen) / len(seen) if seen else None,
                )
            )
        readable = {i: p for i, p in one_page.items() if Path(p).suffix.lower() in {".jpg", ".png", ".webp"}}
        part_truth = {
            **truth,
            "letters": [one for one in truth["letters"] if one["id"] in readable],
            "photos": [p for p in truth["photos"] if p["letter"] in readable],
        }
        ratios: dict[str, float] = {}
        for name, read in peers.items():
            times: list[float] = []
            texts = {}
            for path in readable.values():
                start = perf_counter()
                texts[path] = read(home / path)
                times.append(perf_counter() - start)
            seen = [recall(true_text(i), texts[p]) for i, p in readable.items()]
            if times:
                print(_row(name, score(part_truth, naive_report(texts)), median(times), sum(seen) / len(seen)))
                ratios[name] = median(times)
        if 1 in ours and 2 in ours:
            # OCRmyPDF runs two jobs, so it is held against our two processes; all others against one
            shown = [f"{name} {time / ours[2 if '-j2' in name else 1]:.2f}x" for name, time in ratios.items()]
            print(
                "  time of the peer over Briefbrug's: "
                + ", ".join([*shown, f"1 over 2 processes {ours[1] / ours[2]:.2f}x"])
            )
        if print_details is not None and asked.mistakes:
            print_table(print_details)
    if asked.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
