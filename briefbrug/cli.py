"""The command line: reading without a server, the processes, the team, erasing, checking."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path

from briefbrug import processes
from briefbrug.clock import Clock
from briefbrug.errors import BriefbrugError, Reason
from briefbrug.failpoints import arm
from briefbrug.house import House, build_house
from briefbrug.settings import Settings, load_env_file, read_settings
from briefbrug.store.migrate import migrate
from briefbrug.vault import make_key_file, read_key_file

RUNNING = {
    "web": processes.run_web,
    "telegram": processes.run_telegram,
    "worker": processes.run_worker,
    "actions": processes.run_actions,
}


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="briefbrug", description="From a bag of unopened letters to a named human's answer."
    )
    verbs = top.add_subparsers(dest="verb", required=True)
    read = verbs.add_parser("read", help="read photos and PDFs of letters, without a server or a database")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a photo, a PDF, or a folder with them")
    read.add_argument("--today", type=_day, default=None, metavar="YYYY-MM-DD", help="judge deadlines from this day")
    read.add_argument("--json", action="store_true", help="print one JSON object")
    read.add_argument("--pile", action="store_true", help="join pages into letters and rank them as one bag")
    verbs.add_parser("run", help="start all processes")
    for name in RUNNING:
        verbs.add_parser(name, help=f"start the {name} process alone")
    verbs.add_parser("migrate", help="make keys and tables, or bring the tables up to date")
    look = verbs.add_parser("check", help="look at the installation: one line each, with what to do")
    look.add_argument("--alive", choices=("worker", "telegram"), help="only whether that process of this machine lives")
    verbs.add_parser("backup", help="save the house in the folder of BRIEFBRUG_BACKUPS")
    back = verbs.add_parser("restore", help="put a backup back into an empty house")
    back.add_argument("name", nargs="?", metavar="MOMENT", help="the newest without it")
    verbs.add_parser("verify", help="look whether everything that is stored, and each backup, still opens")
    verbs.add_parser("demo", help="fill the database with a month of invented cases")
    for verb, what in (
        ("forget", "destroy everything of a resident"),
        ("export", "print everything of a resident as JSON"),
    ):
        one = verbs.add_parser(verb, help=what)
        one.add_argument("ref", metavar="REF")
    team = verbs.add_parser("team", help="add professionals, hours, absences; import a file")
    team.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. What goes wrong is one clear line, never a traceback."""
    arguments = parser().parse_args(argv)
    try:
        return run(arguments)
    except BriefbrugError as error:
        print(f"briefbrug: {error.detail or error.reason.value}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def run(arguments: argparse.Namespace) -> int:
    """Run the verb that was asked for."""
    verb: str = arguments.verb
    if verb == "read":
        return read_letters(arguments)
    load_env_file()
    settings = read_settings()
    if verb == "check":
        return check(settings) if arguments.alive is None else alive(settings, arguments.alive)
    if verb in RUNNING:
        RUNNING[verb](settings)
        return 0
    prepare(settings)
    if verb == "migrate":
        return 0
    if verb == "run":
        return start(settings)
    house = build_house(settings)
    try:
        return with_house(house, verb, arguments)
    finally:
        house.close()


def read_letters(arguments: argparse.Namespace) -> int:
    """Read photos and PDFs and print what stands on them and what comes first."""
    from briefbrug.knowledge.load import load_knowledge
    from briefbrug.speech import load_texts
    from ocr.report import read_paths, report_json, report_text

    knowledge = load_knowledge()
    today: date = arguments.today or Clock().today()
    workers = len(os.sched_getaffinity(0))
    with _progress() if sys.stderr.isatty() and not arguments.json else nullcontext() as progress:
        report = read_paths(
            arguments.paths, today, pile=arguments.pile, knowledge=knowledge, workers=workers, progress=progress
        )
    if arguments.json:
        print(json.dumps(report_json(report), ensure_ascii=False))
    else:
        print(report_text(report, load_texts("nl")))
    return 0


@contextmanager
def _progress() -> Generator[Callable[[int, int, str], None]]:
    """Show a bar on the terminal while files are read; it goes away at the end, whatever happens."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("Brieven lezen"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def advance(done: int, of: int, path: str) -> None:
            bar.update(task, completed=done, total=of, description=escape(Path(path).name))

        yield advance


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it as 2026-11-21") from error


def prepare(settings: Settings) -> None:
    """Make what a first start needs: the folder, the keys, the token of the language model, the tables."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_key_file(settings.key_file)
    read_key_file(settings.key_file)
    arm(settings.kill_at, settings.data)
    token = settings.data / "rasa-token"
    if not settings.rasa_token and not token.exists():
        import secrets

        descriptor = os.open(token, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    migrate(settings.database_url)


def start(settings: Settings) -> int:
    """Start everything and say where it is."""
    if settings.demo:
        from briefbrug.usecases.demo_team import make_demonstration_team
        from briefbrug.usecases.demonstration import begin_month

        house = build_house(settings)
        logins = make_demonstration_team(house)
        is_filling = settings.demo_month and begin_month(house)
        house.close()
    else:
        logins, is_filling = [], False
    processes.check_ports(settings)
    url = settings.public_url
    print(f"\n  bewoners      {url}/\n  hulpverleners {url}/inbox\n  gemeente      {url}/monitor\n")
    if logins:
        print("  Demonstratie: inloggen kan met (ook in data/demo-logins.txt)")
        for email, password, name in logins:
            print(f"    {email:<34} {password:<18} {name}")
        print("  Een nieuwe zaak gaat naar Wijkteam Noord: naar Melissa, of naar wie daar meer van het onderwerp weet.")
        print("  Spreekt iemand een andere taal, dan kan het een ander team zijn. Wie in het team is, ziet de zaak.")
        if is_filling:
            print("  Een verzonnen half jaar wordt nu op de achtergrond gevuld. Na een minuut is de monitor vol.")
    print("\n  Stoppen: Ctrl-C\n", flush=True)
    return processes.run_all(settings)


def with_house(house: House, verb: str, arguments: argparse.Namespace) -> int:
    """Run a verb that works on the database."""
    if verb == "demo":
        from briefbrug.usecases.demo_team import make_demonstration_team
        from briefbrug.usecases.demonstration import make_demonstration_month

        make_demonstration_team(house)
        make_demonstration_month(house)
        return 0
    if verb in {"backup", "restore", "verify"}:
        return with_copies(house, verb, arguments)
    if verb == "team":
        from briefbrug.usecases.manage_team import run_team_command

        return run_team_command(house, arguments.rest)
    from briefbrug.usecases.erase import export_resident, forget_resident

    if verb == "forget":
        if not forget_resident(house, arguments.ref, "asked"):
            raise BriefbrugError(Reason.NOT_FOUND, f"there is no resident {arguments.ref}")
        print("forgotten")
        return 0
    exported = export_resident(house, arguments.ref)
    if exported is None:
        raise BriefbrugError(Reason.NOT_FOUND, f"there is no resident {arguments.ref}")
    print(json.dumps(exported, ensure_ascii=False, indent=2))
    return 0


def with_copies(house: House, verb: str, arguments: argparse.Namespace) -> int:
    """Save the house, put it back, or look whether all of it opens."""
    from briefbrug.usecases.keep_copies import back_up, backups, damage, put_back

    if verb == "backup":
        saved = back_up(house)
        print(f"saved {saved.name}: {sum(saved.rows.values())} rows, {len(saved.photos)} photos")
        return 0
    if verb == "restore":
        back = put_back(house, arguments.name)
        print(f"put back {back.generation.name}: {back.rows} rows, {back.photos} photos")
        if back.erased:
            print(f"left out {back.erased} residents who were erased since")
    found = damage(house)
    if house.settings.backups is not None and verb == "verify":
        copies = backups(house)
        found += [line for name in copies.names() for line in copies.findings(name)]
    for line in found:
        print(f"NEE  {line}")
    print("ok   everything that is stored opens" if not found else f"{len(found)} findings")
    return 1 if found else 0


def check(settings: Settings) -> int:
    """Print one line for each part of the installation; return 1 when something needs doing."""
    lines = list(findings(settings))
    for good, what, todo in lines:
        print(f"{'ok ' if good else 'NEE'}  {what}{'' if good else ': ' + todo}")
    return 0 if all(good for good, _, _ in lines) else 1


def alive(settings: Settings, process: str) -> int:
    """Return 0 when the database answers and, for the worker, its sign of life is fresh; for containers."""
    house = build_house(settings)
    try:
        with house.look() as work:
            if process == "worker" and not work.papers.is_alive(processes.executor_name(settings)):
                raise BriefbrugError(Reason.UNEXPECTED, "the worker of this machine gives no sign of life")
            work.people.professionals()
    finally:
        house.close()
    return 0


def findings(settings: Settings) -> list[tuple[bool, str, str]]:
    """Return (good, what, what to do) for each part of the installation."""
    import httpx
    from sqlalchemy import text

    from ocr.tesseract import find_tessdata

    found: list[tuple[bool, str, str]] = [(True, "settings", "")]
    try:
        read_key_file(settings.key_file)
        found.append((True, "installation key", ""))
    except BriefbrugError as error:
        found.append((False, "installation key", error.detail))
    has_tesseract = find_tessdata() is not None or shutil.which("tesseract") is not None
    found.append((has_tesseract, "Tesseract with Dutch", "install the packages tesseract-ocr and tesseract-ocr-nld"))
    models = list((processes.ROOT / "nlu_data" / "models").glob("*.tar.gz"))
    found.append((bool(models), "Rasa model", "run make setup"))
    try:
        house = build_house(settings)
        with house.look() as work:
            work.session.execute(text("SELECT 1 FROM resident LIMIT 1"))
            people = work.people.professionals()
        found.append((True, "database", ""))
        found.append((bool(people), "professionals", "add them with briefbrug team import"))
        house.close()
    except BriefbrugError as error:
        found.append((False, "house", error.detail))
    except Exception as error:
        found.append((False, "database", f"run briefbrug migrate ({type(error).__name__})"))
    try:
        response = httpx.get(f"{settings.rasa_url}/version", timeout=3, params={"token": settings.rasa_token})
        found.append((response.is_success, "Rasa server", "start it with briefbrug run"))
    except httpx.HTTPError:
        found.append((False, "Rasa server", "it does not answer; start it with briefbrug run"))
    shifted = settings.today is None or settings.demo
    found.append((shifted, "clock", "BRIEFBRUG_TODAY shifts the clock; unset it outside demonstrations"))
    secure = settings.demo or settings.public_url.startswith("https://")
    found.append((secure, "https", "set BRIEFBRUG_PUBLIC_URL to your https address"))
    return found
