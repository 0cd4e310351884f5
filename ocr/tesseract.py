"""The door to Tesseract: which recogniser there is on this machine, and its own program where nothing warmer can be had."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from PIL import Image

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import Box
from ocr.batched import PSM_SPARSE, Batched
from ocr.language import LANGUAGE
from ocr.pixels import Pixels
from ocr.words import Seen

TESSDATA_PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


class Recogniser(Protocol):
    """Reads words from an even, upright, grey sheet."""

    def recognise(self, grey: Pixels) -> list[Seen]:
        """Return the words of `grey`, in no certain order."""
        ...

    def lines(self, grey: Pixels) -> list[Box]:
        """Return the boxes of the printed lines of `grey`; none where looking for them alone is no cheaper than reading."""
        ...

    def certainty(self, crops: Sequence[Pixels]) -> float:
        """Return how certainly pieces of lines are read: the mean natural logarithm of the letters' chances (-6 to 0)."""
        ...


def find_tessdata(places: Sequence[str] = TESSDATA_PLACES) -> str | None:
    """Return the folder that holds the Dutch language data, or None."""
    for place in places:
        if (Path(place) / f"{LANGUAGE}.traineddata").is_file():
            return place
    return None


def _from_tsv(tsv: str) -> list[Seen]:
    """Return the word rows of Tesseract's tab-separated output."""
    words: list[Seen] = []
    for row in tsv.split("\n"):
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5":
            continue
        text = cells[11].strip()
        confidence = float(cells[10])
        if not text or confidence < 0:
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        line = (int(cells[2]), int(cells[3]), int(cells[4]))
        words.append(Seen(text, left, top, left + width, top + height, confidence, line))
    return words


class OutOfProcess:
    """Tesseract's own program through pytesseract: where no wheel of tesserocr exists."""

    def __init__(self, tessdata: str | None, seconds: float = 28.0) -> None:
        self._tessdata = tessdata
        self._seconds = seconds
        os.environ["OMP_THREAD_LIMIT"] = "1"

    def recognise(self, grey: Pixels) -> list[Seen]:
        """Return the words of `grey` (see `Recogniser`).

        Raises:
            BriefbrugError: READING_TOO_SLOW, when the program does not end in time.
        """
        import pytesseract

        config = f"--psm {PSM_SPARSE} --oem 1 -c invert_threshold=0.0" + (
            f' --tessdata-dir "{self._tessdata}"' if self._tessdata else ""
        )
        try:
            tsv = cast(
                str,
                pytesseract.image_to_data(
                    Image.fromarray(grey), lang=LANGUAGE, config=config, timeout=round(self._seconds)
                ),
            )
        except RuntimeError as error:
            raise BriefbrugError(Reason.READING_TOO_SLOW, "tesseract") from error
        return _from_tsv(tsv)

    def lines(self, grey: Pixels) -> list[Box]:
        """Return nothing: the program would have to be started for each question (see `Recogniser`)."""
        return []

    def certainty(self, crops: Sequence[Pixels]) -> float:
        """Return the lowest there is: nothing was asked of the program (see `Recogniser`)."""
        return -6.0


def make_recogniser(kind: str = "auto", tessdata: str | None = None) -> Recogniser:
    """Return the recogniser: "tesserocr" (warm, all lines together), "pytesseract", or "auto" for the first that can be had.

    Raises:
        BriefbrugError: SETTINGS, when the Dutch language data is missing.
    """
    folder = tessdata or find_tessdata()
    if kind in {"auto", "tesserocr"} and folder:
        try:
            return Batched(folder)
        except (ImportError, ValueError):
            # No wheel of tesserocr here, or language data of another make: Tesseract's program reads them all.
            if kind == "tesserocr":
                raise
    if folder is None and kind == "tesserocr":
        raise BriefbrugError(Reason.SETTINGS, "tesseract: no Dutch language data (nld.traineddata)")
    return OutOfProcess(folder)
