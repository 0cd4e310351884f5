"""Packages are pinned with hashes, name no registry, are new enough, and are what the project asks for."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.house.checkout import ROOT, text_of

FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==([^ ;\\]+)(.*)$")


def pins(name: str) -> dict[NormalizedName, Version]:
    """Return package and version of every line of a requirements file."""
    found: dict[NormalizedName, Version] = {}
    for line in text_of(name).splitlines():
        match = PINNED.match(line)
        if match:
            found[canonicalize_name(match[1])] = Version(match[2])
    return found


def project() -> dict[str, Any]:
    """Return `pyproject.toml`."""
    return tomllib.loads(text_of("pyproject.toml"))


def test_the_known_files_are_there() -> None:
    assert [Path(name).stem for name in FILES] == ["audit", "bench", "build", "node", "run", "test", "uv"]


@pytest.mark.parametrize("name", [*FILES, "nlu_data/requirements.txt"])
def test_every_line_is_pinned_with_a_hash_and_names_no_address(name: str) -> None:
    logical = text_of(name).replace("\\\n", " ").splitlines()
    lines = [line for line in logical if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert PINNED.match(line), line[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line[:80]
        assert "://" not in line and "--index" not in line and "--find-links" not in line, line[:80]


@pytest.mark.parametrize(
    ("package", "floor"),
    [
        pytest.param("pdfminer-six", "20251107", id="code execution through a CMap"),
        pytest.param("pillow", "12.2", id="decompression bomb in FITS"),
        pytest.param("cryptography", "45", id="own choice"),
    ],
)
def test_versions_below_a_known_hole_are_refused(package: str, floor: str) -> None:
    name = canonicalize_name(package)
    assert pins("requirements/run.txt")[name] >= Version(floor)
    asked = {
        canonicalize_name(Requirement(line).name): Requirement(line) for line in project()["project"]["dependencies"]
    }
    assert not asked[name].specifier.contains("0.1"), f"{package} has no floor in pyproject.toml"


def test_what_runs_is_what_the_project_asks_for() -> None:
    pinned = pins("requirements/run.txt")
    for line in project()["project"]["dependencies"]:
        asked = Requirement(line)
        assert asked.specifier.contains(pinned[canonicalize_name(asked.name)], prereleases=True), line


def test_what_tests_use_is_what_runs_and_more() -> None:
    run, test = pins("requirements/run.txt"), pins("requirements/test.txt")
    assert run.items() <= test.items()
    for line in project()["dependency-groups"]["dev"]:
        asked = Requirement(line)
        assert asked.specifier.contains(test[canonicalize_name(asked.name)], prereleases=True), line


@pytest.mark.parametrize("name", FILES)
def test_only_the_opencv_without_windows(name: str) -> None:
    assert "opencv-python" not in pins(name)


def test_front_end_packages_are_exact_and_checked() -> None:
    asked = cast(dict[str, str], json.loads(text_of("package.json"))["dependencies"])
    assert asked
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    lock = cast(dict[str, Any], json.loads(text_of("package-lock.json")))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert re.match(r"sha512-", package["integrity"]), name
    for name, version in asked.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_no_lock_file_with_addresses_is_kept() -> None:
    assert not (ROOT / "uv.lock").exists() or "uv.lock" in text_of(".gitignore").splitlines()
