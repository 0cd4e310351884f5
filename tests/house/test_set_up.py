"""Set-up: finds what is there, says what is missing in one line, and does again only what changed."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

SYSTEM = set(
    """
    bash env dirname sh cat find xargs sort sha256sum cut mkdir rm mv touch grep sed tail head stat date sleep kill
    flock printf echo id od chmod uname readlink realpath tr wc ls cp ln test true false
    """.split()
)


def put(folder: Path, name: str, script: str) -> Path:
    """Write a small program."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/bash\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def a_python(folder: Path, minor: int, name: str | None = None) -> Path:
    """Write a program that answers like CPython 3.`minor`, whatever Python runs the tests."""
    file = folder / (name or f"python3.{minor}")
    script = f"""
code="${{2:-}}"
case "$code" in
  *version_info*) exec {sys.executable} -c "${{code//"sys.version_info[:2]"/(3, {minor})}}" ;;
  *realpath*) echo {file} ;;
esac
"""
    return put(folder, file.name, script)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A bare machine: a home without anything, a path with system programs only, and a copy of the set-up."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    for name in SYSTEM:
        program = shutil.which(name)
        if program:
            (tmp_path / "bin" / name).symlink_to(program)
    (tmp_path / "checkout").mkdir()
    shutil.copy(ROOT / "setup.sh", tmp_path / "checkout")
    return tmp_path


def bash(machine: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the copied checkout, on that bare machine."""
    environment = {"PATH": str(machine / "bin"), "HOME": str(machine / "home"), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(machine / "bin" / "bash"), "-c", script],
        cwd=machine / "checkout",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def find(machine: Path, low: int, high: int) -> str:
    """Return what the set-up finds for Python 3.`low` to 3.`high`; empty when it finds none."""
    return bash(machine, f"source ./setup.sh; find_python {low} {high}").stdout.strip()


def test_python_310_is_found_on_the_path(machine: Path) -> None:
    expected = a_python(machine / "bin", 10)
    assert find(machine, 10, 10) == str(expected)


def test_python_310_is_found_in_the_versions_folder_of_pyenv_behind_a_shim_that_refuses(machine: Path) -> None:
    put(machine / "bin", "python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    a_python(machine / "home/.pyenv/versions/3.9.18/bin", 9)
    expected = a_python(machine / "home/.pyenv/versions/3.10.13/bin", 10)
    assert find(machine, 10, 10) == str(expected)


def test_python_310_is_found_through_uv(machine: Path) -> None:
    expected = a_python(machine / "home/.local/share/uv/python/cpython-3.10/bin", 10)
    put(machine / "bin", "uv", f'[ "$1 $2" = "python find" ] && echo {expected}')
    assert find(machine, 10, 10) == str(expected)


def test_another_python_is_not_taken_for_310(machine: Path) -> None:
    a_python(machine / "bin", 11, "python3.10")
    a_python(machine / "bin", 11, "python3")
    assert find(machine, 10, 10) == ""


def test_the_oldest_modern_python_that_fits_is_taken(machine: Path) -> None:
    a_python(machine / "bin", 14)
    expected = a_python(machine / "bin", 12)
    assert find(machine, 11, 13) == str(expected)


def test_who_is_not_root_reads_the_one_command(machine: Path) -> None:
    put(machine / "bin", "apt-get", "echo called >> ../apt.log")
    (machine / "bin" / "id").unlink()
    put(machine / "bin", "id", "echo 1000")
    done = bash(machine, "./setup.sh run")
    assert done.returncode == 1
    assert "sudo apt-get install -y tesseract-ocr tesseract-ocr-nld" in done.stderr
    assert not (machine / "apt.log").exists()


def test_root_gets_the_missing_packages_installed(machine: Path) -> None:
    tesseract = machine / "bin" / "tesseract"
    installs = f"printf '#!/bin/bash\\necho nld\\n' > {tesseract}; chmod +x {tesseract}"
    put(machine / "bin", "apt-get", f'echo "$@" >> ../apt.log; case "$*" in *install*) {installs} ;; esac')
    (machine / "bin" / "id").unlink()
    put(machine / "bin", "id", "echo 0")
    a_python(machine / "bin", 11)
    bash(machine, "./setup.sh run")
    assert "install tesseract-ocr tesseract-ocr-nld espeak-ng" in (machine / "apt.log").read_text()


def test_a_missing_python_is_one_clear_line(machine: Path) -> None:
    put(machine / "bin", "tesseract", "echo nld")
    put(machine / "bin", "espeak-ng", "true")
    (machine / "bin" / "id").unlink()
    put(machine / "bin", "id", "echo 1000")
    (machine / "checkout/.venv/bin").mkdir(parents=True)
    put(machine / "checkout/.venv/bin", "python", "exit 1")
    done = bash(machine, "./setup.sh run")
    assert done.returncode == 1
    assert done.stderr.startswith("Briefbrug cannot go on: no Python 3.11")


STEPS = """
source ./setup.sh
mkdir -p .make
do_made() { echo made >> count; touch product; }
step made "Making it" product input >/dev/null
"""


@pytest.mark.parametrize(
    ("change", "times"),
    [
        pytest.param("true", 1, id="nothing changed: not again"),
        pytest.param("echo more >> input", 2, id="an input changed: again"),
        pytest.param("rm product", 2, id="the product is gone: again"),
        pytest.param("touch input", 1, id="only touched: not again"),
    ],
)
def test_a_step_is_done_again_only_when_something_changed(machine: Path, change: str, times: int) -> None:
    (machine / "checkout" / "input").write_text("one\n")
    bash(machine, STEPS)
    bash(machine, change)
    bash(machine, STEPS)
    assert (machine / "checkout" / "count").read_text().count("made") == times


def test_a_step_that_fails_is_tried_again_and_shows_its_last_words(machine: Path) -> None:
    script = STEPS.replace("touch product", "touch product; echo 'no space left' >&2; false; true").replace(
        ">/dev/null", ""
    )
    (machine / "checkout" / "input").write_text("one\n")
    for _ in range(2):
        done = bash(machine, script)
        assert done.returncode == 1
        assert "no space left" in done.stderr
        assert "Briefbrug cannot go on: Making it did not work" in done.stderr
    assert (machine / "checkout" / "count").read_text().count("made") == 2


def test_the_demonstration_is_the_default_only_where_nothing_else_was_said(tmp_path: Path) -> None:
    """`make run` tells the house that it is a demonstration, unless an address or a settings file says otherwise."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    put(tmp_path, "setup.sh", "true")
    put(tmp_path / ".venv/bin", "briefbrug", 'echo "demo=${BRIEFBRUG_DEMO-unset}"')
    plain = {key: value for key, value in os.environ.items() if not key.startswith("BRIEFBRUG_")}

    def run(**settings: str) -> str:
        command = ["make", "run"]
        return subprocess.run(
            command, cwd=tmp_path, env={**plain, **settings}, capture_output=True, text=True, check=True
        ).stdout

    assert "demo=1" in run()
    assert "demo=0" in run(BRIEFBRUG_DEMO="0")
    assert "demo=unset" in run(BRIEFBRUG_HOST="10.0.0.5")
    (tmp_path / ".env").write_text("BRIEFBRUG_PORT=8081\n")
    assert "demo=unset" in run()
