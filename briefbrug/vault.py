"""Seals photos and texts: AES-256-GCM with a key per resident, itself wrapped by the installation's key.

Destroying a resident's wrapped key destroys everything that was sealed with it (AVG art. 17), in every copy of the
sealed bytes. Sealed bytes are `nonce (12) || ciphertext || tag (16)`; `purpose` is bound as associated data, so a
sealed column cannot be moved to another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from briefbrug.errors import BriefbrugError, Reason

KEY_BYTES = 32
NONCE_BYTES = 12


def make_key_file(path: Path) -> None:
    """Write a fresh installation key, readable by its owner only; an existing file is left alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> bytes:
    """Return the installation's 32-byte key.

    Raises:
        BriefbrugError: KEY, when the file is missing, open to others, or no base64 of 32 bytes.
    """
    if not path.is_file():
        raise BriefbrugError(Reason.KEY, f"{path.name} is missing: run 'briefbrug migrate' to make one, or restore it")
    if path.stat().st_mode & 0o077:
        raise BriefbrugError(Reason.KEY, f"{path.name} may be read by others: run chmod 600 on it")
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except ValueError as error:
        raise BriefbrugError(Reason.KEY, f"{path.name} is damaged: it is not base64") from error
    if len(key) != KEY_BYTES:
        raise BriefbrugError(Reason.KEY, f"{path.name} is damaged: {len(key)} bytes instead of {KEY_BYTES}")
    return key


def seal_with(key: bytes, plain: bytes, purpose: str) -> bytes:
    """Return `plain` sealed with `key` for `purpose`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose.encode())


def open_with(key: bytes, sealed: bytes, purpose: str) -> bytes:
    """Return the plain bytes of `sealed`.

    Raises:
        BriefbrugError: KEY, when the key or the purpose is another one, or a byte was changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise BriefbrugError(Reason.KEY, f"sealed {purpose} does not open with this key") from error


class Vault:
    """The installation's key and what follows from it."""

    def __init__(self, installation_key: bytes) -> None:
        self._key = installation_key
        self._index_key = hashlib.sha256(b"index" + installation_key).digest()

    def new_resident_key(self) -> bytes:
        """Return a fresh resident key, wrapped."""
        return seal_with(self._key, secrets.token_bytes(KEY_BYTES), "resident-key")

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the 32 bytes of a wrapped resident key."""
        return open_with(self._key, wrapped, "resident-key")

    def seal(self, plain: str, purpose: str) -> bytes:
        """Seal a text of the installation itself (addresses, updates not yet handled, secrets of staff)."""
        return seal_with(self._key, plain.encode(), purpose)

    def open(self, sealed: bytes, purpose: str) -> str:
        """Return the text that `seal` sealed."""
        return open_with(self._key, sealed, purpose).decode()

    def seal_bytes(self, plain: bytes, purpose: str) -> bytes:
        """Seal bytes of the installation itself (its backups)."""
        return seal_with(self._key, plain, purpose)

    def open_bytes(self, sealed: bytes, purpose: str) -> bytes:
        """Return the bytes that `seal_bytes` sealed."""
        return open_with(self._key, sealed, purpose)

    def index(self, value: str, purpose: str) -> str:
        """Return a keyed fingerprint (64 hex digits) by which a sealed value can be looked up."""
        return hmac.new(self._index_key, f"{purpose}\x00{value}".encode(), hashlib.sha256).hexdigest()


def content_name(resident_key: bytes, content: bytes) -> str:
    """Return the name of a stored file: an HMAC of its content with the resident's key (design.md section 2)."""
    return hmac.new(resident_key, content, hashlib.sha256).hexdigest()
