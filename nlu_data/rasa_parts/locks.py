"""Lock stores that look again after 20 ms, so messages sent together do not wait a second each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig

WAIT_S = 0.02


class FastLockStore(InMemoryLockStore):
    """Locks in memory, for one Rasa process."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        """Make an empty store; `endpoint_config` is what Rasa hands to every named store."""
        super().__init__()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = WAIT_S
    ) -> AsyncGenerator[TicketLock, None]:
        """Yield the lock of `conversation_id` in order of arrival."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            yield held


class FastRedisLockStore(RedisLockStore):
    """Locks in Redis, for several Rasa processes."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        """Connect to the Redis that `endpoint_config.url` names, as redis://[:password@]host:port/db."""
        where = urlsplit(endpoint_config.url)
        super().__init__(
            host=where.hostname or "127.0.0.1",
            port=where.port or 6379,
            db=int(where.path.strip("/") or 1),
            username=where.username,
            password=where.password,
            use_ssl=where.scheme == "rediss",
        )

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = WAIT_S
    ) -> AsyncGenerator[TicketLock, None]:
        """Yield the lock of `conversation_id` in order of arrival."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as held:
            yield held
