"""The tests are honest: nothing is skipped, nobody sleeps, chance has a seed, nothing leaves the machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.checkout import python_files, text_of

FILES = [name for name in python_files("tests") if name.parts[1] != "house"]
WAITING = re.compile(r"^_?(?:wait|until|eventually|poll)")
"""A function that waits on a condition with a time limit may pause between two looks."""


def calls(name: Path) -> Iterator[tuple[str, str, int]]:
    """Yield each call as (dotted name, innermost function around it, line)."""

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[str, str, int]]:
        for child in ast.iter_child_nodes(node):
            here = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else inside
            if isinstance(child, ast.Call):
                yield ast.unparse(child.func), here, child.lineno
            yield from walk(child, here)

    yield from walk(ast.parse(text_of(name)), "")


@pytest.mark.parametrize("name", FILES, ids=str)
def test_nothing_is_skipped(name: Path) -> None:
    assert not re.search(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b", text_of(name))


@pytest.mark.parametrize("name", FILES, ids=str)
def test_nobody_sleeps_but_to_look_again(name: Path) -> None:
    sleeping = [
        f"{name}:{line}" for call, inside, line in calls(name) if call.endswith("sleep") and not WAITING.match(inside)
    ]
    assert sleeping == []


@pytest.mark.parametrize("name", FILES, ids=str)
def test_chance_has_a_seed(name: Path) -> None:
    unseeded = re.compile(
        r"^random\.(?:random|choice|choices|shuffle|sample|randint|uniform|gauss)$|^np\.random\.(?!default_rng|Generator|SeedSequence)"
    )
    assert [f"{name}:{line}" for call, _, line in calls(name) if unseeded.match(call)] == []
    bare = [
        f"{name}:{n}"
        for n, text in enumerate(text_of(name).splitlines(), 1)
        if re.search(r"\b(?:Random|default_rng)\(\)", text)
    ]
    assert bare == []
