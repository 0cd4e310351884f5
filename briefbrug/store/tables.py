"""The tables. Times are aware UTC; columns ending in `_sealed` open only with a key of the vault."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware UTC time on both databases; SQLite itself forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a time for the database, in UTC; a time without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a time of the database as an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """The base of all tables, with fixed names for constraints so that migrations are the same everywhere."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment(), str: String(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012


REF = String(40)


class Resident(Table):
    """A person who writes to us, known by a random reference and nothing else."""

    __tablename__ = "resident"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(8), default="nl")
    consent: Mapped[str] = mapped_column(String(8), default="asked")
    consent_at: Mapped[datetime | None]
    asked: Mapped[str | None] = mapped_column(String(40))
    asked_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    focus_letter: Mapped[str | None] = mapped_column(REF)
    goal_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    helper_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    way: Mapped[str | None] = mapped_column(String(16))
    unsafe: Mapped[bool] = mapped_column(Boolean, default=False)
    safe_hours: Mapped[str | None] = mapped_column(String(5))
    muted: Mapped[bool] = mapped_column(Boolean, default=False)
    not_understood: Mapped[int] = mapped_column(Integer, default=0)
    last_change: Mapped[int] = mapped_column(Integer, default=0)
    last_number: Mapped[int] = mapped_column(Integer, default=0)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the resident wants to be called, when she said so."""
    read_change: Mapped[int] = mapped_column(Integer, default=0)
    """The highest change of her own thread that the web page has shown her; marks answers as read."""
    delivering_by: Mapped[str | None] = mapped_column(String(80))
    delivering_until: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]


class Door(Table):
    """A way to reach a resident: a web page's secret or a Telegram chat."""

    __tablename__ = "door"
    __table_args__ = (UniqueConstraint("kind", "address_index"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    address_index: Mapped[str] = mapped_column(String(64))
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(Boolean, default=False)


class LinkCode(Table):
    """A short code that joins a second door to the same resident (F35); used once, ten minutes."""

    __tablename__ = "link_code"
    code_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    until: Mapped[datetime]


class TelegramUpdate(Table):
    """An update of the Bot API, committed before the offset moves or the webhook answers 200."""

    __tablename__ = "telegram_update"
    bot_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    chat_index: Mapped[str] = mapped_column(String(64), default="")
    payload_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (Index(None, "handled_at", "received_at"),)


class Bag(Table):
    """The photos sent in one go, until "dat was alles"."""

    __tablename__ = "bag"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    opened_at: Mapped[datetime]
    last_photo_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    explained_at: Mapped[datetime | None]
    count_message: Mapped[str | None] = mapped_column(REF)


class Photo(Table):
    """One file a resident sent. The row is the truth about its reading (design.md section 2).

    `state`: received (known, bytes not here yet), stored, read, unreadable (reported to the resident), needs_human
    (given up after `attempts`, shown to a named person), dropped (resident said no).
    """

    __tablename__ = "photo"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    bag_ref: Mapped[str] = mapped_column(REF, ForeignKey("bag.ref", ondelete="CASCADE"), index=True)
    source_key: Mapped[str] = mapped_column(String(64), unique=True)
    door: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    received_at: Mapped[datetime]
    progress_at: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(80))
    remote_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    file_name: Mapped[str | None] = mapped_column(String(64))
    page_files: Mapped[list[Any]] = mapped_column(JSON, default=list)
    readings_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem: Mapped[str | None] = mapped_column(String(40))


class Letter(Table):
    """One letter, joined from pages of photos. `pages` is a list of [photo_ref, page index in that file].

    `state`: understood, explained, handed_over, not_mine, paid, done.
    """

    __tablename__ = "letter"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    bag_ref: Mapped[str] = mapped_column(REF, ForeignKey("bag.ref", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    pages: Mapped[list[Any]] = mapped_column(JSON)
    facts_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    way: Mapped[str | None] = mapped_column(String(16))
    remind_on: Mapped[date | None] = mapped_column(Date)
    reminded_at: Mapped[datetime | None]


class Correction(Table):
    """What a person said instead of the machine's reading; it stays beside it (F18)."""

    __tablename__ = "correction"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    letter_ref: Mapped[str] = mapped_column(REF, ForeignKey("letter.ref", ondelete="CASCADE"), index=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(24))
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    before_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    by_kind: Mapped[str] = mapped_column(String(16))
    by_ref: Mapped[str | None] = mapped_column(REF)
    at: Mapped[datetime]


class ChatMessage(Table):
    """A line of the one thread between a resident, the machine and a human.

    `change` grows per resident with every new or edited message; a page asks for what changed since.
    """

    __tablename__ = "message"
    __table_args__ = (Index(None, "resident_ref", "change"), UniqueConstraint("resident_ref", "source_key"))
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"))
    sender: Mapped[str] = mapped_column(String(16))
    professional_ref: Mapped[str | None] = mapped_column(REF)
    case_ref: Mapped[str | None] = mapped_column(REF)
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    change: Mapped[int] = mapped_column(Integer)
    source_key: Mapped[str | None] = mapped_column(String(80))


class Outbox(Table):
    """A message on its way to a door that must be written to (Telegram). `kind` is send or edit.

    `state`: waiting, sent, failed (given up, reported), gone (the resident blocked us).
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "next_at"), Index(None, "resident_ref", "state"))
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"))
    message_ref: Mapped[str] = mapped_column(REF, index=True)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    parts_sent: Mapped[int] = mapped_column(Integer, default=0)
    claimed: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    remote_id: Mapped[int | None] = mapped_column(BigInteger)


class Team(Table):
    """A team of professionals with its working hours. `calendar` has the shape of `calendar.WorkingHours`."""

    __tablename__ = "team"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    organisation: Mapped[str] = mapped_column(String(120), default="")
    calendar: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    neighbourhoods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    phone: Mapped[str] = mapped_column(String(40), default="")


class Professional(Table):
    """A named human. `roles` holds professional, lead, policy."""

    __tablename__ = "professional"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    team_ref: Mapped[str] = mapped_column(REF, ForeignKey("team.ref"), index=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[Any]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last: Mapped[int] = mapped_column(Integer, default=0)
    photo: Mapped[bytes | None] = mapped_column(LargeBinary)
    languages: Mapped[list[Any]] = mapped_column(JSON, default=list)
    expertise: Mapped[list[Any]] = mapped_column(JSON, default=list)
    neighbourhoods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    stand_in_ref: Mapped[str | None] = mapped_column(REF)
    mandate_cents: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)


class Absence(Table):
    """Whole days on which a professional is away, both days included."""

    __tablename__ = "absence"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    professional_ref: Mapped[str] = mapped_column(REF, ForeignKey("professional.ref"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)


class CaseRow(Table):
    """A case sent to a person. Its times follow from its events; the columns here are for the worklist."""

    __tablename__ = "case_file"
    __table_args__ = (
        Index(None, "team_ref", "status", "urgency", "promised_at"),
        Index(None, "professional_ref", "status"),
    )
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    team_ref: Mapped[str] = mapped_column(REF, index=True)
    professional_ref: Mapped[str] = mapped_column(REF, index=True)
    status: Mapped[str] = mapped_column(String(16), index=True)
    urgency: Mapped[int] = mapped_column(Integer)
    threat: Mapped[str | None] = mapped_column(String(12))
    """What is at stake (`case.THREATS`), set at the hand-over from the first letter; kept for the monitor."""
    crisis: Mapped[str | None] = mapped_column(String(24))
    sent_at: Mapped[datetime]
    promised_at: Mapped[datetime]
    first_human_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    preview_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    unread: Mapped[bool] = mapped_column(Boolean, default=True)
    typing_until: Mapped[datetime | None]
    """Until when the resident's page says that the professional is writing (real time)."""
    indexed_at: Mapped[datetime | None]
    """When the words of this case were put in `case_word`; None when that has to be done (again)."""
    gist_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The first of its letters in a few words, for the worklist; made for the day `gist_on`."""
    gist_on: Mapped[date | None] = mapped_column(Date)


class CaseEventRow(Table):
    """What happened to a case, appended and never changed; `actor_kind` is resident, human or machine."""

    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str | None] = mapped_column(REF, ForeignKey("resident.ref", ondelete="SET NULL"), index=True)
    team_ref: Mapped[str] = mapped_column(REF, index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_ref: Mapped[str | None] = mapped_column(REF)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class StaffSession(Table):
    """A professional's log-in; the cookie holds the secret, the table its fingerprint."""

    __tablename__ = "staff_session"
    secret_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    professional_ref: Mapped[str] = mapped_column(REF, ForeignKey("professional.ref"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class LoginAttempt(Table):
    """A failed log-in, kept to slow down guessing; `who` fingerprints an account or an address."""

    __tablename__ = "login_attempt"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    who: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class Looked(Table):
    """Who looked at what of a resident, and when (F77, NEN 7513)."""

    __tablename__ = "looked"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    professional_ref: Mapped[str] = mapped_column(REF)
    resident_ref: Mapped[str] = mapped_column(REF, index=True)
    case_ref: Mapped[str] = mapped_column(REF)
    what: Mapped[str] = mapped_column(String(40))
    object_ref: Mapped[str | None] = mapped_column(REF)


class Heartbeat(Table):
    """The last sign of life of a worker process (real time, not the shifted clock)."""

    __tablename__ = "heartbeat"
    executor: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class Erasure(Table):
    """A receipt of a deletion, without personal data; replayed after a backup is restored."""

    __tablename__ = "erasure"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    ref_index: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(24))
    pending_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Whom the language model must still forget; empty as soon as it has."""


# --- the desk: room to act, side threads, what comes next -------------------------------------------------------------


class CaseWord(Table):
    """A keyed fingerprint of a word by which a case is found; the words themselves are nowhere."""

    __tablename__ = "case_word"
    case_ref: Mapped[str] = mapped_column(REF, ForeignKey("case_file.ref", ondelete="CASCADE"), primary_key=True)
    word_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    __table_args__ = (Index(None, "word_index"),)


class ReasonRecord(Table):
    """Why something was done (F59), in the order need, what would help, effects, law; and plain for the resident.

    A record is never changed: a better one is added after it.
    """

    __tablename__ = "reason_record"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    by_ref: Mapped[str] = mapped_column(REF)
    at: Mapped[datetime]
    need_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    help_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    effects_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    law_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    plain_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    shared_at: Mapped[datetime | None]


class Fund(Table):
    """A team's money for what cannot wait (F60), per year; amounts up to `small_cents` need one person."""

    __tablename__ = "fund"
    __table_args__ = (UniqueConstraint("team_ref", "name", "year"),)
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    team_ref: Mapped[str] = mapped_column(REF, ForeignKey("team.ref"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    year: Mapped[int] = mapped_column(Integer)
    budget_cents: Mapped[int] = mapped_column(Integer)
    small_cents: Mapped[int] = mapped_column(Integer)


class FundPayment(Table):
    """A payment from a fund: `state` is asked, paid or refused. It outlives its resident, without its reason.

    `decided_by` is the second pair of eyes, or who asked when the amount is small.
    """

    __tablename__ = "fund_payment"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    fund_ref: Mapped[str] = mapped_column(REF, ForeignKey("fund.ref"), index=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str | None] = mapped_column(REF, ForeignKey("resident.ref", ondelete="SET NULL"), index=True)
    asked_by: Mapped[str] = mapped_column(REF)
    asked_at: Mapped[datetime]
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[str | None] = mapped_column(REF)
    decided_at: Mapped[datetime | None]


class Signal(Table):
    """A short story of what got in the way (F61), sealed with the house's key: it carries no personal data.

    `threat`, `sender` and `kind` are codes; `rule` is the rule as the professional names it.
    """

    __tablename__ = "signal"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    team_ref: Mapped[str] = mapped_column(REF, ForeignKey("team.ref"), index=True)
    by_ref: Mapped[str] = mapped_column(REF)
    at: Mapped[datetime] = mapped_column(index=True)
    case_ref: Mapped[str | None] = mapped_column(REF, index=True)
    threat: Mapped[str | None] = mapped_column(String(12))
    sender: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(40))
    rule_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    story_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    due_at: Mapped[datetime]
    reply_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reply_by: Mapped[str | None] = mapped_column(REF)
    replied_at: Mapped[datetime | None]


class TimeSpent(Table):
    """One tap of time (F62): `kind` is helping or administration. It stays after the case, for the figures."""

    __tablename__ = "time_spent"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    team_ref: Mapped[str] = mapped_column(REF, index=True)
    professional_ref: Mapped[str] = mapped_column(REF, index=True)
    kind: Mapped[str] = mapped_column(String(16))
    minutes: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(index=True)
    once: Mapped[str] = mapped_column(String(80), unique=True)


class Consult(Table):
    """A question to a colleague or specialist beside a case (F57); the resident stays where she is."""

    __tablename__ = "consult"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    asked_by: Mapped[str] = mapped_column(REF, index=True)
    asked_of: Mapped[str] = mapped_column(REF, index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    unread_by: Mapped[str | None] = mapped_column(REF)


class ConsultLine(Table):
    """A line of a consult, sealed with the resident's key."""

    __tablename__ = "consult_line"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    consult_ref: Mapped[str] = mapped_column(REF, ForeignKey("consult.ref", ondelete="CASCADE"), index=True)
    by_ref: Mapped[str] = mapped_column(REF)
    at: Mapped[datetime]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    once: Mapped[str] = mapped_column(String(80), unique=True)


class WaitingElsewhere(Table):
    """Another organisation that we wait for (F63), with its own clock; the promise to the resident runs on."""

    __tablename__ = "waiting_elsewhere"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    by_ref: Mapped[str] = mapped_column(REF)
    organisation: Mapped[str | None] = mapped_column(String(40))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    what_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    since: Mapped[datetime]
    expected_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None]


class NextStep(Table):
    """What happens next and on which day (phase two). `whose` is resident or professional."""

    __tablename__ = "next_step"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    letter_ref: Mapped[str | None] = mapped_column(REF, ForeignKey("letter.ref", ondelete="SET NULL"))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    due_on: Mapped[date] = mapped_column(Date, index=True)
    whose: Mapped[str] = mapped_column(String(16))
    by_ref: Mapped[str] = mapped_column(REF)
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class Attachment(Table):
    """A file or photo in a professional's answer; sealed in the photo store under `file_name`."""

    __tablename__ = "attachment"
    ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    case_ref: Mapped[str] = mapped_column(REF, index=True)
    message_ref: Mapped[str] = mapped_column(REF, index=True)
    position: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]


class OutcomeWords(Table):
    """How it ended in the resident's own words (F71); shown in the monitor only where she said that it may."""

    __tablename__ = "outcome"
    case_ref: Mapped[str] = mapped_column(REF, primary_key=True)
    resident_ref: Mapped[str] = mapped_column(REF, ForeignKey("resident.ref", ondelete="CASCADE"), index=True)
    team_ref: Mapped[str] = mapped_column(REF, index=True)
    asked_at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None]
    may_share: Mapped[bool | None] = mapped_column(Boolean)
