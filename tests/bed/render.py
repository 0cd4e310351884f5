"""Letters on paper: data and template through Chromium to a text PDF, page pictures and the boxes of marked lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
from jinja2 import Environment, FileSystemLoader, Undefined
from numpy.typing import NDArray

from tests.bed.letters import HERE, Letter

DPI = 300
A4_MM = (210.0, 297.0)
CACHE = HERE.parents[1] / "build" / "bed"
MONO = '"Courier Prime", "Liberation Mono", monospace'
FONTS = {
    "sans": '"Liberation Sans", Arial, sans-serif',
    "narrow": '"Liberation Sans Narrow", "Liberation Sans", sans-serif',
    "serif": '"Liberation Serif", "Times New Roman", serif',
    "dejavu": '"DejaVu Sans", sans-serif',
    "dejavuserif": '"DejaVu Serif", serif',
    "mono": MONO,
    "lato": 'Lato, "DejaVu Sans", sans-serif',
    "open": '"Open Sans", "DejaVu Sans", sans-serif',
    "carlito": 'Carlito, Calibri, "Liberation Sans", sans-serif',
    "caladea": 'Caladea, Cambria, "Liberation Serif", serif',
    "garamond": '"EB Garamond", "Liberation Serif", serif',
    "roboto": 'Roboto, "Liberation Sans", sans-serif',
    "noto": '"Noto Sans", "DejaVu Sans", sans-serif',
    "notoserif": '"Noto Serif", "DejaVu Serif", serif',
}

_FIT = """() => {
  let fit = 1;
  const over = () => [...document.querySelectorAll('.page')].some(p => {
    const main = p.querySelector('main').getBoundingClientRect(), page = p.getBoundingClientRect();
    const bottom = page.bottom - parseFloat(getComputedStyle(p).paddingBottom);
    const info = p.querySelector('.info, .column');
    return main.bottom > bottom + 2 || p.scrollWidth > p.clientWidth + 1 ||
      (info && info.getBoundingClientRect().bottom > page.bottom - 20);
  });
  while (over() && fit > 0.7) { fit -= 0.025; document.body.style.setProperty('--fit', fit); }
  return over() ? -1 : fit;
}"""

_BOXES = """() => [...document.querySelectorAll('.page')].map(page => {
  const frame = page.getBoundingClientRect();
  const unit = r => [(r.left - frame.left) / frame.width, (r.top - frame.top) / (frame.width * 297 / 210),
                     (r.right - frame.left) / frame.width, (r.bottom - frame.top) / (frame.width * 297 / 210)];
  const join = rs => ({left: Math.min(...rs.map(r => r.left)), top: Math.min(...rs.map(r => r.top)),
                       right: Math.max(...rs.map(r => r.right)), bottom: Math.max(...rs.map(r => r.bottom))});
  const walker = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
  const words = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (const m of node.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(node, m.index); range.setEnd(node, m.index + m[0].length);
      for (const r of range.getClientRects()) if (r.width > 0) words.push({node, r});
    }
  }
  const rows = 'tr, p, li, h2, .row, .sign, .foot, .line4 > div, .top > div';
  const row = n => (n.nodeType === 3 ? n.parentElement : n).closest(rows) || page;
  return [...page.querySelectorAll('[data-field]')].map(span => {
    const rects = [...span.getClientRects()].filter(r => r.width > 0);
    const home = row(span);
    const shared = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5 * Math.min(a.height, b.height);
    const lines = rects.map(s => join([s, ...words.filter(w => row(w.node) === home && shared(w.r, s)).map(w => w.r)]));
    const text = span.textContent;
    return {field: span.dataset.field, text, spans: rects.map(unit), lines: lines.map(unit)};
  });
})"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked value on a page.

    `spans` and `lines` are boxes (x0, y0, x1, y1) as fractions of the A4 page, one per printed line: of the value
    itself and of the whole line it stands on.
    """

    field: str
    text: str
    spans: tuple[tuple[float, float, float, float], ...]
    lines: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A rendered letter: its text PDF and, per page, the PNG at 300 dpi and the marked values."""

    letter: Letter
    pdf: Path
    pages: tuple[Path, ...]
    marks: tuple[tuple[Mark, ...], ...]

    def picture(self, page: int) -> NDArray[np.uint8]:
        """Return page `page` (from 0) as an RGB array at 300 dpi."""
        found = cv2.imread(str(self.pages[page]), cv2.IMREAD_COLOR)
        if found is None:
            raise FileNotFoundError(self.pages[page])
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), dtype=np.uint8)


class _Blank(Undefined):
    """Missing view keys print nothing; a missing part of a missing key too."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def letter_html(letter: Letter) -> str:
    """Return the whole letter as one HTML page with a section per sheet."""
    environment = Environment(loader=FileSystemLoader(HERE / "layouts"), undefined=_Blank, autoescape=False)  # noqa: S701  the view is HTML already
    template = environment.get_template(f"{letter.layout}.html")
    return template.render(v=letter.view, pages=letter.pages, font=FONTS[letter.view.get("font", "sans")], mono=MONO)


def _load(letter: Letter, folder: Path) -> Paper:
    raw = json.loads((folder / "marks.json").read_text(encoding="utf-8"))
    marks = tuple(
        tuple(Mark(m["field"], m["text"], tuple(map(tuple, m["spans"])), tuple(map(tuple, m["lines"]))) for m in page)
        for page in raw
    )
    pages = tuple(folder / f"page{i}.png" for i in range(1, len(marks) + 1))
    return Paper(letter, folder / "letter.pdf", pages, marks)


def render(letters: Iterable[Letter], cache: Path = CACHE) -> Iterator[Paper]:
    """Yield the paper of every letter, rendering those whose HTML is not in `cache` yet.

    Raises:
        RuntimeError: a letter does not fit on its pages even in smaller print.
    """
    playwright = browser = tab = None
    try:
        for letter in letters:
            html = letter_html(letter)
            folder = cache / f"{letter.id}-{hashlib.sha256(html.encode()).hexdigest()[:10]}"
            if not (folder / "marks.json").is_file():
                if tab is None:
                    from playwright.sync_api import sync_playwright

                    playwright = sync_playwright().start()
                    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                    tab = browser.new_page(viewport={"width": 900, "height": 1200})
                _render_one(letter, html, folder, tab)
            yield _load(letter, folder)
    finally:
        if browser is not None:
            browser.close()
        if playwright is not None:
            playwright.stop()


def _render_one(letter: Letter, html: str, folder: Path, tab: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tab.set_content(html)
    tab.evaluate("document.fonts.ready")
    if tab.evaluate(_FIT) < 0:
        raise RuntimeError(f"{letter.id} does not fit on {len(letter.pages)} page(s)")
    marks = tab.evaluate(_BOXES)
    tab.pdf(path=str(folder / "letter.pdf"), format="A4", print_background=True, prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(folder / "letter.pdf")
    if len(document) != len(letter.pages):
        raise RuntimeError(f"{letter.id}: {len(document)} pages in the PDF, {len(letter.pages)} in the letter")
    for number, page in enumerate(document, start=1):
        bitmap = page.render(scale=DPI / 72).to_numpy()
        cv2.imwrite(str(folder / f"page{number}.png"), bitmap[:, :, :3])
    document.close()
    (folder / "marks.json").write_text(json.dumps(marks), encoding="utf-8")
