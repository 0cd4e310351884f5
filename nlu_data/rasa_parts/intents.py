"""What did the resident mean? Words, letters, sounds and concepts together choose the intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from rasa_parts.facts import masked
from rasa_parts.phrases import read_phrases
from rasa_parts.wording import Concepts, Spelling, Wordbook, read_concepts, read_wordbook, sound, words

DANGERS = frozenset({"EXTERNAL_acute_medical", "crisis_self_harm", "crisis_violence", "crisis_urgent_home"})
PHRASES = Path(__file__).resolve().parent.parent / "phrases.yml"
WORDBOOK = Path(__file__).resolve().parent.parent / "wordbook.yml"
CONCEPTS = Path(__file__).resolve().parent.parent / "concepts.yml"
MEDICAL = Path(__file__).resolve().parent.parent / "acute_medical.yml"
RANKING = 10
# In words: above LONG a message is longer than any that was learned from; a PIECE is as long as a usual story.
LONG = 120
PIECE = 40
# The worst of many pieces is often only the most unlucky one: so much of its suspicion counts.
WORST_PIECE = 0.6
# Where no word, sound or concept is known, letters alone guess: below UNSURE so much of their calm intents counts.
ONLY_LETTERS = 0.5
UNSURE = 0.3
# How much each view counts: words, sounds, concepts, letters. Letters forgive most.
WEIGHTS = (1.0, 1.0, 1.0, 1.8)


def _same(items: list[str]) -> list[str]:
    return items


def _grams(items: list[str], longest: int) -> list[str]:
    return [" ".join(items[i : i + n]) for n in range(1, longest + 1) for i in range(len(items) - n + 1)]


def concept_features(found: list[list[str]]) -> list[str]:
    """Return single concepts, pairs in order, and pairs with one word of meaning between them."""
    found = [names for names in found if names]
    flat = [name for names in found for name in names]
    pairs = [f"{a}>{b}" for i in range(len(found) - 1) for a in found[i] for b in found[i + 1]]
    apart = [f"{a}>>{b}" for i in range(len(found) - 2) for a in found[i] for b in found[i + 2]]
    return flat + pairs + apart


def in_pieces(text: str) -> list[str]:
    """Return a message of more than `LONG` words as pieces that overlap by half, each once; a shorter one as it is."""
    said = text.split()
    if len(said) <= LONG:
        return [text]
    starts = range(0, len(said) - PIECE // 2, PIECE // 2)
    return list(dict.fromkeys(" ".join(said[at : at + PIECE]) for at in starts))


class Features:
    """Turns texts into rows of numbers."""

    def __init__(self, concepts: Concepts, wordbook: Wordbook) -> None:
        """Make the four readers; nothing is learned yet."""
        self._concepts = concepts
        self._wordbook = wordbook
        self._spelling = Spelling([])
        self._readers = [
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
        ]

    def _views(self, texts: list[str]) -> list[list[Any]]:
        """Return each text as words and pairs with facts masked, as sounds, as concepts, and as letters."""
        views: list[list[Any]] = [[], [], [], []]
        for text in texts:
            # facts are found in what was typed; everything but the sounds is read in plain Dutch
            plain = self._wordbook.plain(masked(text))
            views[0].append(_grams(self._righted(words(plain)), 2))
            views[1].append(_grams([sound(word) for word in words(text)], 2))
            meant = self._righted(words(self._wordbook.plain(text)))
            views[2].append(concept_features([self._concepts.of(word) for word in meant]))
            views[3].append(plain)
        return views

    def _righted(self, typed: list[str]) -> list[str]:
        return [right for word in typed for right in self._spelling.right(word).split()]

    def learn(self, texts: list[str], careful: list[str]) -> Any:
        """Learn the vocabulary of `texts`, the spelling of `careful` lines, and return the rows of `texts`."""
        self._spelling = Spelling([masked(text) for text in careful] + careful)
        views = zip(WEIGHTS, self._readers, self._views(texts), strict=False)
        return hstack([weight * reader.fit_transform(view) for weight, reader, view in views]).tocsr()

    def is_any_known(self, text: str) -> bool:
        """Whether a word, a sound or a concept of `text` was ever learned from."""
        views = zip(self._readers[:3], self._views([text]), strict=False)
        return any(item in reader.vocabulary_ for reader, view in views for item in view[0])

    def rows(self, texts: list[str]) -> Any:
        """Return the rows of `texts`."""
        views = zip(WEIGHTS, self._readers, self._views(texts), strict=False)
        return hstack([weight * reader.transform(view) for weight, reader, view in views]).tocsr()


class Chooser:
    """The learned choice between intents."""

    def __init__(self, concepts: Concepts, wordbook: Wordbook, strictness: float, sharpness: float) -> None:
        """Take the inverse strength of regularisation, and how steeply a lead becomes a chance."""
        self._features = Features(concepts, wordbook)
        self._choice = LinearSVC(C=strictness, class_weight="balanced", random_state=0, tol=1e-2)
        self._sharpness = sharpness

    def learn(self, lines: list[tuple[str, str]], dressed: list[tuple[str, str]]) -> None:
        """Learn from lines and their intents; `dressed` ones may hold slips of the finger."""
        careful = [text for text, _ in lines]
        lines = lines + dressed
        rows = self._features.learn([text for text, _ in lines], careful)
        self._choice.fit(rows, [intent for _, intent in lines])

    @property
    def intents(self) -> list[str]:
        """The intents in the order of the columns of `chances`."""
        return [str(name) for name in self._choice.classes_]

    def chances_of_message(self, text: str, dangers: frozenset[str]) -> np.ndarray:
        """Return the chances for one message; a very long one is read for danger in pieces: length alone says nothing.

        One sentence of danger would drown in a long story, and a story told ten times over would sound ever worse.
        """
        row: np.ndarray = self.chances([text])[0]
        columns = [at for at, name in enumerate(self.intents) if name in dangers]
        if row.max() < UNSURE and not self._features.is_any_known(text):
            row[[at for at in range(len(row)) if at not in columns]] *= ONLY_LETTERS
        pieces = in_pieces(text)
        if len(pieces) < 2:
            return row
        rows = self.chances(pieces)
        worst = WORST_PIECE * rows[int(rows[:, columns].sum(axis=1).argmax())]
        calm = [at for at in range(len(row)) if at not in columns]
        suspected = float(worst[columns].sum())
        row[columns] = worst[columns]
        row[calm] *= (1.0 - suspected) / max(float(row[calm].sum()), 1e-9)
        return row

    def chances(self, texts: list[str]) -> np.ndarray:
        """Return one row of chances for each text."""
        leads = self._sharpness * self._choice.decision_function(self._features.rows(texts))
        leads = np.exp(leads - leads.max(axis=1, keepdims=True))
        found: np.ndarray = leads / leads.sum(axis=1, keepdims=True)
        return found


def read_medical(path: Path) -> list[tuple[str, str]]:
    """Return the lines of acute medical danger, which Rasa's own training data cannot hold."""
    import rasa.shared.utils.io

    return [(str(line), "EXTERNAL_acute_medical") for line in rasa.shared.utils.io.read_yaml_file(path)["lines"]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentReader(GraphComponent, IntentClassifier):
    """Rasa's door to `Chooser`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that config.yml may change."""
        return {"strictness": 0.5, "sharpness": 3.0, "drawn_per_intent": 400, "dressed_share": 0.3}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, chooser: Chooser | None
    ) -> None:
        """Keep where the model is stored."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._chooser = chooser

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentReader:
        """Return a reader that has learned nothing yet."""
        return cls(config, model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the lines in nlu/ and store what was learned."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        strictness, sharpness = float(self._config["strictness"]), float(self._config["sharpness"])
        chooser = Chooser(read_concepts(CONCEPTS), read_wordbook(WORDBOOK), strictness, sharpness)
        lines = [(str(e.get(TEXT)), str(e.get(INTENT))) for e in examples] + read_medical(MEDICAL)
        phrases = read_phrases(PHRASES)
        lines += phrases.drawn(int(self._config["drawn_per_intent"]))
        chooser.learn(lines, phrases.dressed(lines, float(self._config["dressed_share"])))
        self._chooser = chooser
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(chooser, folder / "chooser.joblib", compress=3)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentReader:
        """Return the reader that was stored with the model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "chooser.joblib"))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and its ranking on each message."""
        assert self._chooser is not None, "the reader of intents is used before it is trained"
        for message in messages:
            row = self._chooser.chances_of_message(str(message.get(TEXT) or ""), DANGERS)
            order = np.argsort(-row)[:RANKING]
            ranking = [{"name": self._chooser.intents[i], "confidence": float(row[i])} for i in order]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as they are."""
        return training_data
