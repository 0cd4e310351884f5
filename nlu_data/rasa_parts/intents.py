"""What did the resident mean? Words, letters, sounds and concepts together choose the intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Text

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
from sklearn.linear_model import LogisticRegression

from rasa_parts.facts import masked
from rasa_parts.wording import Concepts, clean, read_concepts, sound, words

CONCEPTS = Path(__file__).resolve().parent.parent / "concepts.yml"
RANKING = 10


def _same(items: List[str]) -> List[str]:
    return items


def _grams(items: List[str], longest: int) -> List[str]:
    return [" ".join(items[i : i + n]) for n in range(1, longest + 1) for i in range(len(items) - n + 1)]


def word_features(text: str) -> List[str]:
    """Return single words and pairs, with facts masked."""
    return _grams(words(masked(text)), 2)


def sound_features(text: str) -> List[str]:
    """Return single words and pairs as they sound."""
    return _grams([sound(word) for word in words(text)], 2)


def concept_features(text: str, concepts: Concepts) -> List[str]:
    """Return single concepts, pairs in order, and pairs anywhere near each other."""
    found = [names for names in (concepts.of(word) for word in words(text)) if names]
    flat = [name for names in found for name in names]
    pairs = [f"{a}>{b}" for i in range(len(found) - 1) for a in found[i] for b in found[i + 1]]
    apart = [f"{a}>>{b}" for i in range(len(found) - 2) for a in found[i] for b in found[i + 2]]
    return flat + pairs + apart


class Features:
    """Turns texts into rows of numbers."""

    def __init__(self, concepts: Concepts) -> None:
        """Make the four readers; nothing is learned yet."""
        self._concepts = concepts
        self._readers = [
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer=_same, sublinear_tf=True, min_df=1),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
        ]

    def _views(self, texts: List[str]) -> List[List[Any]]:
        return [
            [word_features(text) for text in texts],
            [sound_features(text) for text in texts],
            [concept_features(text, self._concepts) for text in texts],
            [clean(masked(text)) for text in texts],
        ]

    def learn(self, texts: List[str]) -> Any:
        """Learn the vocabulary of `texts` and return their rows."""
        return hstack([r.fit_transform(view) for r, view in zip(self._readers, self._views(texts))]).tocsr()

    def rows(self, texts: List[str]) -> Any:
        """Return the rows of `texts`."""
        return hstack([r.transform(view) for r, view in zip(self._readers, self._views(texts))]).tocsr()


class Chooser:
    """The learned choice between intents."""

    def __init__(self, concepts: Concepts, strictness: float) -> None:
        """Take the inverse strength of regularisation."""
        self._features = Features(concepts)
        self._choice = LogisticRegression(C=strictness, max_iter=400, class_weight="balanced", solver="lbfgs", tol=1e-3)

    def learn(self, texts: List[str], intents: List[str]) -> None:
        """Learn from lines and their intents."""
        self._choice.fit(self._features.learn(texts), intents)

    @property
    def intents(self) -> List[str]:
        """The intents in the order of the columns of `chances`."""
        return [str(name) for name in self._choice.classes_]

    def chances(self, texts: List[str]) -> np.ndarray:
        """Return one row of chances for each text."""
        found: np.ndarray = self._choice.predict_proba(self._features.rows(texts))
        return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentReader(GraphComponent, IntentClassifier):
    """Rasa's door to `Chooser`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the settings that config.yml may change."""
        return {"strictness": 8.0}

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, chooser: Optional[Chooser]
    ) -> None:
        """Keep where the model is stored."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._chooser = chooser

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IntentReader":
        """Return a reader that has learned nothing yet."""
        return cls(config, model_storage, resource, None)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the lines in nlu/ and store what was learned."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        chooser = Chooser(read_concepts(CONCEPTS), float(self._config["strictness"]))
        chooser.learn([e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples])
        self._chooser = chooser
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(chooser, folder / "chooser.joblib", compress=3)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IntentReader":
        """Return the reader that was stored with the model."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "chooser.joblib"))

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent and its ranking on each message."""
        assert self._chooser is not None, "the reader of intents is used before it is trained"
        chances = self._chooser.chances([str(message.get(TEXT) or "") for message in messages])
        for message, row in zip(messages, chances):
            order = np.argsort(-row)[:RANKING]
            ranking = [{"name": self._chooser.intents[i], "confidence": float(row[i])} for i in order]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as they are."""
        return training_data
