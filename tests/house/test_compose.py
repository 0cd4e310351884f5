"""The containers run what the code has: services, commands, variables, ports, networks, and nothing is left open."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from briefbrug.cli import parser
from tests.house.checkout import ROOT, text_of, tracked
from tests.house.test_settings_are_listed import listed, read_by_rasa, read_by_settings

Service = dict[str, Any]
BIN = Path(sys.executable).parent


def compose() -> dict[str, Any]:
    """Return `docker-compose.yml`, anchors and merges resolved."""
    return cast(dict[str, Any], yaml.safe_load(text_of("docker-compose.yml")))


SERVICES: dict[str, Service] = compose()["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
HOUSE = {name: service for name, service in OURS.items() if service["build"] == "."}


def test_the_file_keeps_to_the_compose_specification() -> None:
    check = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Dockerfile", "nlu_data/Dockerfile"])
def test_the_images_are_well_written(name: str) -> None:
    done = subprocess.run([BIN / "hadolint", name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_processes_as_make_run() -> None:
    assert set(SERVICES) == {"migrate", "web", "telegram", "worker", "actions", "rasa", "postgres", "redis"}


def test_each_command_exists() -> None:
    assert (ROOT / "briefbrug" / "__main__.py").is_file()
    for name, service in HOUSE.items():
        assert parser().parse_args(service["command"]).verb == service["command"][0], name


def test_the_health_of_processes_without_a_door_is_asked_by_a_command_that_exists() -> None:
    for name in ("telegram", "worker"):
        test: list[str] = SERVICES[name]["healthcheck"]["test"]
        assert test[:4] == ["CMD", "python", "-m", "briefbrug"]
        assert parser().parse_args(test[4:]).alive == name


def test_the_start_of_rasa_exists() -> None:
    assert OURS["rasa"]["build"] == "nlu_data"
    assert "exec python start" in OURS["rasa"]["command"][0]
    assert (ROOT / "nlu_data" / "start").is_file()


@pytest.mark.parametrize("name", sorted(OURS))
def test_each_variable_is_read_by_the_code(name: str) -> None:
    known = read_by_rasa() if name == "rasa" else read_by_settings()
    given = {key for key in OURS[name].get("environment", {}) if key.startswith("BRIEFBRUG_")}
    assert given
    assert given <= known


def test_each_variable_that_an_operator_may_set_is_listed() -> None:
    asked = set(re.findall(r"\$\{(BRIEFBRUG_[A-Z_]+)", text_of("docker-compose.yml")))
    assert asked
    assert asked <= set(listed())


def test_the_ports_are_those_of_the_code() -> None:
    defaults = listed()
    web, actions, rasa = (SERVICES[name]["environment"] for name in ("web", "actions", "rasa"))
    assert web["BRIEFBRUG_PORT"] == defaults["BRIEFBRUG_PORT"]
    assert actions["BRIEFBRUG_ACTIONS_PORT"] == defaults["BRIEFBRUG_ACTIONS_PORT"]
    assert rasa["BRIEFBRUG_ACTIONS_URL"] == f"http://actions:{defaults['BRIEFBRUG_ACTIONS_PORT']}/webhook"
    assert rasa["BRIEFBRUG_RASA_URL"] == web["BRIEFBRUG_RASA_URL"] == "http://rasa:5005"
    assert defaults["BRIEFBRUG_RASA_URL"].endswith(":5005")


def test_only_the_pages_are_published_and_only_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_the_database_redis_rasa_and_actions_have_no_way_out() -> None:
    networks: dict[str, Any] = compose()["networks"]
    for name in ("postgres", "redis", "rasa", "actions", "migrate"):
        assert all(networks[network].get("internal") for network in SERVICES[name]["networks"]), name


def test_rasa_is_in_no_network_with_the_database() -> None:
    assert not set(SERVICES["rasa"]["networks"]) & set(SERVICES["postgres"]["networks"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nothing_runs_as_root_or_can_write_where_it_should_not(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged") and "cap_add" not in service


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_service_tells_whether_it_is_healthy(name: str) -> None:
    health = SERVICES[name]["healthcheck"]
    assert health.get("test") or (name == "migrate" and health == {"disable": True})


def test_what_is_waited_for_can_become_healthy() -> None:
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert SERVICES[other]["healthcheck"].get("test")


def test_secrets_are_files_that_make_secrets_makes(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("secrets")
    shutil.copy(ROOT / "Makefile", place)
    subprocess.run(["make", "secrets"], cwd=place, capture_output=True, check=True)
    made = {file.name for file in (place / "secrets").iterdir()}
    named = {name: Path(secret["file"]) for name, secret in compose()["secrets"].items()}
    assert {path.name for path in named.values()} == made
    for file in (place / "secrets").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name
    for service in SERVICES.values():
        assert set(service.get("secrets", [])) <= set(named)
        for key, value in service.get("environment", {}).items():
            assert not re.search(r"(TOKEN|PASSWORD|SECRET)$", key), f"{key} belongs in a file"
            if str(value).startswith("/run/secrets/"):
                assert Path(value).name in service["secrets"], key


def test_the_images_get_every_file_that_they_copy_and_no_secret() -> None:
    allowed = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text_of("Dockerfile"), re.MULTILINE)
    for source in (name for line in copied for name in line.split()):
        assert source in allowed, source
        assert any(name.parts[0] == source or str(name) == source for name in tracked()), source
    assert not allowed & {".env", "data", "secrets", ".git"}
