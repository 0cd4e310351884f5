"""The tests are honest: nothing is skipped, nobody sleeps, chance has a seed, nothing leaves the machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.checkout import python_files, text_of, tree_of

FILES = [name for name in python_files("tests") if name.parts[1] != "house"]


@cache
def calls(name: Path) -> tuple[tuple[str, bool, int], ...]:
    """Return each call as (dotted name, whether a `while` of the same function is around it, line)."""

    def walk(node: ast.AST, looking_again: bool) -> Iterator[tuple[str, bool, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inside = False
            else:
                inside = looking_again or isinstance(child, ast.While)
            if isinstance(child, ast.Call):
                yield ast.unparse(child.func), inside, child.lineno
            yield from walk(child, inside)

    return tuple(walk(tree_of(name), False))


@pytest.mark.parametrize("name", FILES, ids=str)
def test_nothing_is_skipped(name: Path) -> None:
    assert not re.search(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b", text_of(name))


@pytest.mark.parametrize("name", FILES, ids=str)
def test_nobody_sleeps_but_to_look_again(name: Path) -> None:
    """A pause stands in a loop that looks at a condition; a bare one hopes that the machine is fast enough."""
    sleeping = [f"{name}:{line}" for call, again, line in calls(name) if call.endswith("sleep") and not again]
    assert sleeping == []


@pytest.mark.parametrize("name", FILES, ids=str)
def test_chance_has_a_seed(name: Path) -> None:
    unseeded = re.compile(
        r"^random\.(?:random|choice|choices|shuffle|sample|randint|uniform|gauss)$|^np\.random\.(?!default_rng|Generator|SeedSequence|seed|[gs]et_state)"
    )
    assert [f"{name}:{line}" for call, _, line in calls(name) if unseeded.match(call)] == []
    bare = [
        f"{name}:{n}"
        for n, text in enumerate(text_of(name).splitlines(), 1)
        if re.search(r"\b(?:Random|default_rng|seed)\(\)", text)
    ]
    assert bare == []
