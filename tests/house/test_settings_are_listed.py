"""Every setting stands in `.env.example`, and nothing stands there that nobody reads."""

from __future__ import annotations

import ast
import re
from dataclasses import fields

import pytest

from briefbrug.errors import BriefbrugError
from briefbrug.settings import Settings, load_env_file, read_settings
from tests.house.checkout import ROOT, python_files, text_of, tracked

LISTED = re.compile(r"^(BRIEFBRUG_[A-Z_]+)=(.*)$", re.MULTILINE)
READERS = {"text", "secret", "number", "whole", "yes"}


def listed() -> dict[str, str]:
    """Return the variables of `.env.example` with their values."""
    return dict(LISTED.findall(text_of(".env.example")))


def read_by_settings() -> set[str]:
    """Return the variables that `settings.py` reads: the first argument of its small readers."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text_of("briefbrug/settings.py"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant):
            names.add(f"BRIEFBRUG_{first.value}")
            if node.func.id == "secret":
                names.add(f"BRIEFBRUG_{first.value}_FILE")
    return names


def read_by_rasa() -> set[str]:
    """Return the variables that the Rasa world reads by itself; it imports nothing of ours."""
    files = [name for name in tracked() if name.parts[0] == "nlu_data" and name.suffix in {".py", ".yml", ""}]
    return set(re.findall(r"BRIEFBRUG_[A-Z_]+", "\n".join(text_of(name) for name in files)))


def test_every_setting_is_listed_and_every_listed_one_is_read() -> None:
    assert len(read_by_settings()) > 30
    assert set(listed()) == read_by_settings() | read_by_rasa()


def test_the_listed_values_are_the_defaults() -> None:
    assert read_settings(listed()) == read_settings({})


def test_every_field_of_the_settings_comes_from_a_variable() -> None:
    expected = {f"BRIEFBRUG_{field.name.upper()}" for field in fields(Settings)}
    assert expected <= read_by_settings()


def test_only_the_settings_read_the_environment() -> None:
    others = {
        str(name)
        for name in python_files()
        if re.search(r"os\.(environ\.get|getenv|environ\[['\"]BRIEFBRUG)", text_of(name))
    }
    assert others <= {"briefbrug/settings.py"}


def test_an_env_file_fills_the_environment_and_never_overrules_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text("# note\nBRIEFBRUG_PORT=9000\nBRIEFBRUG_MUNICIPALITY='gemeente Proefdorp'\nPATH=/nowhere\n")
    monkeypatch.setenv("BRIEFBRUG_PORT", "9001")
    monkeypatch.delenv("BRIEFBRUG_MUNICIPALITY", raising=False)
    load_env_file(file)
    settings = read_settings()
    monkeypatch.delenv("BRIEFBRUG_MUNICIPALITY", raising=False)
    assert (settings.port, settings.municipality) == (9001, "gemeente Proefdorp")


def test_a_secret_may_stand_in_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("secrets") / "rasa-token"
    file.write_text("een-geheim\n")
    assert read_settings({"BRIEFBRUG_RASA_TOKEN_FILE": str(file)}).rasa_token == "een-geheim"


def test_all_wrong_settings_are_named_together() -> None:
    wrong = {"BRIEFBRUG_PORT": "tachtig", "BRIEFBRUG_TODAY": "morgen", "BRIEFBRUG_SMTP_URL_FILE": str(ROOT / "missing")}
    with pytest.raises(BriefbrugError) as caught:
        read_settings(wrong)
    for name in wrong:
        assert name in str(caught.value)
