"""The house's clock: the only place that knows the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock:
    """Aware UTC times and Dutch dates, shifted by whole days when a `today` is set (design.md section 5)."""

    def __init__(self, today: date | None = None) -> None:
        real = datetime.now(AMSTERDAM).date()
        self._shift = timedelta(days=(today - real).days) if today else timedelta()

    def now(self) -> datetime:
        """Return the house's time, aware UTC."""
        return datetime.now(UTC) + self._shift

    def today(self) -> date:
        """Return the house's date in the Netherlands."""
        return self.now().astimezone(AMSTERDAM).date()

    @staticmethod
    def real_now() -> datetime:
        """Return the true time, for log-in sessions, leases and signs of life."""
        return datetime.now(UTC)
