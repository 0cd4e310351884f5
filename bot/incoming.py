"""What a Telegram message holds: a paper, words, a notice, or something that is no letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from telegram import Message as Incoming

from briefbrug.store.residents import LINK_LENGTH

FIRST_LANGUAGES = frozenset({"tr", "ar", "pl", "uk"})
"""Telegram languages in which a stranger is greeted; many Dutch telephones speak English, so that one is not."""

PAPER_TYPES = frozenset(
    {
        "image/jpeg",
        "image/jpg",
        "image/png",
        "image/webp",
        "image/heic",
        "image/heif",
        "image/tiff",
        "image/bmp",
        "image/gif",
        "application/pdf",
    }
)
PAPER_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif", ".pdf")
USED = frozenset({"message_id", "date", "edit_date", "chat", "from", "text", "caption", "photo", "document"})
"""What we look at in a message; the rest is not even parsed, so that a new kind of message cannot trip us."""
USED_OF_PERSON = frozenset({"id", "type", "is_bot", "first_name", "language_code"})
NOTICES = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "write_access_allowed",
        "users_shared",
        "chat_shared",
        "connected_website",
        "chat_background_set",
        "boost_added",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
        "proximity_alert_triggered",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "new_chat_members",
        "left_chat_member",
    }
)
"""Notices of Telegram itself: nobody spoke, so nobody is answered."""
UNREADABLE: Mapping[str, tuple[str, ...]] = {
    "door_voice": ("voice", "audio"),
    "door_video": ("video", "video_note", "animation"),
    "door_sticker": ("sticker", "dice", "game"),
    "door_contact": ("contact",),
    "door_location": ("location", "venue"),
}
"""Kinds of message that hold no letter and no words: the text that answers them -> their names in the Bot API."""


def paper_in(message: Incoming) -> dict[str, Any] | None:
    """Return where the photo or document of a message can be fetched; None when it holds no paper.

    Of a photo the largest size is taken: A4 at 1280 pixels is little enough (measured.md).
    """
    if message.photo:
        size = max(message.photo, key=lambda each: (each.width * each.height, each.file_size or 0))
        return {"file_id": size.file_id, "size": size.file_size or 0, "mime": "image/jpeg", "name": ""}
    document = message.document
    if document is None:
        return None
    mime, name = (document.mime_type or "").lower(), (document.file_name or "").lower()
    if mime in PAPER_TYPES or name.endswith(PAPER_ENDINGS):
        return {"file_id": document.file_id, "size": document.file_size or 0, "mime": mime, "name": ""}
    return None


def trimmed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return an update with only what we look at in its messages."""

    def message(found: Mapping[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in found.items() if key in USED}
        for key in ("chat", "from"):
            if isinstance(kept.get(key), dict):
                kept[key] = {name: value for name, value in kept[key].items() if name in USED_OF_PERSON}
        return kept

    kept: dict[str, Any] = {"update_id": payload["update_id"]}
    for kind in ("message", "edited_message"):
        if isinstance(payload.get(kind), dict):
            kept[kind] = message(payload[kind])
    if isinstance(payload.get("callback_query"), dict):
        query = payload["callback_query"]
        kept["callback_query"] = {key: query[key] for key in ("id", "from", "chat_instance", "data") if key in query}
        if isinstance(query.get("message"), dict):
            kept["callback_query"]["message"] = {
                key: query["message"][key] for key in ("message_id", "date", "chat") if key in query["message"]
            }
    if isinstance(payload.get("my_chat_member"), dict):
        kept["my_chat_member"] = payload["my_chat_member"]
    return kept


def looks_like_code(text: str) -> bool:
    """Return whether a line is no more than a code of another door: capitals or digits, as we write them."""
    code = text.strip()
    return len(code) == LINK_LENGTH and (code.isupper() or any(sign.isdigit() for sign in code)) and code.isalnum()


def language_of(message: Incoming) -> str:
    """Return the language in which a stranger is greeted."""
    code = (message.from_user.language_code or "nl" if message.from_user else "nl").partition("-")[0].lower()
    return code if code in FIRST_LANGUAGES else "nl"
