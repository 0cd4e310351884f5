"""The second reader: PP-OCR's recogniser (from the RapidOCR wheel) on the few crops that decide."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.page import Pixels

HEIGHT_PX = 48
"""The height of a line of text that the network was made for."""

WIDE_GAP = 0.8
"""Heights of the line without a character that part two words: between a label and its value the network sees no blank."""

ALPHABET = set(
    " 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ€.,:;-/\\()'+&%=*\"é\u00e8\u00eb\u00ef\u00f6\u00fc\u00e7\u00e1\u00f3\u00ed\u00ca\u00c9"
)
"""What can stand on a Dutch letter; the network's 18,000 other characters are never the answer."""

WEIGHED_BELOW = 0x2E80
"""Characters from here on (Chinese, Japanese) are not even weighed: with them a crop takes a tenth longer, and on 250 weak
lines no word was another, and the certainty of four in 1,256 by more than a hundredth."""


def find_model() -> Path | None:
    """Return the recognition model inside the RapidOCR wheel; None when it is not installed."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        return None
    models = Path(next(iter(spec.submodule_search_locations))) / "models"
    found = sorted(models.glob("PP-OCRv*_rec_small.onnx"))
    return found[-1] if found else None


def _without_far_characters(path: Path) -> tuple[bytes, list[str]]:
    """Return the model without the characters that are never weighed, and the characters of its answers ("" for none)."""
    import onnx
    from onnx import numpy_helper

    model = cast(Any, onnx).load(str(path))
    listed = next(str(one.value) for one in model.metadata_props if one.key == "character").splitlines()
    characters = ["", *listed, " "]
    near = [i for i, c in enumerate(characters) if i == 0 or (len(c) == 1 and ord(c) < WEIGHED_BELOW)]
    for weights in model.graph.initializer:
        if weights.dims and weights.dims[-1] == len(characters):
            kept = np.ascontiguousarray(cast(Any, numpy_helper).to_array(weights)[..., near])
            weights.CopyFrom(cast(Any, numpy_helper).from_array(kept, weights.name))
    # What the file says of shapes between the layers no longer holds, and nobody needs it.
    del model.graph.value_info[:]
    model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value = len(near)
    return model.SerializeToString(), [characters[i] for i in near]


class SecondReader:
    """Reads single crops of one line; loaded on first use, dropped by `rest` when idle."""

    def __init__(self, model: Path | None = None) -> None:
        self._model = model if model is not None else find_model()
        self._session: Any = None
        self._characters: list[str] = []
        self._allowed: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._used_at = 0.0

    @property
    def available(self) -> bool:
        """Whether there is a model at all; without it nothing is confirmed by a second reader."""
        return self._model is not None

    def warm(self) -> None:
        """Load the model now."""
        if self._session is not None or self._model is None:
            return
        import onnxruntime

        options = cast(Any, onnxruntime).SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        model, self._characters = _without_far_characters(self._model)
        self._session = cast(Any, onnxruntime).InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._allowed = np.array(
            [i for i, c in enumerate(self._characters) if c == "" and i == 0 or c in ALPHABET], dtype=np.int64
        )

    def rest(self, idle_seconds: float) -> None:
        """Free the model when it was not used for `idle_seconds`."""
        if self._session is not None and time.monotonic() - self._used_at > idle_seconds:
            self._session = None

    def read(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Return text and confidence (0..100) of each crop; empty texts when there is no model."""
        if not self.available or not crops:
            return [("", 0.0)] * len(crops)
        self.warm()
        self._used_at = time.monotonic()
        return [self._read_one(crop) for crop in crops]

    def read_words(self, crop: Pixels) -> list[tuple[str, float, float, float]]:
        """Return the words of one crop: text, left and right edge as shares of its width, and confidence (0..100)."""
        if not self.available:
            return []
        self.warm()
        self._used_at = time.monotonic()
        words: list[tuple[str, float, float, float]] = []
        text, sure, first, last = "", [0.0], 0.0, 0.0
        wide = WIDE_GAP * crop.shape[0] / max(1, crop.shape[1])
        for character, certainty, begin, end in [*self._characters_of(crop), (" ", 0.0, 1.0, 1.0)]:
            if text and begin - last > wide and character != " ":
                words.append((text, first, last, 100 * float(np.mean(sure))))
                text = ""
            if character == " ":
                if text:
                    words.append((text, first, last, 100 * float(np.mean(sure))))
                text = ""
                continue
            if not text:
                first, sure = begin, []
            text, last = text + character, end
            sure.append(certainty)
        return words

    def _read_one(self, crop: Pixels) -> tuple[str, float]:
        seen = self._characters_of(crop)
        text = "".join(character for character, *_ in seen).strip()
        return text, 100 * float(np.mean([certainty for _, certainty, *_ in seen])) if seen else 0.0

    def _characters_of(self, crop: Pixels) -> list[tuple[str, float, float, float]]:
        """Return the characters of a crop with certainty (0..1), left and right edge as shares of its width."""
        height, width = crop.shape[:2]
        if height < 4 or width < 4:
            return []
        wide = max(32, min(1600, round(width * HEIGHT_PX / height)))
        shrink = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_CUBIC
        small = cv2.resize(crop, (wide, HEIGHT_PX), interpolation=shrink)
        colour = np.repeat(small[None, :, :], 3, axis=0).astype(np.float32)
        tensor = ((colour / 255 - 0.5) / 0.5)[None]
        name = self._session.get_inputs()[0].name
        scores = cast(npt.NDArray[np.float32], self._session.run(None, {name: tensor})[0])[0]
        narrow = scores[:, self._allowed]
        picks = self._allowed[narrow.argmax(axis=1)]
        certainty = narrow.max(axis=1)
        out: list[tuple[str, float, float, float]] = []
        steps, last = len(picks), 0
        for step, (pick, value) in enumerate(zip(picks.tolist(), certainty.tolist(), strict=True)):
            if pick and pick != last:
                out.append((self._characters[pick], value, step / steps, (step + 1) / steps))
            last = pick
        return out
