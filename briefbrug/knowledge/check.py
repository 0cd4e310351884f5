"""Checks that knowledge and texts fit together: at every start, before every commit, and in the tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.load import DEFAULT, UNKNOWN_KIND, Knowledge, load_knowledge
from briefbrug.speech import DUTCH, TEXTS_FOLDER, Texts, load_texts, placeholders

PARTS = ("what", "else", "can", "step")
"""What is said of each kind of letter."""


def keys_named(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Yield (where, key) for each text that an entry of the knowledge asks for."""
    for name, entry in knowledge.combinations.items():
        for part, key in entry.texts.items():
            yield f"combinations.yaml: combinations.{name}.texts.{part}", key
    for kind in (*knowledge.kinds, UNKNOWN_KIND):
        yield f"kinds.yaml: kinds.{kind}", f"kind_{kind}"
        for part in PARTS:
            yield f"kinds.yaml: kinds.{kind}", f"{part}_kind_{kind}"
    for name in knowledge.senders:
        yield f"senders.yaml: senders.{name}", f"sender_{name}"
    for name in knowledge.words:
        yield f"words.yaml: words.{name}", f"word_{name}"
    for name in knowledge.helpers:
        if name != "schuldeiser_zelf":
            yield f"helpers.yaml: helpers.{name}", f"help_{name}"
    for name in knowledge.severities:
        for ending in ("", "_by", "_passed"):
            yield f"ranking.yaml: severities.{name}", f"because_{name}{ending}"
    for name in knowledge.ranking.key_order:
        yield f"ranking.yaml: ranking.key_order.{name}", f"why_next_{name}"
    for row in (*knowledge.statements.rests_on, *knowledge.statements.no_fact):
        if not row.endswith("*"):
            yield f"statements.yaml: statements.{row}", row


def check_texts(knowledge: Knowledge, texts: Mapping[str, Texts]) -> None:
    """Refuse knowledge that names a text nobody wrote, and a text whose placeholders differ from the Dutch one.

    Args:
        knowledge: as loaded.
        texts: language to its texts; Dutch must be among them.

    Raises:
        BriefbrugError: KNOWLEDGE or TEXTS, naming file and key.
    """
    dutch = texts[DUTCH]
    for where, key in keys_named(knowledge):
        if key not in dutch:
            raise BriefbrugError(Reason.KNOWLEDGE, f"{where}: no text {key}")
    for row in (*knowledge.statements.rests_on, *knowledge.statements.no_fact):
        if row.endswith("*") and not any(key.startswith(row[:-1]) for key in dutch):
            raise BriefbrugError(Reason.KNOWLEDGE, f"statements.yaml: statements.{row}: no text begins like this")
    for language, mine in texts.items():
        for key in mine:
            if key in dutch and placeholders(mine[key]) != placeholders(dutch[key]):
                raise BriefbrugError(Reason.TEXTS, f"texts/{language}: {key}: other placeholders than in Dutch")


def check(knowledge_folder: Path = DEFAULT, texts_folder: Path = TEXTS_FOLDER) -> str:
    """Return one line about what was checked, for a terminal.

    Raises:
        BriefbrugError: KNOWLEDGE or TEXTS, naming file and key.
    """
    knowledge = load_knowledge(knowledge_folder)
    dutch = load_texts(DUTCH, texts_folder)
    texts = {DUTCH: dutch}
    for folder in sorted(texts_folder.iterdir()):
        if folder.is_dir() and folder.name != DUTCH and any(folder.glob("*.yaml")):
            texts[folder.name] = load_texts(folder.name, texts_folder, fallback=dutch)
    check_texts(knowledge, texts)
    return (
        f"{len(knowledge.combinations)} combinations, {len(knowledge.sources)} sources, "
        f"{len(dutch)} texts, languages: {', '.join(sorted(texts))}"
    )


def main() -> int:
    """Check the knowledge and the texts of this checkout; 1 with file and key when something is wrong."""
    try:
        sys.stdout.write(check() + "\n")
    except BriefbrugError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
