"""Who sends this letter: its names and what letters of known senders have in common with it, put together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from briefbrug.knowledge.load import Knowledge
from briefbrug.letter import UNKNOWN_SENDER
from ocr.kind import seen_words
from ocr.likeness import likeness
from ocr.lines import Layout
from ocr.sender import SenderSeen, find_sender

KNOWN = Path(__file__).parent / "sender_words.txt"
POINTS = 3.0
"""Points of the names that count as much as a factor e of the chance (on 553 letters that neither knew 507 became 519)."""
LEAST = 1e-4
"""Chance that no sender goes below: known letters alone refuse nobody."""
LIKELY = 0.3
"""Chance from which known letters tell a sender where nothing else on the paper does."""


def sent_by(layout: Layout, knowledge: Knowledge, ibans: Sequence[str] = ()) -> SenderSeen | None:
    """Return the most likely sender; None when nothing on the paper tells.

    Names, web addresses and roles come first (`sender.py`); the words of the letter part what they leave open: the
    taxes of a municipality from its benefits, a shop called "Woonwinkel" from a landlord, a company of an unknown name.
    """
    named = find_sender(layout, knowledge, ibans)
    body, titles = seen_words(layout)
    chances = likeness(KNOWN).chances(body, titles, None)
    scores = {sender: math.log(max(chance, LEAST)) for sender, chance in chances.items()}
    for sender, points in named.ranking if named else ():
        scores[sender] = scores.get(sender, math.log(LEAST)) + points / POINTS
    best, second = sorted(scores, key=lambda sender: -scores[sender])[:2]
    if named is None:
        told = best != UNKNOWN_SENDER and chances[best] >= LIKELY
        return SenderSeen(best, "", (), 0.0, 0.0, 0, ((best, 0.0),)) if told else None
    if best != named.sender:
        return replace(named, sender=best, score=0.0, margin=0.0)
    return replace(named, lead=scores[best] - scores[second])
