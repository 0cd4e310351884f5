"""Updates of the Bot API, kept before Telegram is told that we have them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from briefbrug.clock import Clock
from briefbrug.store.tables import TelegramUpdate
from briefbrug.vault import Vault


class Updates:
    """Takes an update once, however often and in whatever order it is delivered."""

    def __init__(self, session: Session, vault: Vault, clock: Clock) -> None:
        self._session = session
        self._vault = vault
        self._clock = clock

    def add(self, bot_id: str, payload: dict[str, Any], chat: str) -> bool:
        """Keep an update, sealed; False when it was there already.

        Unique on (bot, update id): a lower number than the last seen is as new as any other.
        """
        update_id = int(payload["update_id"])
        if self._session.get(TelegramUpdate, (bot_id, update_id)) is not None:
            return False
        row = TelegramUpdate(
            bot_id=bot_id,
            update_id=update_id,
            chat_index=self._vault.index(chat, "chat"),
            payload_sealed=self._vault.seal(json.dumps(payload), "update"),
            received_at=self._clock.real_now(),
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            # The same update arrived over another connection at the same moment.
            return False
        return True

    def unhandled(self, bot_id: str, limit: int = 200) -> list[TelegramUpdate]:
        """Return updates not handled yet, in Telegram's order."""
        query = (
            select(TelegramUpdate)
            .where(TelegramUpdate.bot_id == bot_id, TelegramUpdate.handled_at.is_(None))
            .order_by(TelegramUpdate.update_id)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def get(self, bot_id: str, update_id: int) -> TelegramUpdate | None:
        """Return one update."""
        return self._session.get(TelegramUpdate, (bot_id, update_id))

    def payload(self, row: TelegramUpdate) -> dict[str, Any]:
        """Return what Telegram sent."""
        return json.loads(self._vault.open(row.payload_sealed, "update")) if row.payload_sealed else {}

    def handled(self, row: TelegramUpdate) -> None:
        """Note that an update had its effect; its content is no longer needed."""
        row.handled_at = self._clock.real_now()
        row.payload_sealed = None
