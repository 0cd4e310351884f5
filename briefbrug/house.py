"""The house: everything a use case may touch, built once from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Engine

from briefbrug.clock import Clock
from briefbrug.durable import Durable
from briefbrug.failpoints import arm
from briefbrug.knowledge.check import check_texts
from briefbrug.knowledge.load import Knowledge, load_knowledge
from briefbrug.photos import PhotoStore
from briefbrug.settings import Settings
from briefbrug.speech import TEXTS_FOLDER, Texts, load_texts
from briefbrug.store.database import open_engine
from briefbrug.store.unit_of_work import Work, unit_of_work
from briefbrug.vault import Vault, read_key_file

LANGUAGES = ("nl", "en", "tr", "ar", "pl", "uk")
"""Dutch is complete; a key that another language lacks is said in Dutch."""


@dataclass(frozen=True, slots=True)
class House:
    """Store, clock, knowledge, texts and keys, handed to every use case."""

    settings: Settings
    engine: Engine
    vault: Vault
    photos: PhotoStore
    clock: Clock
    durable: Durable
    knowledge: Knowledge
    texts: Mapping[str, Texts]

    def work(self) -> AbstractContextManager[Work]:
        """Open a transaction that may write."""
        return unit_of_work(self.engine, self.vault, self.clock, self.durable, write=True)

    def look(self) -> AbstractContextManager[Work]:
        """Open a transaction that only reads; what is changed inside is rolled back."""
        return unit_of_work(self.engine, self.vault, self.clock, self.durable, write=False)

    def texts_in(self, language: str) -> Texts:
        """Return the texts of a language, with Dutch for what it lacks."""
        return self.texts.get(language, self.texts["nl"])

    def close(self) -> None:
        """Let go of the database."""
        self.durable.close()
        self.engine.dispose()


def build_house(settings: Settings) -> House:
    """Return the house for these settings.

    Raises:
        BriefbrugError: KEY, KNOWLEDGE or TEXTS, when a file is missing or wrong; the start stops there.
    """
    arm(settings.kill_at, settings.data)
    vault = Vault(read_key_file(settings.key_file))
    engine = open_engine(settings.database_url)
    dutch = load_texts("nl")
    texts: dict[str, Texts] = {"nl": dutch}
    for language in LANGUAGES[1:]:
        if any((TEXTS_FOLDER / language).glob("*.yaml")):
            texts[language] = load_texts(language, fallback=dutch)
    knowledge = load_knowledge()
    check_texts(knowledge, texts)
    return House(
        settings=settings,
        engine=engine,
        vault=vault,
        photos=PhotoStore(settings.data / "photos"),
        clock=Clock(settings.today),
        durable=Durable(engine),
        knowledge=knowledge,
        texts=texts,
    )
