"""Tesseract's own network for lines of text, run over many lines at once by ONNX Runtime.

Tesseract computes it column by column, line after line: matrix times vector. The same weights over all lines of a page
are matrix times matrix, several times faster on one core, with the same answer but for rounding (Tesseract rounds to bytes between layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from ocr.language import Language, Layer
from ocr.pixels import Pixels, quantile

Floats = npt.NDArray[np.float32]

SIDE_BY_SIDE = 0.72
"""Lines go together while the shortest is at least this share of the longest: what is beyond its end is computed for nothing."""
MOST_COLUMNS = 8_000
"""Columns of pixels in one go, about 70 MB of memory."""
LONGEST_LINE = 6_000
"""Columns; a longer line is no line of a letter."""


class _Graph:
    """The network as an ONNX graph, grown layer by layer; the data between layers is [columns, lines, features]."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._count = 0

    def constant(self, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"w{len(self.constants)}"
        self.constants.append(cast(Any, numpy_helper).from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, sources: Sequence[str], pick: int = 0, **options: Any) -> str:
        """Add one node and return the name of its output number `pick`; earlier outputs are not computed."""
        from onnx import helper

        self._count += 1
        name = f"v{self._count}"
        self.nodes.append(cast(Any, helper).make_node(kind, list(sources), [""] * pick + [name], **options))
        return name

    def whole(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))


def _recurrent(graph: _Graph, layer: Layer, source: str, direction: str, lengths: str, last_only: bool = False) -> str:
    """Add a long short-term memory; return its output, of every step or of the last one, with the direction's axis in front."""
    cell, gate_in, forget, gate_out = layer.weights
    order = (gate_in, gate_out, forget, cell)
    ni, ns = layer.inputs, layer.outputs
    if any(w.shape != (ns, ni + ns + 1) for w in order):
        raise ValueError(f"layer {layer.name} is of two dimensions")
    sources = [
        source,
        graph.constant(np.concatenate([w[:, :ni] for w in order])[None]),
        graph.constant(np.concatenate([w[:, ni : ni + ns] for w in order])[None]),
        graph.constant(np.concatenate([*(w[:, -1] for w in order), np.zeros(4 * ns, np.float32)])[None]),
    ]
    if lengths:
        sources.append(lengths)
    return graph.node("LSTM", sources, pick=1 if last_only else 0, hidden_size=ns, direction=direction)


def _convolved(graph: _Graph, layer: Layer, source: str) -> str:
    convolve, full = layer.inner
    if convolve.kind != "Convolve" or full.kind not in {"Tanh", "Relu"}:
        raise ValueError(f"layer {layer.name} is no convolution")
    half_x, half_y = convolve.numbers
    wide, high = 2 * half_x + 1, 2 * half_y + 1
    weights = full.weights[0]
    # The file runs through the neighbourhood column by column.
    kernel = weights[:, :-1].reshape(-1, wide, high, convolve.inputs).transpose(0, 3, 2, 1)
    sources = [source, graph.constant(kernel), graph.constant(weights[:, -1])]
    return graph.node(full.kind, [graph.node("Conv", sources, pads=[half_y, half_x, half_y, half_x])])


def _model(layers: Sequence[Layer]) -> tuple[bytes, int, int]:
    """Return the network as an ONNX model, the height of its lines, and how many columns make one step.

    Raises:
        ValueError: a layer that is not known here.
    """
    from onnx import TensorProto, helper

    make: Any = helper
    graph = _Graph()
    height, step = layers[0].numbers[1], 1
    source, lines_first, squeeze = "x", True, graph.whole(1)
    high = height
    for layer in layers[1:]:
        if layer.kind == "Series" and lines_first:
            source = _convolved(graph, layer, source)
        elif layer.kind == "Maxpool" and lines_first:
            by_x, by_y = layer.numbers
            source = graph.node("MaxPool", [source], kernel_shape=[by_y, by_x], strides=[by_y, by_x])
            high, step = high // by_y, step * by_x
        elif layer.kind == "XYTranspose" and layer.inner[0].kind == "SummLSTM" and lines_first:
            # Down each column: every column of every line is a short text of its own.
            memory = layer.inner[0]
            down = graph.node("Transpose", [source], perm=[2, 3, 0, 1])
            shape = graph.node("Shape", [down])
            flat = graph.node("Reshape", [down, graph.whole(high, -1, memory.inputs)])
            last = _recurrent(graph, memory, flat, "forward", "", last_only=True)
            columns = graph.node("Slice", [shape, graph.whole(1), graph.whole(3)])
            size = graph.node("Concat", [columns, graph.whole(memory.outputs)], axis=0)
            source, lines_first = graph.node("Reshape", [last, size]), False
        elif layer.kind in {"LSTM", "RTLReversed"} and not lines_first:
            memory, way = (layer, "forward") if layer.kind == "LSTM" else (layer.inner[0], "reverse")
            source = graph.node("Squeeze", [_recurrent(graph, memory, source, way, "lengths"), squeeze])
        elif layer.kind == "Softmax" and not lines_first:
            weights = layer.weights[0]
            found = graph.node("MatMul", [source, graph.constant(weights[:, :-1].T)])
            source = graph.node("Add", [found, graph.constant(weights[:, -1])])
            source = graph.node("Softmax", [source], axis=-1)
        else:
            raise ValueError(f"layer {layer.kind} {layer.name} is not known here")
    value = make.make_tensor_value_info
    made = make.make_graph(
        graph.nodes,
        "lines",
        [value("x", TensorProto.FLOAT, ["n", 1, height, "w"]), value("lengths", TensorProto.INT32, ["n"])],
        [value(source, TensorProto.FLOAT, ["t", "n", "c"])],
        graph.constants,
    )
    model = make.make_model(made, opset_imports=[make.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString(), height, step


def _black_and_white(row: npt.NDArray[np.int16]) -> tuple[float, float]:
    """Return the grey of ink and of paper by the turning points of the line's middle row, as Tesseract does."""
    before, here, after = row[:-2], row[1:-1], row[2:]
    lows = here[((here < before) & (here <= after)) | ((here <= before) & (here < after))]
    highs = here[((here > before) & (here >= after)) | ((here >= before) & (here > after))]
    return (
        quantile(lows, 0.25) if len(lows) else 0.0,
        quantile(highs, 0.75) if len(highs) else 255.0,
    )


class LineNetwork:
    """The network of one language, loaded; for one thread at a time."""

    def __init__(self, language: Language) -> None:
        import onnxruntime

        model, self.height, self.step = _model(language.layers)
        options = cast(Any, onnxruntime).SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = cast(Any, onnxruntime).InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def _prepared(self, line: Pixels) -> Floats:
        """Return the line at the network's height: paper 1, ink -1; sharpened as Leptonica's `pixScale` does."""
        height, width = line.shape
        factor = self.height / height
        shrink = factor < 0.7
        size = (max(self.step, min(LONGEST_LINE, round(width * factor))), self.height)
        grey = cv2.resize(line, size, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
        values = grey.astype(np.float32)
        if factor < 1.4:
            reach, share = (3, 0.2) if shrink else (5, 0.4)
            values += share * (values - cv2.blur(grey, (reach, reach)))
            np.clip(values, 0, 255, out=values)
        black, white = _black_and_white(values[self.height // 2].astype(np.int16))
        contrast = (white - black) / 2 if white > black else 1.0
        return np.clip((values - black) / contrast - 1, -1, 1)

    def read(self, lines: Sequence[Pixels]) -> list[Floats]:
        """Return for each grey line of text, cut out with a little margin, the chances [steps, codes] of each code.

        A step is `step` columns of the line at `height` pixels.
        """
        ready = [self._prepared(line) for line in lines]
        waiting = sorted(range(len(ready)), key=lambda i: -ready[i].shape[1])
        found: list[Floats] = [np.zeros((0, 0), np.float32)] * len(ready)
        while waiting:
            longest = ready[waiting[0]].shape[1]
            room = max(1, MOST_COLUMNS // longest)
            together = [i for i in waiting[:room] if ready[i].shape[1] >= SIDE_BY_SIDE * longest or longest < 160]
            waiting = waiting[len(together) :]
            batch = np.ones((len(together), 1, self.height, longest), np.float32)
            for place, i in enumerate(together):
                batch[place, 0, :, : ready[i].shape[1]] = ready[i]
            lengths = np.array([ready[i].shape[1] // self.step for i in together], dtype=np.int32)
            chances = cast(Floats, self._session.run(None, {"x": batch, "lengths": lengths})[0])
            for place, i in enumerate(together):
                found[i] = chances[: lengths[place], place]
        return found
