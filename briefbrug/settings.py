"""The only reader of environment variables: one frozen set of settings, complete or refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from briefbrug.errors import BriefbrugError, Reason

THEMES = ("voorbeeld", "waterkant")
"""The example themes of the desk and the monitor: a class of design tokens each."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an installation can set; each field names its variable in `.env.example`."""

    data: Path
    database_url: str
    key_file: Path
    host: str
    port: int
    public_url: str
    trusted_proxy: bool
    rasa_url: str
    rasa_token: str
    actions_host: str
    actions_port: int
    telegram_token: str
    telegram_api_url: str
    telegram_webhook_secret: str
    telegram_port: int
    today: date | None
    workers: int
    executor: str
    demo: bool
    demo_month: bool
    municipality: str
    uploads_per_minute: int
    logins_per_minute: int
    upload_max_bytes: int
    quiet_seconds: float
    retention_closed_days: int
    retention_idle_days: int
    retention_outbox_days: int
    retention_logs_days: int
    retention_backups_days: int
    retention_access_days: int
    minimum_group: int
    hour_cost: int
    theme: str
    smtp_url: str
    backups: Path | None
    backup_minutes: int
    kill_at: str

    @property
    def is_public(self) -> bool:
        """Whether the pages listen on anything but this machine."""
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are bound to https; only a demonstration on loopback goes without."""
        return self.public_url.startswith("https://")


def load_env_file(path: Path = Path(".env")) -> None:
    """Put the BRIEFBRUG_ lines of an env file into the environment; what is set there already stays.

    Meant for a `main()`, before it reads the settings, so that the processes it starts see the same.
    """
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.startswith("BRIEFBRUG_"):
            os.environ.setdefault(name, value.strip().strip("\"'"))


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environment` (default: the process's own).

    Raises:
        BriefbrugError: SETTINGS, naming every missing or wrong variable together.
    """
    env = os.environ if environment is None else environment
    problems: list[str] = []

    def text(name: str, default: str) -> str:
        return env.get(f"BRIEFBRUG_{name}", "").strip() or default

    def secret(name: str, default: str = "") -> str:
        """Return a value that may also stand in a file of its own, named by the same variable with _FILE."""
        file = text(f"{name}_FILE", "")
        if text(name, "") or not file:
            return text(name, default)
        try:
            return Path(file).read_text(encoding="utf-8").strip() or default
        except OSError as error:
            problems.append(f"BRIEFBRUG_{name}_FILE cannot be read: {error.strerror}")
            return default

    def number(name: str, default: float, low: float, high: float) -> float:
        raw = text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            problems.append(f"BRIEFBRUG_{name} must be a number, not {raw!r}")
            return default
        if not low <= value <= high:
            problems.append(f"BRIEFBRUG_{name} must lie between {low:g} and {high:g}")
        return value

    def whole(name: str, default: int, low: int, high: int) -> int:
        return int(number(name, default, low, high))

    def yes(name: str, otherwise: str = "0") -> bool:
        raw = text(name, otherwise).lower()
        if raw not in {"0", "1", "true", "false", "yes", "no"}:
            problems.append(f"BRIEFBRUG_{name} must be 1 or 0, not {raw!r}")
        return raw in {"1", "true", "yes"}

    today: date | None = None
    raw_today = text("TODAY", "")
    if raw_today:
        try:
            today = date.fromisoformat(raw_today)
        except ValueError:
            problems.append(f"BRIEFBRUG_TODAY must be a date like 2026-11-21, not {raw_today!r}")

    data = Path(text("DATA", "./data")).resolve()
    port = whole("PORT", 8080, 1, 65535)
    token_file = data / "rasa-token"
    rasa_token = secret("RASA_TOKEN")
    if not rasa_token and token_file.is_file():
        rasa_token = token_file.read_text(encoding="ascii").strip()

    settings = Settings(
        data=data,
        database_url=secret("DATABASE_URL", f"sqlite:///{data / 'briefbrug.sqlite'}"),
        key_file=Path(text("KEY_FILE", str(data / "installation.key"))).resolve(),
        host=text("HOST", "127.0.0.1"),
        port=port,
        public_url=text("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        trusted_proxy=yes("TRUSTED_PROXY"),
        rasa_url=text("RASA_URL", "http://127.0.0.1:5005").rstrip("/"),
        rasa_token=rasa_token,
        actions_host=text("ACTIONS_HOST", "127.0.0.1"),
        actions_port=whole("ACTIONS_PORT", 5055, 1, 65535),
        telegram_token=secret("TELEGRAM_TOKEN"),
        telegram_api_url=text("TELEGRAM_API_URL", "https://api.telegram.org").rstrip("/"),
        telegram_webhook_secret=secret("TELEGRAM_WEBHOOK_SECRET"),
        telegram_port=whole("TELEGRAM_PORT", 8443, 1, 65535),
        today=today,
        workers=whole("WORKERS", max(1, len(os.sched_getaffinity(0))), 1, 64),
        executor=text("EXECUTOR", ""),
        demo=yes("DEMO"),
        demo_month=yes("DEMO_MONTH", "1"),
        municipality=text("MUNICIPALITY", "gemeente Voorbeeld"),
        uploads_per_minute=whole("UPLOADS_PER_MINUTE", 60, 1, 100_000),
        logins_per_minute=whole("LOGINS_PER_MINUTE", 10, 1, 100_000),
        upload_max_bytes=whole("UPLOAD_MAX_BYTES", 20 * 1024 * 1024, 1024, 200 * 1024 * 1024),
        quiet_seconds=number("QUIET_SECONDS", 1.0, 0.1, 60),
        retention_closed_days=whole("RETENTION_CLOSED_DAYS", 90, 1, 3650),
        retention_idle_days=whole("RETENTION_IDLE_DAYS", 30, 1, 3650),
        retention_outbox_days=whole("RETENTION_OUTBOX_DAYS", 30, 1, 3650),
        retention_logs_days=whole("RETENTION_LOGS_DAYS", 180, 1, 3650),
        retention_backups_days=whole("RETENTION_BACKUPS_DAYS", 35, 1, 3650),
        retention_access_days=whole("RETENTION_ACCESS_DAYS", 1826, 1, 3650),
        minimum_group=whole("MINIMUM_GROUP", 1 if yes("DEMO") else 10, 1, 1000),
        hour_cost=whole("HOUR_COST", 70, 1, 1000),
        theme=text("THEME", "voorbeeld"),
        smtp_url=secret("SMTP_URL"),
        backups=Path(text("BACKUPS", "")).resolve() if text("BACKUPS", "") else None,
        backup_minutes=whole("BACKUP_MINUTES", 5, 1, 1440),
        kill_at=text("KILL_AT", env.get("BB_KILL_AT", "")),
    )
    if settings.is_public and not (settings.public_url.startswith("https://") or settings.trusted_proxy):
        problems.append(
            "BRIEFBRUG_HOST is not this machine: BRIEFBRUG_PUBLIC_URL must be https, or set BRIEFBRUG_TRUSTED_PROXY=1"
        )
    if settings.is_public and settings.demo:
        problems.append("BRIEFBRUG_DEMO=1 listens on this machine only: unset BRIEFBRUG_HOST")
    if settings.theme not in THEMES:
        problems.append(f"BRIEFBRUG_THEME must be one of {', '.join(THEMES)}, not {settings.theme!r}")
    for name, url in (
        ("RASA_URL", settings.rasa_url),
        ("TELEGRAM_API_URL", settings.telegram_api_url),
        ("PUBLIC_URL", settings.public_url),
    ):
        if urlsplit(url).scheme not in {"http", "https"}:
            problems.append(f"BRIEFBRUG_{name} must start with http:// or https://")
    if problems:
        raise BriefbrugError(Reason.SETTINGS, "; ".join(problems))
    return settings
