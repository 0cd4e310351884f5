"""Every Dutch code of the house stands in the glossary."""

from __future__ import annotations

import re
import typing
from typing import Any, cast

import pytest
import yaml

from briefbrug.knowledge import load
from briefbrug.letter import Action
from tests.house.checkout import text_of


def knowledge(name: str) -> dict[str, Any]:
    """Return one file of the knowledge as it stands there."""
    return cast(dict[str, Any], yaml.load(text_of(f"briefbrug/knowledge/{name}.yaml"), Loader=yaml.CSafeLoader))


def codes() -> set[str]:
    """Return every Dutch code: values of enums, and keys of the data."""
    variants = {key.split("/", 2)[2] for key in knowledge("combinations")["combinations"] if key.count("/") == 2}
    anchors = {anchor for anchor in typing.get_args(load.Anchor) if not re.search("printed|event", anchor)}
    return {
        *(str(action) for action in Action),
        *knowledge("senders")["senders"],
        *knowledge("kinds")["kinds"],
        *knowledge("helpers")["helpers"],
        *variants,
        *anchors,
    }


@pytest.mark.parametrize("code", sorted(codes()))
def test_the_glossary_explains(code: str) -> None:
    explained = re.search(
        rf"^\| {re.escape(code)} \| \S.+\|$|\b{re.escape(code)}\b[^|\n]*[(]", text_of("docs/glossary.md"), re.MULTILINE
    )
    variants = text_of("docs/glossary.md").split("Variants,", 1)[1].split("##", 1)[0]
    assert explained or code in variants
