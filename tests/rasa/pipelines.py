"""Compares readers of intents: `PYTHONPATH=.:nlu_data .venv-rasa/bin/python -m tests.rasa.pipelines [set.yml ...]`.

Each reader is crossed four times over the hand-written lines, then learns from all of them and reads the sets that
nobody trained on. No second look anywhere. Times are CPU seconds of one process, so that other work changes them less.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa_parts.intents import CONCEPTS, PHRASES, WORDBOOK, Chooser, read_medical
from rasa_parts.phrases import read_phrases
from rasa_parts.wording import read_concepts, read_wordbook
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from tests.rasa.held_out import CRISIS, Line, read_lines

NLU_DATA = Path(__file__).resolve().parents[2] / "nlu_data"
HERE = Path(__file__).parent
Lines = list[tuple[str, str]]
Reader = Callable[[Sequence[str]], list[str]]


def written() -> Lines:
    """Return every hand-written line with its intent."""
    found: Lines = []
    for file in sorted((NLU_DATA / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                found += [(line.strip()[2:], block["intent"]) for line in block["examples"].strip().splitlines()]
    return found + read_medical(NLU_DATA / "acute_medical.yml")


def _sklearn(vectors: TfidfVectorizer, machine: Any) -> Callable[[Lines], Reader]:
    def learn(lines: Lines) -> Reader:
        pipeline = make_pipeline(vectors, machine)
        pipeline.fit([text for text, _ in lines], [intent for _, intent in lines])
        return lambda texts: [str(intent) for intent in pipeline.predict(list(texts))]

    return learn


def _own(*, drawn: int) -> Callable[[Lines], Reader]:
    def learn(lines: Lines) -> Reader:
        chooser = Chooser(read_concepts(CONCEPTS), read_wordbook(WORDBOOK), 0.5, 3.0)
        more: Lines = []
        if drawn:
            phrases = read_phrases(PHRASES)
            lines = lines + phrases.drawn(drawn)
            more = phrases.dressed(lines, 0.3)
        chooser.learn(lines, more)
        return lambda texts: [chooser.intents[at] for at in chooser.chances(list(texts)).argmax(axis=1)]

    return learn


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")


def _letters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)


def _machine() -> LinearSVC:
    return LinearSVC(C=0.5, class_weight="balanced", random_state=0, tol=1e-2)


def _three(lines: Lines) -> Reader:
    """Let words, letters and the own reader vote; without a majority the own reader decides."""
    voters = [_own(drawn=0)(lines), _sklearn(_words(), _machine())(lines), _sklearn(_letters(), _machine())(lines)]

    def read(texts: Sequence[str]) -> list[str]:
        heard = [voter(texts) for voter in voters]
        return [second if second == third else first for first, second, third in zip(*heard, strict=True)]

    return read


READERS: dict[str, Callable[[Lines], Reader]] = {
    "words and pairs, linear machine": _sklearn(_words(), _machine()),
    "letters 2 to 5, linear machine": _sklearn(_letters(), _machine()),
    "own, hand-written lines only": _own(drawn=0),
    "three voters: own, words, letters": _three,
    "own, with drawn sentences and slips (chosen)": _own(drawn=250),
}
NOT_CROSSED = frozenset({"own, with drawn sentences and slips (chosen)"})
"""Its drawn sentences would stand on both sides of the cross."""


def crossed(learn: Callable[[Lines], Reader], lines: Lines) -> tuple[float, float]:
    """Return accuracy and macro-F1 over four parts, each left out once."""
    intents = np.array([intent for _, intent in lines])
    heard = np.empty(len(lines), dtype=object)
    for known, left_out in StratifiedKFold(4, shuffle=True, random_state=0).split(intents, intents):
        reader = learn([lines[at] for at in known])
        heard[left_out] = reader([lines[at][0] for at in left_out])
    return float((heard == intents).mean()), float(f1_score(intents, heard.astype(str), average="macro"))


def main() -> None:
    """Print one row for each reader."""
    files = [Path(each) for each in sys.argv[1:]] or sorted(HERE.glob("blind_*.yml"))
    sets: dict[str, list[Line]] = {file.stem: read_lines(file) for file in files}
    lines = written()
    print(f"{len(lines)} hand-written lines")
    for name, learn in READERS.items():
        cross = "not crossed" if name in NOT_CROSSED else "crossed {:.2f}, {:.2f}".format(*crossed(learn, lines))
        started = time.process_time()
        reader = learn(lines)
        trained = time.process_time() - started
        row = []
        danger = found = 0
        spent, number = 0.0, 0
        for file, told in sets.items():
            started = time.process_time()
            # one at a time, as they come
            heard = [reader([line.text])[0] for line in told]
            spent, number = spent + time.process_time() - started, number + len(told)
            plain = [(line, intent) for line, intent in zip(told, heard, strict=True) if line.part == "lines"]
            row.append(f"{file} {sum(line.intent == intent for line, intent in plain) / len(plain):.3f}")
            danger += sum(line.intent in CRISIS for line in told)
            found += sum(line.intent in CRISIS and intent in CRISIS for line, intent in zip(told, heard, strict=True))
        most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name}: {cross}; {', '.join(row)}; danger {found} of {danger}; "
            f"train {trained:.0f} s CPU, a line {spent / number * 1000:.1f} ms CPU, at most {most_mb:.0f} MB so far",
            flush=True,
        )


if __name__ == "__main__":
    main()
