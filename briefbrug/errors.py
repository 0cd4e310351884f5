"""The one family of errors: a reason a resident can hear, and a detail for the operator."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something could not be done; `problem_<reason>` is its text for the resident.

    The photo reasons are also the codes of `unread.reason` in the output of `briefbrug read --json`.
    """

    # the photo or file itself
    PHOTO_TOO_DARK = "photo_too_dark"
    PHOTO_TOO_BLURRED = "photo_too_blurred"
    PHOTO_TOO_FAR = "photo_too_far"
    PHOTO_CUT_OFF = "photo_cut_off"
    NO_PAPER = "no_paper"
    ENVELOPE = "envelope"
    NOT_READABLE = "not_readable"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    FILE_KIND = "file_kind"
    FILE_DAMAGED = "file_damaged"
    FILE_MISSING = "file_missing"
    PICTURE_TOO_LARGE = "picture_too_large"
    PDF_ENCRYPTED = "pdf_encrypted"
    PDF_TOO_MANY_PAGES = "pdf_too_many_pages"
    READING_TOO_SLOW = "reading_too_slow"
    READING_TOO_HEAVY = "reading_too_heavy"
    # meaning
    CALENDAR_TOO_SHORT = "calendar_too_short"
    # the conversation
    NOT_UNDERSTOOD = "not_understood"
    NO_LETTER = "no_letter"
    NO_CONSENT = "no_consent"
    DATE_NOT_UNDERSTOOD = "date_not_understood"
    NOBODY_AVAILABLE = "nobody_available"
    TOO_MANY = "too_many"
    # the house
    ASSISTANT_AWAY = "assistant_away"
    NOT_FOUND = "not_found"
    NO_SESSION = "no_session"
    NOT_ALLOWED = "not_allowed"
    OLD_PAGE = "old_page"
    WRONG_STATE = "wrong_state"
    SETTINGS = "settings"
    KNOWLEDGE = "knowledge"
    KEY = "key"
    TEXTS = "texts"
    UNEXPECTED = "unexpected"


class BriefbrugError(Exception):
    """What should not happen, or cannot be done: `reason` for people, `detail` for the log.

    `detail` holds references, names of settings and numbers; never words of a letter or of a resident.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
