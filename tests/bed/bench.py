"""The reading bench: how well and how fast Briefbrug reads, beside four peers, in one run on the same photographs.

Prints, for each profile of photographs: accuracy of each field with its promise, precision and coverage of `sure`,
deadlines told later than true, pairs of letters in the right order, the rule for letters of urgency 1, proof on the
true line, and the same letters read by (a) pytesseract on the raw photo with keywords, (b) OCRmyPDF with rotate and
deskew, (c) RapidOCR with two threads, (d) the tesseract command with one thread. Then the piles with a known order,
the ratio gates P1 to P10 (interleaved, medians, accuracy beside every time), and at the end every promise with its
figure, its gate and whether it is met. Counts stand beside all shares: a small run says little.

Letters of the part "blind" were never looked at nor learnt from while the reader was made. Times are right on an
idle machine only.
OCRmyPDF and dateparser live in an environment of their own (.venv-bench, made by `make bench-reading`), because they
pin other packages; without it they are left out and said so.

    make bench-reading                        everything, about an hour on two idle cores
    make bench-reading BENCH=--quick          four letters of each profile, about 7 minutes
    make bench-reading BENCH="--only accuracy --profiles table --limit 20 --mistakes"
    make bench-reading BENCH="--only accuracy --camera second"       photographs of the other simulated phone
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.letter import PageReading
from briefbrug.meaning import understand_pile
from ocr.pool import ReadingPool
from ocr.report import Report, read_paths, report_json
from tests.bed import gates
from tests.bed.gates import Verdict
from tests.bed.make import CAMERAS, PARTS, choose, make, piles
from tests.bed.naive import naive_report
from tests.bed.peers import Read, bench_program, peers, recall, seconds_of, true_text
from tests.bed.score import DECIDING, FIELDS, deciding, goals_of, match, percent, print_table, score

TODAY = date(2026, 11, 21)
MAIN = ("clean", "good", "table", "bad")
HARD = ("dark", "far", "two", "covered")
PICTURES = {".jpg", ".png", ".webp"}
PILES = ("good", "table", "bad")
ORDER_GOALS = {"good": 99, "table": 98, "bad": 92}


class Remembering(ReadingPool):
    """A pool that reads each file once: a letter may stand alone, beside others, and in a pile."""

    def __init__(self, processes: int) -> None:
        super().__init__(processes)
        self._known: dict[bytes, tuple[PageReading, ...]] = {}

    def read(self, content: bytes) -> tuple[PageReading, ...]:
        """Return the readings of a file (see `ReadingPool.read`), from memory when it was read before."""
        key = sha256(content).digest()
        if key not in self._known:
            self._known[key] = super().read(content)
        return self._known[key]

    def known(self, content: bytes) -> tuple[PageReading, ...]:
        """Return the readings of a file that was read before; () when it could not be."""
        return self._known.get(sha256(content).digest(), ())


def read_set(
    home: Path, truth: dict[str, Any], pool: ReadingPool, knowledge: Knowledge
) -> tuple[dict[str, Any], float]:
    """Return the report on a set of photographed letters, and the wall time of reading them in seconds.

    Each file is its own letter, as without `--pile`; letters of several pages are given with all their pages.
    """
    paths = [home / name for name in sorted({p["path"].split("#")[0] for p in truth["photos"]})]
    start = perf_counter()
    read_paths(paths, TODAY, pile=False, knowledge=knowledge, workers=2, pool=pool)
    wall = perf_counter() - start
    several = [
        [home / name for name in letter["pages"]]
        for letter in truth["letters"]
        if len(letter["pages"]) > 1 and not any("#" in name for name in letter["pages"])
    ]
    single = [path for path in paths if not any(path in pages for pages in several)]
    reports = [read_paths(single, TODAY, pile=False, knowledge=knowledge, workers=2, pool=pool)]
    reports += [read_paths(pages, TODAY, pile=True, knowledge=knowledge, workers=2, pool=pool) for pages in several]
    return report_json(_ranked_together(reports, knowledge)), wall


def _ranked_together(reports: Sequence[Report], knowledge: Knowledge) -> Report:
    """Return the letters of several calls as one pile: all of them compete for the first place."""
    letters = {
        f"{number}:{ref}": replace(letter, ref=f"{number}:{ref}")
        for number, report in enumerate(reports)
        for ref, letter in report.letters.items()
    }
    pile = understand_pile({ref: letter.facts for ref, letter in letters.items()}, knowledge, TODAY)
    unread = tuple(one for report in reports for one in report.unread)
    return Report(TODAY, pile, letters, unread, knowledge)


def _shares(found: dict[str, Any]) -> str:
    cells = (f"{found['fields'][f]['right']}/{found['fields'][f]['all']}" for f in FIELDS)
    return " ".join(f"{cell:>7}" for cell in cells)


def print_profile(found: dict[str, Any], pages: Sequence[PageReading], wall: float, files: int) -> list[Verdict]:
    """Print the figures of one profile; return its promises. `pages` are its readings, `wall` in seconds."""
    profile, goals = found["profile"], goals_of(found["profile"])
    read = found["letters"] - len(found["unread"])
    unread, rightly = len(found["unread"]), len(found["refused"])
    print(
        f"\n== {profile}: {found['letters']} letters on {files} photos, {read} read, {unread} told as unread"
        + (f", {rightly} of them with the advice that mends it (not judged below)" if rightly else "")
    )
    print(
        f"   a page takes {median(one.seconds for one in pages) if pages else 0:.2f} s in its process, "
        f"{wall / max(1, files):.2f} s by the clock with two"
    )
    if pages:
        print(f"   {gates.stage_line([one.stages for one in pages])}")
    verdicts: list[Verdict] = []
    code = profile[:5]
    for field, count in found["fields"].items():
        sure = found["sure"][field]
        met = 100 * count["right"] >= goals[field] * count["all"] if count["all"] else None
        print(
            f"   {field:12} {count['right']:4}/{count['all']:<4}{percent(count['right'], count['all']):>5}  "
            f"promise {goals[field]}% "
            f"{'met' if met else '-' if met is None else 'NOT MET':8} "
            f"sure: {sure['sure']}, wrong {sure['sure_wrong']}, "
            f"of the right ones {percent(sure['right_sure'], sure['right'])}"
        )
        told = f"{field} right in {count['right']}/{count['all']} ({percent(count['right'], count['all'])})"
        verdicts.append(Verdict(code, told, f">= {goals[field]}%", met))
    sums = deciding(found)
    least = 60 if goals is goals_of("bad") else 90
    cover = 100 * sums["right_sure"] >= least * sums["right"] if sums["right"] else None
    told = (
        f"{', '.join(DECIDING)}: {sums['sure']} sure, {sums['sure_wrong']} of them wrong; "
        f"right ones marked sure {sums['right_sure']}/{sums['right']} ({percent(sums['right_sure'], sums['right'])})"
    )
    precise = 200 * sums["sure_wrong"] <= sums["sure"]
    verdicts.append(Verdict(code, told, f"wrong <= 1 in 200, marked >= {least}%", precise and cover))
    late, doubted = found["later_sure"], found["later_unsure"]
    told = f"deadline later than true: sure {len(late)}, unsure {len(doubted)} of {found['dated']}"
    told += f" ({', '.join([*late, *doubted])})" if late or doubted else ""
    verdicts.append(
        Verdict(
            code,
            told,
            "sure 0, unsure < 1%",
            not late and 100 * len(doubted) < max(1, found["dated"]),
        )
    )
    urgent = found["urgent"]
    hidden, below = len(urgent["hidden"]), len(urgent["below"])
    told = (
        f"level 1 shown as 1 or 2 in {urgent['all'] - hidden}/{urgent['all']}, behind a letter of level 3 or 4: {below}"
    )
    verdicts.append(Verdict(code, told, ">= 99%, never", hidden * 100 <= urgent["all"] and below == 0))
    pairs = found["order"]
    goal = 99 if goals is goals_of("good") else 98 if profile == "table" else 92
    share = percent(pairs["right"], pairs["all"])
    told = f"pairs in the order of their true facts {pairs['right']}/{pairs['all']} ({share})"
    verdicts.append(Verdict(code, told, f">= {goal}%", 100 * pairs["right"] >= goal * pairs["all"]))
    proof = found["evidence"]
    told = (
        f"proof on the true line (overlap at least a half): {proof['line']}/{proof['all']} "
        f"({percent(proof['line'], proof['all'])}), "
        f"on the line or the value itself {proof['right']}/{proof['all']} ({percent(proof['right'], proof['all'])}); "
        f"{proof['twice']} more where the value stands twice"
    )
    verdicts.append(Verdict(code, told, ">= 97%", 100 * proof["line"] >= 97 * proof["all"] if proof["all"] else None))
    for verdict in verdicts[len(found["fields"]) :]:
        print(f" {verdict.line()}")
    return verdicts


def print_peers(
    home: Path, truth: dict[str, Any], read: dict[str, Any], pool: Remembering, others: dict[str, Read], limit: int
) -> None:
    """Print what the peers make of at most `limit` letters of one page, and Briefbrug on the very same."""
    single = {one["id"]: one["pages"][0] for one in truth["letters"] if len(one["pages"]) == 1}
    single = {i: p for i, p in list(single.items())[:limit] if Path(p).suffix.lower() in PICTURES}
    if not single or not others:
        return
    part = {
        **truth,
        "letters": [one for one in truth["letters"] if one["id"] in single],
        "photos": [p for p in truth["photos"] if p["letter"] in single],
    }
    print(f"   the same work by others, {len(single)} letters of one page:")
    print(f"   {'':26} {'s/page':>7} {'words':>6} " + " ".join(f"{f[:7]:>7}" for f in FIELDS) + "   pairs wrong/sure")

    def row(name: str, found: dict[str, Any], spent: float, seen: float) -> None:
        sums = deciding(found)
        print(
            f"   {name:26} {spent:7.2f} {seen:6.3f} {_shares(found)} "
            f"{percent(found['order']['right'], found['order']['all']):>7} {sums['sure_wrong']}/{sums['sure']}"
        )

    readings = {i: pool.known((home / path).read_bytes()) for i, path in single.items()}
    mine = [recall(true_text(i), " ".join(w.text for one in found for w in one.words)) for i, found in readings.items()]
    spent = median([one.seconds for found in readings.values() for one in found] or [0.0])
    row("Briefbrug, 1 process", score(part, read), spent, sum(mine) / len(mine))
    for name, peer in others.items():
        times: list[float] = []
        texts: dict[str, str] = {}
        for path in single.values():
            took, texts[path] = seconds_of(lambda path=path, peer=peer: peer(home / path))
            times.append(took)
        seen = [recall(true_text(i), texts[p]) for i, p in single.items()]
        row(name, score(part, naive_report(texts)), median(times), sum(seen) / len(seen))


def print_piles(
    folder: Path,
    seed: int,
    camera: str,
    pool: ReadingPool,
    knowledge: Knowledge,
    profiles: Sequence[str],
    names: Sequence[str],
) -> list[Verdict]:
    """Read the piles with a known order as one bag each; return the promises about order."""
    verdicts: list[Verdict] = []
    print(f"\n== piles with a known order: {len(names)}, read as one bag each")
    for profile in profiles:
        right = total = urgent = 0
        broken: list[str] = []
        for name in names:
            order = piles()[name]
            home = folder / f"pile-{profile}-{name}"
            truth = make(home, profile, seed, only=order, order=order, camera=camera)
            paths = sorted({home / p["path"].split("#")[0] for p in truth["photos"]})
            read = report_json(read_paths(paths, TODAY, pile=True, knowledge=knowledge, workers=2, pool=pool))
            found = score(truth, read)
            right += found["order"]["right"]
            total += found["order"]["all"]
            urgent += found["urgent"]["all"]
            broken += [*found["urgent"]["hidden"], *found["urgent"]["below"]]
            if found["order"]["right"] < found["order"]["all"]:
                ranks = {i: one["rank"] for i, one in match(truth, read).items() if one}
                print(f"   {profile} {name}: {' '.join(sorted(ranks, key=lambda i: ranks[i]))}")
        told = f"pairs of a pile in the right order {right}/{total} ({percent(right, total)}), {len(names)} piles"
        goal = ORDER_GOALS[profile]
        verdicts.append(Verdict(profile[:5], told, f">= {goal}%", 100 * right >= goal * total))
        told = f"level 1, {urgent} in piles: shown as 3 or 4, or behind a letter of level 3 or 4: "
        told += ", ".join(broken) or "none"
        verdicts.append(Verdict(profile[:5], told, ">= 99%, never", 100 * len(broken) <= urgent))
    for verdict in verdicts:
        print(f" {verdict.line()}")
    return verdicts


def print_gates(
    folder: Path, asked: argparse.Namespace, knowledge: Knowledge, tell: Callable[[str], None]
) -> list[Verdict]:
    """Measure P1 to P10 and return them in order."""
    letters = [one for one in choose(asked.part, 0, (), asked.seed) if len(one.pages) == 1]
    step = max(1, len(letters) // asked.ratio_letters)
    letters = letters[::step][: asked.ratio_letters]
    found = gates.photo_gates(folder / "p", letters, asked.rounds, asked.seed, knowledge, tell)
    tell("clean pages beside OCRmyPDF")
    found += gates.clean_page_gate(folder / "p4", letters, asked.rounds, asked.seed)
    tell("one process and two")
    photos = sorted((folder / "p").glob("*/*.jpg"))
    found += gates.scaling_gate(photos, asked.rounds)
    tell("PDFs with text")
    found += gates.text_pdf_gate(folder / "p9", letters, asked.rounds, asked.seed)
    tell("dates")
    found += gates.date_gate(600, 20 if asked.quick else 100, asked.rounds, asked.seed)
    return sorted(found, key=lambda one: int(one.code[1:]))


def grammar() -> argparse.ArgumentParser:
    """Return the options of the bench."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="blind", choices=PARTS, help="which letters of the bed (default: blind)")
    parser.add_argument(
        "--profiles", default=",".join((*MAIN, *HARD)), help="photographs, by comma (default: %(default)s)"
    )
    parser.add_argument(
        "--camera",
        default="first",
        choices=CAMERAS,
        help="which simulated phone takes the photographs; those of the gates are always of the first",
    )
    parser.add_argument("--limit", type=int, default=0, help="letters of each profile; 0: all (hard profiles 24)")
    parser.add_argument(
        "--peer-letters", type=int, default=14, help="letters that the peers read, of each main profile"
    )
    parser.add_argument("--ratio-letters", type=int, default=12, help="letters of the ratio gates (default: 12)")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of the ratio gates (default: 3)")
    parser.add_argument("--seed", type=int, default=7, help="another seed makes other photographs (default: 7)")
    parser.add_argument(
        "--size", type=int, default=0, help="long side of the photos in pixels; 0: as each profile has it"
    )
    parser.add_argument(
        "--only", default="accuracy,peers,piles,gates", help="parts of the run, by comma (default: %(default)s)"
    )
    parser.add_argument("--mistakes", action="store_true", help="print every wrong value (never for the part blind)")
    parser.add_argument("--keep", type=Path, default=None, help="folder that keeps the photos, truths and readings")
    parser.add_argument("--json", type=Path, default=None, help="also write all figures to this file")
    parser.add_argument(
        "--quick", action="store_true", help="four letters of clean, good, table and bad; about 7 minutes"
    )
    return parser


def main() -> None:
    """Make the photographs, read them with everybody, print the tables and every promise."""
    asked = grammar().parse_args()
    if asked.quick:
        asked.limit, asked.peer_letters, asked.ratio_letters = 4, 2, 4
        asked.profiles = ",".join(MAIN)
    doing = set(asked.only.split(","))
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="bench-reading-"))
    start = perf_counter()

    def tell(what: str) -> None:
        print(f"   [{perf_counter() - start:5.0f} s] {what}", flush=True)

    knowledge = load_knowledge()
    print(f"Reading bench: part {asked.part}, {asked.camera} camera, seed {asked.seed}, today {TODAY}, "
          f"{len(os.sched_getaffinity(0))} cores, load before {os.getloadavg()[0]:.1f}")  # fmt: skip
    if bench_program("ocrmypdf") is None:
        print("OCRmyPDF is not installed: its rows are left out (make bench-reading sets it up)")
    others = peers() if "peers" in doing else {}
    verdicts: list[Verdict] = []
    figures: dict[str, Any] = {"part": asked.part, "camera": asked.camera, "seed": asked.seed, "profiles": {}}
    pool = Remembering(2)
    try:
        for profile in asked.profiles.split(",") if doing & {"accuracy", "peers"} else ():
            home = folder / profile
            limit = asked.limit or (24 if profile in HARD else 0)
            truth = make(home, profile, asked.seed, asked.part, limit, size=asked.size, camera=asked.camera)
            files = len({p["path"].split("#")[0] for p in truth["photos"]})
            tell(f"{profile}: {files} photos made")
            read, wall = read_set(home, truth, pool, knowledge)
            (home / "read.json").write_text(json.dumps(read, ensure_ascii=False, indent=1), "utf-8")
            found = score(truth, read)
            figures["profiles"][profile] = {k: v for k, v in found.items() if k != "mistakes"}
            names = sorted({p["path"].split("#")[0] for p in truth["photos"]})
            pages = [page for name in names for page in pool.known((home / name).read_bytes())]
            verdicts += print_profile(found, pages, wall, files)
            if asked.mistakes:
                print_table(found)
            if profile in MAIN:
                print_peers(home, truth, read, pool, others, asked.peer_letters)
        if "piles" in doing:
            names = list(piles())
            kinds = [p for p in PILES if p in asked.profiles.split(",")]
            few = (kinds[-2:-1] or kinds) if asked.quick else kinds
            names = names[:2] if asked.quick else names
            verdicts += print_piles(folder, asked.seed, asked.camera, pool, knowledge, few, names)
    finally:
        pool.close()
    if "gates" in doing:
        verdicts += print_gates(folder, asked, knowledge, tell)
    print("\n== every promise of this run")
    for verdict in verdicts:
        print(verdict.line())
    counted = [one.met for one in verdicts]
    print(f"\n{counted.count(True)} met, {counted.count(False)} not met, {counted.count(None)} not measured; "
          f"{perf_counter() - start:.0f} s, load after {os.getloadavg()[0]:.1f}")  # fmt: skip
    if asked.json is not None:
        figures["promises"] = [[one.code, one.measured, one.gate, one.met] for one in verdicts]
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    if asked.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
