"""The papers of the house are there, parse, and agree with each other."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.house.checkout import ROOT, text_of, tracked

VERSION = str(tomllib.loads(text_of("pyproject.toml"))["project"]["version"])
ADRS = sorted(name for name in tracked() if name.parts[:2] == ("docs", "adr"))
MARKDOWN = [name for name in tracked() if name.suffix == ".md" and name.parts[0] != "tests"]


def test_one_version_everywhere() -> None:
    public = cast(dict[str, Any], yaml.safe_load(text_of("publiccode.yml")))
    register = cast(dict[str, Any], json.loads(text_of("docs/algorithm-register.json")))
    assert public["softwareVersion"] == register["version"] == VERSION
    assert re.search(rf"^## {re.escape(VERSION)}\b", text_of("CHANGELOG.md"), re.MULTILINE)
    assert f"image: briefbrug:{VERSION}" in text_of("docker-compose.yml")
    assert json.loads(text_of("package.json"))["version"] == VERSION


def test_publiccode_has_what_the_standard_asks() -> None:
    public = cast(dict[str, Any], yaml.safe_load(text_of("publiccode.yml")))
    for key in ("publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus", "softwareType"):
        assert public[key], key
    assert public["legal"]["license"] == "EUPL-1.2"
    assert public["maintenance"]["contacts"][0]["name"]
    assert public["localisation"]["availableLanguages"] == ["nl"]
    for language in ("nl", "en"):
        described = public["description"][language]
        assert len(described["shortDescription"]) <= 150
        assert 150 <= len(described["longDescription"]) <= 10_000
        assert described["features"]


def test_the_algorithm_register_entry_is_complete() -> None:
    entry = cast(dict[str, Any], json.loads(text_of("docs/algorithm-register.json")))
    wanted = {
        "name", "organization", "description_short", "status", "goal", "impact", "proportionality", "lawful_basis",
        "decision_making_process", "source_data", "methods_and_models", "human_intervention", "risks", "monitoring",
        "version", "contact_email", "dpia",
    }  # fmt: skip
    assert {key for key in wanted if entry.get(key)} == wanted


def test_decisions_are_numbered_and_say_what_they_cost() -> None:
    assert [int(name.name[:4]) for name in ADRS] == list(range(1, len(ADRS) + 1))
    for name in ADRS:
        text = text_of(name)
        assert re.match(rf"# {int(name.name[:4])}\. \S", text), name
        for heading in ("## Context", "## Decision", "## Price"):
            assert heading in text, f"{name}: {heading}"


def test_the_licence_is_the_eupl() -> None:
    text = text_of("LICENSE")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    for article in range(1, 16):
        assert re.search(rf"^{article}\. [A-Z]", text, re.MULTILINE), article
    assert "Compatible Licences" in text


@pytest.mark.parametrize("name", MARKDOWN, ids=str)
def test_links_inside_the_repository_lead_somewhere(name: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", text_of(name)):
        if "://" not in target and not target.startswith("mailto:"):
            assert (ROOT / name.parent / target).exists(), target


def test_every_command_of_the_makefile_that_the_papers_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert {"run", "test", "test-fast", "test-crash", "lint", "bench", "bench-reading", "texts", "audit"} <= targets
    for name in MARKDOWN:
        assert set(re.findall(r"`make ([a-z-]+)", text_of(name))) <= targets, name


def test_the_build_server_does_what_a_developer_does() -> None:
    assert "make test" in text_of(".ci/run")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
