"""Statistics without small groups: what is hidden, and what must be hidden with it so that nothing can be subtracted.

A group of 1 to `minimum` - 1 residents is small. Zero is no group: that nobody was there says nothing about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def any_small(minimum: int, *counts: int) -> bool:
    """Return whether one of these groups is small."""
    return any(0 < count < minimum for count in counts)


def small_cells(cells: Mapping[str, int], minimum: int) -> tuple[set[str], bool]:
    """Return the cells that must stay hidden, and whether their total must too (S45).

    Small cells are hidden; then further ones, the smallest first, until what is hidden counts at least two cells and
    `minimum` residents, so that the total minus the shown cells says nothing.
    """
    filled = {key: count for key, count in cells.items() if count > 0}
    hidden = {key for key, count in filled.items() if count < minimum}
    if not hidden:
        return set(), False
    while len(hidden) < 2 or sum(filled[key] for key in hidden) < minimum:
        rest = sorted((count, key) for key, count in filled.items() if key not in hidden)
        if not rest:
            return hidden, True
        hidden.add(rest[0][1])
    return hidden, False


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a whole. `count` None is: too small to show, or hidden because it would give a small one away."""

    code: str
    count: int | None
    share: float | None
    """Of the whole, 0..1; None when the count or the whole is not shown."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A whole and the parts that it falls into; `total` None is: not shown."""

    cells: tuple[Cell, ...]
    total: int | None


def tally(cells: Mapping[str, int], minimum: int, known: Mapping[str, int] | None = None) -> Tally:
    """Return a whole in parts, without what must stay hidden.

    Args:
        cells: residents per part; the parts do not overlap.
        minimum: the smallest group that is shown.
        known: what the viewer knows of these cells from her own work; she must not subtract it either.
    """
    hidden, hide_total = small_cells(cells, minimum)
    total: int | None = sum(cells.values())
    if known:
        rest = {key: count - known.get(key, 0) for key, count in cells.items()}
        more, hide_rest = small_cells(rest, minimum)
        hidden |= more
        hide_total = hide_total or hide_rest or any_small(minimum, sum(rest.values()))
    if hide_total or any_small(minimum, total or 0):
        return Tally(tuple(Cell(key, None if count else 0, None) for key, count in cells.items()), None)
    return Tally(
        tuple(
            Cell(key, None, None) if key in hidden else Cell(key, count, count / total if total else None)
            for key, count in cells.items()
        ),
        total,
    )


def overlapping(groups: Mapping[Any, set[str]], everybody: set[str], minimum: int, known: set[str]) -> dict[Any, int]:
    """Return the sizes of groups that may overlap, largest first, without those that give a small group away.

    A resident may stand in several groups, so there is no total to subtract from but everybody: a group is left out
    when it, or everybody outside it, is small; and the same without the residents that the viewer knows herself.

    Args:
        groups: residents per group.
        everybody: all residents of the period.
        minimum: the smallest group that is shown.
        known: residents whom the viewer knows from her own work.
    """
    sizes: dict[Any, int] = {}
    for key, members in groups.items():
        outside = everybody - members
        if not any_small(minimum, len(members), len(outside), len(members - known), len(outside - known)):
            sizes[key] = len(members)
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], str(item[0]))))
