"""Each text is used somewhere, and each text that is used exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

from briefbrug.errors import Reason
from briefbrug.speech import load_texts
from tests.house.checkout import python_files, text_of, tracked, tree_of

BUILT: dict[str, str] = {
    "problem_": "briefbrug/errors.py: one text for each Reason",
}
"""Keys that the code builds from a prefix and a code; each prefix says where."""

KEY = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$|^[a-z]{3,}$")


@cache
def texts() -> Mapping[str, str]:
    """Return the Dutch texts."""
    return load_texts("nl")


@cache
def strings_in_code() -> frozenset[str]:
    """Return every string constant of the code, docstrings left out, and every quoted word in a template."""
    found: set[str] = set()
    for name in python_files():
        tree = tree_of(name)
        found |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    for name in tracked():
        if name.suffix in {".html", ".js", ".txt", ".j2", ".webmanifest"} and name.parts[0] in {"bot", "inbox"}:
            content = text_of(name)
            found |= set(re.findall(r"['\"]([a-z][a-z0-9_]+)['\"]", content))
            found |= set(re.findall(r"\b(?:t|text|texts|label|labels|say)[.]([a-z][a-z0-9_]+)", content))
    for name in tracked():
        if name.parts[:2] == ("briefbrug", "knowledge") and name.suffix == ".yaml":
            found |= set(re.findall(r"\b[a-z][a-z0-9_]+\b", text_of(name)))
    return frozenset(found)


@cache
def built_in_code() -> tuple[re.Pattern[str], ...]:
    """Return what keys look like that the code puts together: f"kind_{kind}", f"{part}_kind_{kind}", f"{what}_ask"."""
    patterns = {re.escape(start) + ".+" for start in BUILT}
    for name in python_files():
        for node in ast.walk(tree_of(name)):
            if not isinstance(node, ast.JoinedStr):
                continue
            parts = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
            fixed = "".join(parts)
            if re.fullmatch(r"[a-z][a-z0-9]*_|_[a-z0-9_]{3,}|[a-z][a-z0-9_]{3,}", fixed):
                patterns.add("".join(re.escape(part) or "[a-z0-9_]+" for part in parts))
    for name in tracked():
        if name.suffix == ".html":
            starts = re.findall(r"['\"]([a-z][a-z0-9_]*_)['\"]\s*[~+]", text_of(name))
            patterns |= {re.escape(start) + ".+" for start in starts}
    return tuple(re.compile(pattern) for pattern in patterns)


def test_each_text_is_used() -> None:
    built = built_in_code()
    unused = [key for key in texts() if key not in strings_in_code() and not any(p.fullmatch(key) for p in built)]
    assert unused == []


def test_each_message_that_is_named_exists() -> None:
    """`Message("key", ...)` with a constant key."""
    missing: list[str] = []
    for name in python_files():
        for node in ast.walk(tree_of(name)):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and isinstance(called, ast.Name) and called.id == "Message" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value not in texts():
                    missing.append(f"{name}:{node.lineno} {first.value}")
    assert missing == []


def test_each_built_beginning_leads_to_a_text() -> None:
    for start in BUILT:
        assert any(key.startswith(start) for key in texts()), start


def test_every_reason_has_a_text() -> None:
    assert {f"problem_{reason}" for reason in Reason} <= set(texts())


def test_placeholders_have_names() -> None:
    for key, text in texts().items():
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names), key
