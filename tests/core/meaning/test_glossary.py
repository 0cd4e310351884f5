"""Every Dutch code of the knowledge stands in the glossary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from briefbrug.knowledge.load import Anchor, load_knowledge
from briefbrug.letter import Action

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"


def test_each_dutch_code_is_in_the_glossary() -> None:
    knowledge = load_knowledge()
    anchors = [anchor for anchor in get_args(Anchor) if anchor not in {"printed_date", "event_date"}]
    codes = {*knowledge.senders, *knowledge.kinds, *knowledge.helpers, *(a.value for a in Action), *anchors}
    listed = set(re.findall(r"(?m)^\| ([\w ]+?) \|", GLOSSARY.read_text(encoding="utf-8")))
    assert codes - listed == set()
