"""Rasa's check of an answer of the action server: the same verdicts, without proving its schema at each turn."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.rasa.rasa_server import NLU_DATA

pytestmark = pytest.mark.rasa

ANSWERS = [
    {"events": [], "responses": [{"text": "Ik kijk even."}]},
    {"events": [{"event": "slot", "timestamp": None, "name": "letter_ref", "value": "2"}], "responses": []},
    {"events": "none", "responses": []},
    {"events": [{"event": "slot", "timestamp": "gisteren", "name": 4}], "responses": []},
    {"events": [], "responses": ["only a text"]},
]

PROGRAM = """
import json, sys
from rasa.core.actions import action
stock = action.RemoteAction._validate_action_result
from rasa_parts.answers import check_schema_once
check_schema_once()
ours = action.RemoteAction._validate_action_result
hand = action.RemoteAction("action_help", None)
def verdict(check, answer):
    try:
        return check(hand, answer)
    except Exception as fault:
        return type(fault).__name__
print(json.dumps([[verdict(check, answer) for answer in json.loads(sys.argv[1])] for check in (stock, ours)]))
"""


def test_the_verdict_on_an_answer_is_that_of_stock_rasa() -> None:
    python = NLU_DATA.parent / ".venv-rasa" / "bin" / "python"
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", PROGRAM, json.dumps(ANSWERS)],
        cwd=NLU_DATA,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    stock, ours = json.loads(done.stdout.splitlines()[-1])
    assert stock == ours
    assert stock[:2] == [True, True]
    assert set(stock[2:]) == {"ValidationError"}
