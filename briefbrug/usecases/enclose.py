"""Files and photos in a professional's answer: made harmless, sealed with the resident's key, shown to her alone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.house import House
from briefbrug.store.tables import Attachment, CaseRow, Resident
from briefbrug.store.thread import Enclosed
from briefbrug.store.unit_of_work import Work, new_ref
from briefbrug.usecases.at_the_desk import CONTROL, MOVED
from briefbrug.usecases.receive_photo import refuse

MOST_FILES = 5
LONGEST_SECONDS = 25.0
LONGEST_NAME = 80
ENDINGS = {"image/jpeg": ".jpg", "application/pdf": ".pdf"}
FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class Harmless:
    """A file that shows and does nothing else: a picture drawn anew (JPEG), or the bare pages of a PDF."""

    name: str
    media_type: str
    content: bytes


def make_harmless(house: House, given: Sequence[tuple[str, bytes]]) -> tuple[Harmless, ...]:
    """Return the files of an answer, each made harmless in a process of its own.

    Args:
        house: the house; its bound on the size of a file is that of residents' photos.
        given: name and bytes of each file, as the professional's browser sent them.

    Raises:
        BriefbrugError: FILE_EMPTY, FILE_TOO_LARGE, FILE_KIND, FILE_DAMAGED, PICTURE_TOO_LARGE, PDF_ENCRYPTED,
            PDF_TOO_MANY_PAGES or READING_TOO_SLOW for one of them; TOO_MANY for more than `MOST_FILES`.
    """
    if len(given) > MOST_FILES:
        raise BriefbrugError(Reason.TOO_MANY, f"{len(given)} files in an answer")
    found: list[Harmless] = []
    for number, (name, content) in enumerate(given, 1):
        problem = refuse(house, content)
        if problem is not None:
            raise BriefbrugError(problem, f"file {number} of an answer")
        kind, harmless = in_a_box(content)
        if len(harmless) > house.settings.upload_max_bytes:
            raise BriefbrugError(Reason.FILE_TOO_LARGE, f"file {number} of an answer, made harmless")
        found.append(Harmless(own_name(name, kind), kind, harmless))
    return tuple(found)


def in_a_box(content: bytes) -> tuple[str, bytes]:
    """Return media type and bytes of a file made harmless in a process of its own (see `briefbrug.inert`).

    Raises:
        BriefbrugError: as `make_harmless`.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "briefbrug.inert"],
            input=content,
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired as error:
        raise BriefbrugError(Reason.READING_TOO_SLOW, "file of an answer") from error
    head, _, harmless = done.stdout.partition(b"\n")
    kind = head.decode("ascii", "replace")
    if kind.startswith("!") and kind[1:] in set(Reason):
        raise BriefbrugError(Reason(kind[1:]), "file of an answer")
    if done.returncode or kind not in ENDINGS or not harmless:
        raise BriefbrugError(Reason.FILE_DAMAGED, f"file of an answer, status={done.returncode}")
    return kind, harmless


def own_name(name: str, media_type: str) -> str:
    """Return a file's name without folders, control signs and signs that turn the reading direction."""
    last = re.split(r"[\\/]", name)[-1]
    plain = FORBIDDEN.sub("", MOVED.sub("", CONTROL.sub("", last))).strip(" .")
    stem = plain.rpartition(".")[0] or plain
    return (stem[:LONGEST_NAME].strip(" .") or "bestand") + ENDINGS[media_type]


def seal_files(house: House, resident_ref: str, files: Sequence[Harmless]) -> tuple[str, ...]:
    """Store files under a resident's key, before any row speaks of them; return their names in the store."""
    if not files:
        return ()
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        if resident is None:
            raise BriefbrugError(Reason.NOT_FOUND, f"resident_ref={resident_ref}")
        key = work.residents.key(resident)
    return tuple(house.photos.put(key, each.content) for each in files)


def announced(files: Sequence[Harmless]) -> tuple[Enclosed, ...]:
    """Return what a message says of its files, each under a reference that cannot be guessed."""
    return tuple(Enclosed(new_ref("F"), each.name, each.media_type, len(each.content)) for each in files)


def enclose(
    work: Work,
    resident: Resident,
    case: CaseRow,
    message_ref: str,
    files: Sequence[Enclosed],
    stored: Sequence[str],
) -> None:
    """Add the rows of a message's files, in the transaction of the message."""
    for position, (each, file_name) in enumerate(zip(files, stored, strict=True)):
        row = Attachment(
            ref=each.ref,
            resident_ref=resident.ref,
            case_ref=case.ref,
            message_ref=message_ref,
            position=position,
            file_name=file_name,
            media_type=each.media_type,
            name_sealed=work.residents.seal(resident, each.name, "attachment"),
            size=each.size,
            at=work.clock.now(),
        )
        work.session.add(row)


def file_of(house: House, resident_ref: str, file_ref: str) -> Harmless | None:
    """Return a file that was sent to this very resident; None for any other.

    The caller must have asked who looks: a door for its own resident, the desk through `access_case`.
    """
    with house.look() as work:
        resident = work.residents.get(resident_ref)
        row = work.session.get(Attachment, file_ref)
        if resident is None or row is None or row.resident_ref != resident.ref:
            return None
        content = house.photos.get(work.residents.key(resident), row.file_name)
        name = work.residents.open(resident, row.name_sealed, "attachment")
    return None if content is None else Harmless(name, row.media_type, content)
