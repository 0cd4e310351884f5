"""What Tesseract's language data holds: the layers of its network, its alphabet, and its list of words.

The file is a table of parts (`TessdataManager`); the network is written layer by layer (`Network::Serialize`), weights as
bytes with one scale a row. Layout after the sources of Tesseract 5 (Apache 2.0), `src/ccutil/tessdatamanager.h`,
`src/lstm/network.cpp`, `src/lstm/weightmatrix.cpp`, `src/dict/dawg.cpp`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LANGUAGE = "nld"

NETWORK, WORDS, CHARACTERS, CODES = 17, 19, 21, 22
"""Numbers of the parts: the network, its words, its characters, and the code of each character."""

HAS_BYTES, HAS_SCALES_OF_LAYERS = 1, 64
STACKS = {"Series", "Parallel", "Replicated", "ParBidiLSTM", "RTLReversed", "TTBReversed", "XYTranspose"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the network: its type and name as in the file, its weights (rows of outputs, the last column the
    bias; a recurrent layer has four: cell, input gate, forget gate, output gate), numbers of its own, and its inner layers.
    """

    kind: str
    name: str
    inputs: int
    outputs: int
    weights: tuple[Floats, ...] = ()
    numbers: tuple[int, ...] = ()
    inner: tuple[Layer, ...] = ()


class _Bytes:
    """A part of the file, read from front to back."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def number(self, form: str) -> Any:
        values = self.numbers(form)
        return values[0]

    def numbers(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self._content, self._at)
        self._at += struct.calcsize("<" + form)
        return values

    def text(self) -> str:
        length = self.number("I")
        self._at += length
        return self._content[self._at - length : self._at].decode("utf-8")

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._content, kind, count, self._at)
        self._at += found.nbytes
        return found


def _weights(part: _Bytes) -> Floats:
    mode = part.number("B")
    rows, columns = part.numbers("II")
    if mode & HAS_BYTES:
        part.number("b")
        small = part.array("i1", rows * columns).reshape(rows, columns).astype(np.float32)
        scales = part.array("<f8", part.number("I"))[:rows].astype(np.float32)
        return small * scales[:, None]
    part.number("d")
    return part.array("<f8", rows * columns).reshape(rows, columns).astype(np.float32)


def _layer(part: _Bytes) -> Layer:
    part.number("b")
    kind = part.text()
    part.numbers("bb")
    flags, inputs, outputs, _ = part.numbers("iiii")
    name = part.text()
    weights: tuple[Floats, ...] = ()
    numbers: tuple[int, ...] = ()
    inner: tuple[Layer, ...] = ()
    if kind in STACKS:
        inner = tuple(_layer(part) for _ in range(part.number("I")))
        if flags & HAS_SCALES_OF_LAYERS:
            part.array("<f4", part.number("I"))
    elif kind == "Input":
        numbers = part.numbers("5i")
    elif kind in {"Convolve", "Maxpool", "Reconfig"}:
        numbers = part.numbers("ii")
    elif kind in {"LSTM", "SummLSTM"}:
        numbers = part.numbers("i")
        weights = tuple(_weights(part) for _ in range(4))
    elif kind in {"Tanh", "Relu", "Softmax", "Logistic", "Linear"}:
        weights = (_weights(part),)
    else:
        raise ValueError(f"layer {kind} is unknown")
    return Layer(kind, name, inputs, outputs, weights, numbers, inner)


class Lexicon:
    """Tesseract's list of words as the graph it is stored in; asks whether a word is on it."""

    def __init__(self, content: bytes = b"", numbers: Mapping[str, int] | None = None) -> None:
        self._number = dict(numbers or {})
        self._edges: npt.NDArray[np.uint64] = np.zeros(0, dtype=np.uint64)
        self._bits = 1
        if content:
            part = _Bytes(content)
            part.number("h")
            size, count = part.numbers("ii")
            # As many bits as the largest number of a character needs, then three marks, then the next place.
            self._bits = max(1, int(np.ceil(np.log2(size + 1))))
            self._edges = part.array("<u8", count)
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        """Return whether `word`, or the same with a small first letter, is listed."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) > 20_000:
                self._known.clear()
            known = self._known[word] = self._listed(word) or (
                word[:1].isupper() and self._listed(word[0].lower() + word[1:])
            )
        return known

    def _listed(self, word: str) -> bool:
        edges, bits = self._edges, self._bits
        if not word or not len(edges):
            return False
        mask, at, end = (1 << bits) - 1, 0, False
        for place, character in enumerate(word):
            if place and not at:
                return False
            number = self._number.get(character)
            if number is None:
                return False
            while True:
                edge = int(edges[at])
                if edge & mask == number and not edge >> (bits + 1) & 1:
                    break
                if edge >> bits & 1:
                    return False
                at += 1
            at, end = edge >> (bits + 3), bool(edge >> (bits + 2) & 1)
        return end


@dataclass(frozen=True, slots=True)
class Language:
    """One language: the network's layers, the character of each of its codes ("" for none), the code that stands for
    nothing, and the words.
    """

    layers: tuple[Layer, ...]
    alphabet: tuple[str, ...]
    nothing: int
    lexicon: Lexicon = field(default_factory=Lexicon)


def _parts(content: bytes) -> dict[int, bytes]:
    count = struct.unpack_from("<i", content)[0]
    offsets = struct.unpack_from(f"<{count}q", content, 4)
    starts = sorted({o for o in offsets if o >= 0} | {len(content)})
    return {i: content[o : starts[starts.index(o) + 1]] for i, o in enumerate(offsets) if o >= 0}


def load_language(path: Path) -> Language:
    """Return what `path`, a `.traineddata` file, holds.

    Raises:
        ValueError: a layout other than that of Tesseract 4 and 5, a damaged file, or characters of more than one code.
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    try:
        return _language(_parts(content))
    except (struct.error, IndexError, StopIteration, KeyError) as error:
        raise ValueError(f"language data damaged or of another make: {type(error).__name__}") from error


def _language(parts: Mapping[int, bytes]) -> Language:
    if not {NETWORK, CHARACTERS, CODES} <= set(parts):
        raise ValueError("no network in the language data")
    lines = parts[CHARACTERS].decode("utf-8").splitlines()
    characters = [line.split(" ", 1)[0] for line in lines[1 : 1 + int(lines[0])]]
    characters[0] = " "
    part = _Bytes(parts[CODES])
    codes: list[int] = []
    for _ in range(part.number("I")):
        part.number("b")
        of_one = part.numbers(f"{part.number('i')}i")
        if len(of_one) != 1:
            raise ValueError("characters of several codes")
        codes.append(of_one[0])
    top = _layer(_Bytes(parts[NETWORK]))
    if top.kind != "Series" or not top.inner or top.inner[-1].kind != "Softmax":
        raise ValueError("the network ends in no choice of characters")
    size = top.inner[-1].outputs
    alphabet = [""] * size
    for character, code in zip(characters, codes, strict=True):
        if character not in {"Joined", "|Broken|0|1"} and 0 <= code < size:
            alphabet[code] = character
    nothing = next(code for character, code in zip(characters, codes, strict=True) if character == "Joined")
    numbers = {character: i for i, character in enumerate(characters) if i}
    return Language(top.inner, tuple(alphabet), nothing, Lexicon(parts.get(WORDS, b""), numbers))
