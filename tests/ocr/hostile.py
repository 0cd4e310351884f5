"""Two hundred malformed files, made at run time from fixed seeds: each must end in a reason or in a reading."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from briefbrug.errors import Reason
from tests.ocr.build import LETTER, jpeg, pdf, pdf_objects, photo, sheet, text_stream

pillow_heif.register_heif_opener()

ANY: frozenset[Reason] = frozenset()
"""Refused for any reason, or read within the bounds: both are right."""
KIND = frozenset({Reason.FILE_KIND})
DAMAGED = frozenset({Reason.FILE_DAMAGED})
LARGE = frozenset({Reason.PICTURE_TOO_LARGE})
NOTHING = frozenset({Reason.NO_PAPER, Reason.PHOTO_TOO_DARK, Reason.NOT_READABLE, Reason.PHOTO_TOO_BLURRED})


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file by name; `reasons` are those it may be refused for (empty: any, or it may be read)."""

    name: str
    content: bytes
    reasons: frozenset[Reason] = ANY


# ---------------------------------------------------------------- pictures


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, rows: bytes, depth: int = 1, colour: int = 0, extra: bytes = b"") -> bytes:
    """Return a PNG whose header promises width x height, with any packed image data and extra chunks."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = _chunk(b"IHDR", head) + extra + _chunk(b"IDAT", zlib.compress(rows, 1)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _frames(count: int, size: tuple[int, int] = (300, 400)) -> list[Image.Image]:
    return [Image.new("RGB", size, (i % 256, 200, 200)) for i in range(count)]


def _small_print() -> bytes:
    """Return a page that looks legitimate and is full of tiny print: it takes a recogniser very long."""
    chance = random.Random(4)
    page = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(page)
    for row in range(0, 2330, 9):
        words = " ".join("".join(chance.choices("abcdefghiklmnoprstu", k=chance.randint(2, 9))) for _ in range(60))
        draw.text((10, row), words, fill=0)
    return _saved(page, "JPEG", quality=70)


def _pictures(photo_pixels: np.ndarray) -> Iterator[Hostile]:
    colour = Image.fromarray(photo_pixels)
    whole = jpeg(photo_pixels, quality=80)
    yield Hostile("lying-header.png", png(65_500, 65_500, b"\0" * 100), LARGE)
    yield Hostile("bomb-169-megapixels.png", png(13_000, 13_000, b"\0" * (13_000 * 1_626)), LARGE)
    yield Hostile("bomb-one-bit.png", png(40_000, 40_000, b"\0" * 1_000), LARGE)
    yield Hostile("cut-inside.png", png(2_000, 2_000, b"\0" * 500), DAMAGED)
    yield Hostile("no-size.png", png(0, 0, b""), DAMAGED)
    yield Hostile("one-pixel.png", _saved(Image.new("RGB", (1, 1)), "PNG"), NOTHING)
    yield Hostile("sliver.png", png(16, 1_500_000, b"\0" * (3 * 1_500_000)), NOTHING | DAMAGED)
    yield Hostile("ribbon.png", png(1_500_000, 16, b"\0" * (16 * 187_501)), NOTHING | DAMAGED)
    yield Hostile("ribbon.jpg", _saved(Image.new("L", (65_000, 300), 255), "JPEG"), NOTHING | DAMAGED)
    yield Hostile("deep-25-megapixels.png", png(5_000, 5_000, b"\0" * (5_000 * 40_001), 16, 6))
    yield Hostile("wrong-checksum.png", _saved(colour, "PNG").replace(b"IDAT", b"IDAU", 1), DAMAGED)
    text = zlib.compress(b"a" * 80_000_000)
    yield Hostile(
        "text-bomb.png", png(64, 64, b"\0" * 576, extra=_chunk(b"zTXt", b"Comment\0\0" + text)), DAMAGED | NOTHING
    )
    yield Hostile(
        "profile-bomb.png", png(64, 64, b"\0" * 576, extra=_chunk(b"iCCP", b"x\0\0" + text)), DAMAGED | NOTHING
    )
    yield Hostile("chunks.png", png(64, 64, b"\0" * 576, extra=_chunk(b"tEXt", b"a\0b") * 60_000), DAMAGED | NOTHING)
    yield Hostile("no-palette.png", png(64, 64, b"\0" * 64 * 65, 8, 3), DAMAGED | NOTHING)
    yield Hostile("animated.png", _saved(_frames(1)[0], "PNG", save_all=True, append_images=_frames(90)), NOTHING)
    yield Hostile("animated.webp", _saved(_frames(1)[0], "WEBP", save_all=True, append_images=_frames(120)), NOTHING)
    yield Hostile("animated.gif", _saved(_frames(1)[0], "GIF", save_all=True, append_images=_frames(200)), KIND)
    yield Hostile("gif-bomb.gif", b"GIF89a\xff\xff\xff\xff\xf7\0\0" + b"\0" * 900, KIND)
    yield Hostile("pages.tiff", _saved(_frames(1)[0], "TIFF", save_all=True, append_images=_frames(40)), KIND)
    yield Hostile("picture.bmp", _saved(Image.new("RGB", (200, 200)), "BMP"), KIND)
    yield Hostile("picture.ico", _saved(Image.new("RGB", (64, 64)), "ICO"), KIND)
    yield Hostile("jpeg2000.jpg", _saved(Image.new("RGB", (200, 200)), "JPEG2000"), KIND)
    yield Hostile("tiff-named.jpg", _saved(Image.new("CMYK", (200, 200)), "TIFF"), KIND)
    yield Hostile("photoshop.psd", b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 4, 30_000, 30_000, 16, 4), KIND)
    yield Hostile("only-head.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", DAMAGED)
    yield Hostile("no-tables.jpg", whole[:2] + whole[whole.find(b"\xff\xda") :], DAMAGED)
    size = whole.find(b"\xff\xc0") + 5
    yield Hostile("lying-size.jpg", whole[:size] + struct.pack(">HH", 65_000, 65_000) + whole[size + 4 :], LARGE)
    yield Hostile("taller-than-it-is.jpg", whole[:size] + struct.pack(">HH", 12_000, 900) + whole[size + 4 :])
    yield Hostile(
        "comment.jpg",
        whole[:2] + b"\xff\xfe\xff\xff" + b"<script>alert(1)</script>" * 2_621 + b"1234567890" + whole[2:],
    )
    yield Hostile("thousand-comments.jpg", whole[:2] + b"\xff\xfe\x00\x04ab" * 50_000 + whole[2:])
    yield Hostile("strange-turn.jpg", jpeg(photo_pixels, 99, quality=80))
    head = b"Exif\0\0II*\0" + struct.pack("<IHHHII", 8, 65_535, 0x0112, 3, 0xFFFFFFFF, 0xFFFFFFFF)
    yield Hostile("broken-exif.jpg", whole[:2] + b"\xff\xe1" + struct.pack(">H", len(head) + 2) + head + whole[2:])
    yield Hostile("photo-with-zip-behind.jpg", whole + _zip({"brief.txt": b"x" * 1_000}))
    yield Hostile("two-photos-in-one-file.jpg", whole + whole)
    grown = _saved(Image.new("RGB", (3_000, 4_000), "white"), "JPEG", progressive=True)
    scan = grown.rfind(b"\xff\xda")
    yield Hostile("many-scans.jpg", grown[:-2] + grown[scan:-2] * 400 + b"\xff\xd9")
    yield Hostile("black.jpg", _saved(Image.new("L", (1_200, 1_600)), "JPEG"), NOTHING)
    yield Hostile("white.jpg", _saved(Image.new("L", (1_200, 1_600), 255), "JPEG"), NOTHING)
    noise = np.random.default_rng(8).integers(0, 256, (3_000, 4_000), dtype=np.uint8)
    yield Hostile("noise-12-megapixels.jpg", _saved(Image.fromarray(noise), "JPEG", quality=40))
    board = (np.indices((1_600, 1_200)).sum(axis=0) // 8 % 2 * 255).astype(np.uint8)
    yield Hostile("chessboard.png", _saved(Image.fromarray(board), "PNG"))
    lines = np.full((1_600, 1_200), 255, np.uint8)
    lines[::6] = 0
    yield Hostile("lines.png", _saved(Image.fromarray(lines), "PNG"))
    yield Hostile("small-print.jpg", _small_print())
    yield Hostile("floats.tif.png", _saved(Image.fromarray(np.zeros((200, 200), np.float32)), "TIFF"), KIND)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    yield Hostile("odd-profile.jpg", jpeg(photo_pixels[::2, ::2].copy(), icc_profile=profile[:100] + b"\xff" * 400))
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "<img src=x onerror=alert(1)>" * 50)
    yield Hostile("words-in-the-head.png", _saved(colour.resize((450, 600)), "PNG", pnginfo=info))
    yield Hostile("see-through.png", _saved(Image.new("RGBA", (600, 800), (0, 0, 0, 0)), "PNG"), NOTHING)
    yield Hostile("only-head.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", DAMAGED)
    yield Hostile("avif.heic", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 400, KIND)
    yield Hostile("film.jpg", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 4_000, KIND)
    yield Hostile("only-head.webp", b"RIFF\x24\0\0\0WEBPVP8 ", DAMAGED)
    yield Hostile("riff-sound.webp", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 400, KIND)


# ---------------------------------------------------------------- what is no picture


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("../../etc/cron.d/brief")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"brie"))
    return out.getvalue()


def _strangers() -> Iterator[Hostile]:
    zeros = b"\0" * 30_000_000
    yield Hostile("empty.jpg", b"", frozenset({Reason.FILE_EMPTY}))
    yield Hostile("one-byte.jpg", b"\xff", KIND)
    yield Hostile("blanks.jpg", b" " * 1_000_000, KIND)
    yield Hostile("zeros.jpg", b"\0" * 1_000_000, KIND)
    yield Hostile("too-many-bytes.jpg", b"\xff\xd8\xff" + b"0" * (20 << 20), frozenset({Reason.FILE_TOO_LARGE}))
    yield Hostile("zip.jpg", _zip({"brief.txt": b"x" * 1_000}), KIND)
    yield Hostile("zip-bomb.pdf", _zip({"a": zeros, "b": zeros}), KIND)
    yield Hostile("zip-in-zip.pdf", _zip({"a.zip": _zip({"a.zip": _zip({"a": zeros})})}), KIND)
    yield Hostile("zip-that-climbs.jpg", _zip({"../../etc/passwd": b"x", "C:\\x": b"y", "/var/x": b"z"}), KIND)
    yield Hostile("letter.docx", _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), KIND)
    yield Hostile("gzip.pdf", gzip.compress(zeros, mtime=0), KIND)
    yield Hostile("bzip.jpg", bz2.compress(b"brief" * 1_000), KIND)
    yield Hostile("xz.jpg", lzma.compress(b"brief" * 1_000), KIND)
    yield Hostile("tar.jpg", _tar(), KIND)
    yield Hostile("program.jpg", b"MZ" + bytes(5_000), KIND)
    yield Hostile("program.png", b"\x7fELF" + bytes(5_000), KIND)
    yield Hostile("page.jpg", b"<html><body onload=alert(1)>brief</body></html>", KIND)
    yield Hostile("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', KIND)
    inside = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>'
    yield Hostile("drawing-that-looks-out.svg", inside, KIND)
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
    yield Hostile("laughs.svg", b'<!DOCTYPE l [<!ENTITY l0 "ha">' + laughs + b"]><svg>&l9;</svg>", KIND)
    yield Hostile("letter.eml", b"From: a@b.example\r\nSubject: brief\r\n\r\nDag", KIND)
    yield Hostile("letter.txt", "\n".join(LETTER).encode(), KIND)
    yield Hostile("postscript.pdf", b"%!PS-Adobe-3.0\n/loop { loop } def loop\n", KIND)
    yield Hostile("letter.rtf", rb"{\rtf1\ansi Dag}", KIND)
    yield Hostile("chance.jpg", random.Random(5).randbytes(300_000), KIND)
    yield Hostile("chance-behind-a-head.jpg", b"\xff\xd8\xff\xe0" + random.Random(6).randbytes(300_000), DAMAGED)
    yield Hostile("chance-behind-a-head.png", b"\x89PNG\r\n\x1a\n" + random.Random(7).randbytes(300_000), DAMAGED)
    yield Hostile("chance-behind-a-head.pdf", b"%PDF-1.7\n" + random.Random(8).randbytes(300_000), DAMAGED)
    yield Hostile(
        "chance-behind-a-head.webp", b"RIFF\xff\xff\0\0WEBPVP8X" + random.Random(9).randbytes(60_000), DAMAGED
    )


# ---------------------------------------------------------------- PDFs


def _stream(body: bytes, entries: bytes = b"", packed: bool = True) -> bytes:
    held = zlib.compress(body) if packed else body
    filters = b"/Filter /FlateDecode " if packed else b""
    return b"<< /Length %d %s%s >>\nstream\n" % (len(held), filters, entries) + held + b"\nendstream"


def _one_page(page: bytes, *others: bytes, catalog: bytes = b"") -> bytes:
    """Return a PDF with one page dictionary (object 3) and other objects from 4 on."""
    return pdf_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] " + page + b" >>",
            *others,
        ]
    )


def _encrypted() -> bytes:
    locks = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >> "
    identity = b"/ID [<" + b"00" * 16 + b"><" + b"00" * 16 + b">] "
    return pdf([text_stream(LETTER)]).replace(b"trailer\n<< ", b"trailer\n<< " + identity + locks)


def _laughing_forms(depth: int) -> bytes:
    """Return a page whose form draws ten forms, each drawing ten more, `depth` times."""
    others = [
        _stream(
            b"/X Do " * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>" % (6 + i),
        )
        for i in range(depth)
    ]
    last = _stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]")
    page = b"/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>"
    return _one_page(page, _stream(b"/X Do"), *others, last)


def _pdfs() -> Iterator[Hostile]:
    letter = pdf([text_stream(LETTER)])
    yield Hostile("only-head.pdf", b"%PDF-1.7\n", DAMAGED)
    yield Hostile("zip-behind-a-head.pdf", b"%PDF-" + _zip({"a": b"b"}), DAMAGED)
    yield Hostile("page-behind-a-head.pdf", b"<html>%PDF-1.4</html>", DAMAGED)
    many = frozenset({Reason.PDF_TOO_MANY_PAGES})
    yield Hostile("31-pages.pdf", pdf([b"BT ET"] * 31), many)
    yield Hostile("500-pages.pdf", pdf([text_stream(LETTER)] * 500), many)
    yield Hostile("3000-pages.pdf", pdf([b"BT ET"] * 3_000), many)
    yield Hostile("30-empty-pages.pdf", pdf([b"BT ET"] * 30), NOTHING)
    yield Hostile("encrypted.pdf", _encrypted(), frozenset({Reason.PDF_ENCRYPTED}))
    yield Hostile("says-a-billion-pages.pdf", letter.replace(b"/Count 1 ", b"/Count 1000000000 "))
    yield Hostile("kid-is-the-parent.pdf", letter.replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"), DAMAGED)
    yield Hostile("page-of-a-million-points.pdf", pdf([text_stream(["x"])], media="0 0 1000000 1000000"))
    yield Hostile("page-without-size.pdf", pdf([text_stream(["x"])], media="0 0 0 0"))
    yield Hostile("page-turned-inside-out.pdf", pdf([text_stream(["x"])], media="595 842 0 0"))
    yield Hostile("page-of-no-numbers.pdf", pdf([text_stream(["x"])], media="a b nan 1e999"))
    yield Hostile("page-as-a-ribbon.pdf", pdf([b"0 0 9 9 re f"], media="0 0 14000 1"), DAMAGED)
    yield Hostile("user-unit.pdf", _one_page(b"/UserUnit 75000 /Contents 4 0 R", _stream(b"0 0 9 9 re f")))
    yield Hostile("endless-text.pdf", pdf([b"BT /F1 8 Tf " + b"(a) Tj 1 0 Td " * 400_000 + b"ET"], packed=True))
    yield Hostile(
        "text-of-60001-letters.pdf", pdf([b"BT /F1 8 Tf (" + b"abcdefghij " * 6_000 + b") Tj ET"], packed=True)
    )
    yield Hostile("endless-curves.pdf", pdf([b"0 0 m " + b"1 2 3 4 5 6 c 9 9 l S 0 0 m " * 150_000], packed=True))
    yield Hostile("200-million-blanks.pdf", pdf([b" " * 200_000_000], packed=True))
    yield Hostile("deep-brackets.pdf", pdf([b"[" * 200_000 + b"]" * 200_000]))
    yield Hostile("deep-states.pdf", pdf([b"q " * 500_000], packed=True))
    yield Hostile("deep-object.pdf", _one_page(b"/A " + b"[" * 20_000 + b"]" * 20_000))
    drawn = b"/Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >>"
    shown = _stream(b"595 0 0 842 0 0 cm /X Do")
    image = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent %d "
    yield Hostile(
        "picture-of-900-million.pdf", _one_page(drawn, shown, _stream(b"\0" * 1_000_000, image % (30_000, 30_000, 8)))
    )
    yield Hostile("picture-of-nothing.pdf", _one_page(drawn, shown, _stream(b"", image % (100, 100, 8))))
    yield Hostile(
        "picture-of-36-million.pdf", _one_page(drawn, shown, _stream(b"\0" * 36_000_000, image % (6_000, 6_000, 8)))
    )
    for name, kind in (
        ("jpeg2000", b"JPXDecode"),
        ("jbig2", b"JBIG2Decode"),
        ("fax", b"CCITTFaxDecode"),
        ("dct", b"DCTDecode"),
    ):
        body = random.Random(3).randbytes(3_000)
        held = _stream(body, image % (900, 900, 1) + b"/Filter /" + kind, packed=False)
        yield Hostile(f"picture-of-chance-{name}.pdf", _one_page(drawn, shown, held))
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    yield Hostile("form-in-itself.pdf", _one_page(drawn, _stream(b"/X Do"), _stream(b"/X Do /X Do", form)))
    yield Hostile("forms-that-laugh.pdf", _laughing_forms(8))
    script = b"/OpenAction << /S /JavaScript /JS (while\\(true\\){}) >> /AA << /WC 9 0 R >>"
    font = b"/Contents 4 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    yield Hostile("script.pdf", _one_page(font, _stream(text_stream(LETTER)), catalog=script))
    launch = b"/OpenAction << /S /Launch /F (/bin/sh) >>"
    yield Hostile("launch.pdf", _one_page(font, _stream(text_stream(LETTER)), catalog=launch))
    embedded = b"/Names << /EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>] >> >>"
    yield Hostile(
        "files-inside.pdf", _one_page(font, _stream(text_stream(LETTER)), _stream(b"MZ" * 9_000), catalog=embedded)
    )
    yield Hostile(
        "form-to-fill-in.pdf", _one_page(font, _stream(b""), _stream(b"<xdp/>"), catalog=b"/AcroForm << /XFA 5 0 R >>")
    )
    yield Hostile(
        "fifty-filters.pdf",
        _one_page(b"/Contents 4 0 R", _stream(b"x" * 99, b"/Filter [" + b"/FlateDecode " * 50 + b"]", packed=False)),
    )
    yield Hostile(
        "table-that-loops.pdf", letter.replace(b"trailer\n<< ", b"trailer\n<< /Prev %d " % letter.rfind(b"xref\n0"))
    )
    yield Hostile("table-gone.pdf", letter[: letter.rfind(b"xref\n0")])
    yield Hostile("table-lies.pdf", letter.replace(b" 00000 n", b"9 99999 n"))
    yield Hostile("behind-900-bytes.pdf", b"\n" * 900 + letter)
    yield Hostile("behind-5000-bytes.pdf", b"\n" * 5_000 + letter, KIND)
    yield Hostile("second-page-broken.pdf", pdf([text_stream(LETTER), b"BT /F1 11 Tf (\xff\xfe" + b"<" * 5_000]))
    type3 = b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [9] /Resources << /Font << /F1 5 0 R >> >> >>"
    own = b"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    yield Hostile(
        "letter-that-draws-itself.pdf",
        _one_page(own, _stream(b"BT /F1 9 Tf (aaaa) Tj ET"), type3, _stream(b"9 0 d0 BT /F1 9 Tf (aaaa) Tj ET")),
    )
    font_file = b"<< /Type /Font /Subtype /TrueType /BaseFont /A /FontDescriptor << /Type /FontDescriptor /FontName /A /Flags 4 /FontFile2 6 0 R >> >>"
    yield Hostile(
        "font-of-chance.pdf",
        _one_page(own, _stream(text_stream(LETTER)), font_file, _stream(random.Random(2).randbytes(20_000))),
    )
    mapping = b"begincmap\n1 beginbfrange\n<0000> <ffff> <0041>\nendbfrange\n" * 2_000 + b"endcmap"
    to_letters = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A >>] >>"
    yield Hostile(
        "endless-letters-table.pdf", _one_page(own, _stream(text_stream(LETTER)), to_letters, _stream(mapping))
    )
    yield Hostile(
        "shading.pdf",
        _one_page(
            b"/Contents 4 0 R /Resources << /Shading << /S << /ShadingType 1 /ColorSpace /DeviceRGB /Function << /FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1] /Length 5 >> >> >> >>",
            _stream(b"/S sh " * 5_000),
        ),
    )
    tile = _stream(
        b"0 0 1 1 re f",
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 .01 .01] /XStep .01 /YStep .01 /Resources << >>",
    )
    yield Hostile(
        "tiny-tiles.pdf",
        _one_page(
            b"/Contents 4 0 R /Resources << /Pattern << /P 5 0 R >> >>",
            _stream(b"/Pattern cs /P scn 0 0 595 842 re f"),
            tile,
        ),
    )


# ---------------------------------------------------------------- damage


def truncated(content: bytes, points: int) -> Iterator[tuple[int, bytes]]:
    """Yield (number, beginning of the file) for `points` lengths spread evenly over the file."""
    for number in range(1, points + 1):
        yield number, content[: len(content) * number // (points + 1)]


def flipped(content: bytes, seed: int, flips: int) -> bytes:
    """Return the content with `flips` bytes changed, chosen by the seed."""
    chance = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(flips):
        damaged[chance.randrange(12, len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _originals(photo_pixels: np.ndarray) -> dict[str, bytes]:
    image = Image.fromarray(photo_pixels)
    return {
        "jpg": jpeg(photo_pixels, quality=75),
        "png": _saved(image.convert("L").resize((600, 800)), "PNG"),
        "webp": _saved(image, "WEBP", quality=70),
        "heic": _saved(image, "HEIF", quality=60),
        "pdf": pdf([text_stream(LETTER)]),
    }


def _damaged(originals: dict[str, bytes], points: int, flips: int) -> Iterator[Hostile]:
    for suffix, content in originals.items():
        for number, part in truncated(content, points if suffix in {"jpg", "pdf"} else points // 2):
            yield Hostile(f"cut-{number:02d}.{suffix}", part)
        for seed in range(flips):
            yield Hostile(f"flipped-{seed:02d}.{suffix}", flipped(content, seed, 1 + 6 * seed))


def corpus() -> list[Hostile]:
    """Return all malformed files, the same at each call; names are unique."""
    small = photo(sheet(LETTER[:16]), 750, 1_000)
    files = [*_strangers(), *_pictures(small), *_pdfs(), *_damaged(_originals(small), 20, 6)]
    if len({one.name for one in files}) != len(files):
        raise ValueError("two hostile files have the same name")
    return files


# ---------------------------------------------------------------- good letters that travel along


def good_letters() -> dict[str, bytes]:
    """Return ten readable letters in ten forms; each tells to pay 1.284,50 euro."""
    page = sheet()
    shot = photo(page)
    image = Image.fromarray(shot)
    deep = np.asarray(Image.fromarray(page).convert("L")).astype(np.uint16) * 257
    turned: Callable[[int], np.ndarray] = lambda quarter: np.rot90(shot, quarter).copy()  # noqa: E731  one expression
    return {
        "photo.jpg": jpeg(shot, quality=80),
        "progressive.jpeg": jpeg(shot, quality=80, progressive=True),
        "exif-turned.jpg": jpeg(turned(1), 6, quality=80),
        "upside-down.jpg": jpeg(turned(2), quality=80),
        "photo.png": _saved(image, "PNG"),
        "photo.webp": _saved(image, "WEBP", quality=80),
        "photo.heic": _saved(image, "HEIF", quality=75),
        "cmyk.jpg": _saved(Image.fromarray(page).convert("CMYK"), "JPEG", quality=80),
        "sixteen-bits.png": _saved(Image.fromarray(deep), "PNG"),
        "letter.pdf": pdf([text_stream(LETTER)]),
    }


def names(files: Sequence[Hostile]) -> list[str]:
    """Return the names of these files, for the ids of tests."""
    return [one.name for one in files]
