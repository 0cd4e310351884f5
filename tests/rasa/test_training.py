"""The world of sentences itself: clean for Rasa, complete for its intents, conversations that run, no sentence for residents."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.rasa.held_out import read_lines
from tests.rasa.rasa_server import NLU_DATA, train

pytestmark = pytest.mark.rasa

HERE = Path(__file__).parent
PYTHON = NLU_DATA.parent / ".venv-rasa" / "bin" / "python"
MAIN = {
    "send_letters", "ask_most_urgent", "ask_explain_letter", "ask_explain_word", "ask_what_to_do", "ask_deadline",
    "ask_amount", "cannot_pay", "already_paid", "not_my_letter", "ask_payment_plan", "correct_fact", "request_human",
    "ask_status", "crisis_self_harm", "crisis_violence", "crisis_urgent_home",
}  # fmt: skip
# Events of the house itself are never typed, so nobody writes examples for them; Rasa tells so at every check.
ALLOWED = re.compile(
    r"The intent '(EXTERNAL_\w+|nlu_fallback)' is listed in the domain file, but is not found in the NLU training data"
)


def _examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in sorted((NLU_DATA / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            found.setdefault(block["intent"], []).extend(
                line.strip()[2:].strip() for line in block["examples"].strip().splitlines()
            )
    return found


def _domain() -> dict[str, list[object]]:
    told: dict[str, list[object]] = {}
    for file in (NLU_DATA / "domain").glob("*.yml"):
        told |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return told


def test_every_intent_has_enough_different_lines() -> None:
    examples = _examples()
    typed = {str(i) for i in _domain()["intents"] if not str(i).startswith("EXTERNAL_") and i != "nlu_fallback"}
    assert set(examples) == typed
    for intent, lines in examples.items():
        assert len(lines) == len(set(lines)), [line for line, n in Counter(lines).items() if n > 1]
        assert len(lines) >= (120 if intent in MAIN else 60), (intent, len(lines))


def test_no_line_has_two_meanings() -> None:
    meanings: dict[str, set[str]] = {}
    for intent, lines in _examples().items():
        for line in lines:
            meanings.setdefault(line, set()).add(intent)
    assert {line: found for line, found in meanings.items() if len(found) > 1} == {}


def test_the_held_out_lines_are_not_trained_on() -> None:
    trained = {line.lower() for lines in _examples().values() for line in lines}
    medical = yaml.safe_load((NLU_DATA / "acute_medical.yml").read_text(encoding="utf-8"))["lines"]
    trained |= {line.lower() for line in medical}
    files = sorted([*HERE.glob("held_out*.yml"), *HERE.glob("blind_*.yml")])
    assert len(files) >= 6
    told = {file.name: read_lines(file) for file in files}
    assert sum(map(len, told.values())) >= 2000
    # The blind sets were written without looking, so the plainest sentences ("hoe staat het ermee") may meet by chance.
    for name, lines in told.items():
        both = [line.text for line in lines if line.text.lower() in trained and len(line.text.split()) > 3]
        assert len(both) <= (0 if name == "held_out.yml" else 0.03 * len(lines)), (name, both)


def test_every_intent_has_one_rule_and_every_action_is_used() -> None:
    rules = yaml.safe_load((NLU_DATA / "rules" / "one_action_each.yml").read_text(encoding="utf-8"))["rules"]
    pairs = [(rule["steps"][0]["intent"], rule["steps"][1]["action"]) for rule in rules]
    assert all(len(rule["steps"]) == 2 for rule in rules)
    assert Counter(intent for intent, _ in pairs) == Counter(str(i) for i in _domain()["intents"])
    assert {action for _, action in pairs} == set(_domain()["actions"])


def test_rasa_says_nothing_to_residents() -> None:
    assert "responses" not in _domain()
    for file in NLU_DATA.rglob("*.yml"):
        assert "utter_" not in file.read_text(encoding="utf-8"), file


def _rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(Path.home()),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONPATH": str(NLU_DATA),
        # Every setting that endpoints.yml and credentials.yml name; nothing here is used.
        "BRIEFBRUG_ACTIONS_URL": "http://127.0.0.1:9/webhook",
    }
    return subprocess.run(
        [str(PYTHON), "-W", "ignore", "-m", "rasa", *arguments],
        cwd=NLU_DATA, env=environment, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_rasa_finds_nothing_to_warn_about() -> None:
    done = _rasa(
        "data",
        "validate",
        "--fail-on-warnings",
        "--domain",
        "domain",
        "--data",
        "nlu",
        "rules",
        "--config",
        "config.yml",
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-3000:]
    warnings = [line for line in told.splitlines() if re.search(r"UserWarning|WARNING|ERROR", line)]
    assert [line for line in warnings if not ALLOWED.search(line) and "DeprecationWarning" not in line] == []


@pytest.mark.slow
def test_conversations_run(tmp_path: Path) -> None:
    train()
    done = _rasa(
        "test",
        "core",
        "--stories",
        "tests/test_stories.yml",
        "--model",
        "models",
        "--out",
        str(tmp_path),
        "--fail-on-prediction-errors",
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def test_training_again_without_changes_takes_no_training() -> None:
    train()
    done = subprocess.run(
        [sys.executable, str(NLU_DATA / "train")], capture_output=True, text=True, timeout=60, check=True
    )
    assert "up to date" in done.stdout
