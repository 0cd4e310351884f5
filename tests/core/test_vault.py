"""Sealing: only the right key and purpose open, a key file is refused unless it is whole and private."""

from __future__ import annotations

from pathlib import Path

import pytest

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.photos import PhotoStore
from briefbrug.vault import Vault, make_key_file, open_with, read_key_file, seal_with


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    make_key_file(tmp_path / "key")
    return Vault(read_key_file(tmp_path / "key"))


def test_only_the_same_purpose_and_key_open(vault: Vault) -> None:
    sealed = vault.seal("brief van het CJIB", "message")
    assert b"CJIB" not in sealed and vault.open(sealed, "message") == "brief van het CJIB"
    with pytest.raises(BriefbrugError):
        vault.open(sealed, "facts")
    with pytest.raises(BriefbrugError):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "message")


def test_another_resident_cannot_open(vault: Vault) -> None:
    one, two = vault.unwrap(vault.new_resident_key()), vault.unwrap(vault.new_resident_key())
    with pytest.raises(BriefbrugError):
        open_with(two, seal_with(one, b"brief", "photo"), "photo")


@pytest.mark.parametrize("content", [b"", b"not base64 at all!", b"dG9vIHNob3J0"])
def test_a_broken_key_file_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BriefbrugError) as caught:
        read_key_file(file)
    assert caught.value.reason is Reason.KEY


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key_file(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(BriefbrugError):
        read_key_file(tmp_path / "key")


def test_a_photo_is_sealed_named_by_its_content_and_destroyed(vault: Vault, tmp_path: Path) -> None:
    store, key = PhotoStore(tmp_path / "photos"), vault.unwrap(vault.new_resident_key())
    name = store.put(key, b"a letter")
    assert store.put(key, b"a letter") == name and store.get(key, name) == b"a letter"
    assert b"a letter" not in store.path(name).read_bytes()
    other = vault.unwrap(vault.new_resident_key())
    assert store.put(other, b"a letter") != name
    store.destroy(name)
    assert store.get(key, name) is None and not store.path(name).exists()
