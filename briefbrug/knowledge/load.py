"""Reads the knowledge (senders, kinds, terms, law, helpers) from its YAML files and refuses what is not whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.letter import UNKNOWN_SENDER, Action

DEFAULT = Path(__file__).parent
"""The folder of the knowledge that comes with the house."""

UNKNOWN_KIND = "onbekend"
"""The row of signs.yaml for a letter whose kind could not be read."""

STRICT = ConfigDict(extra="forbid", strict=False)

Status = Literal["verified", "known", "check"]
"""verified: the text was read; known: stable practice; check: uncertain, never told to a resident as certain."""

Anchor = Literal[
    "dagtekening", "verzending", "bekendmaking", "ontvangst", "betekening", "uitspraak", "printed_date", "event_date"
]
Default = Literal["today", "two_working_days", "this_week", "this_month", "within_term", "plan", "none"]

WORST: tuple[Status, ...] = ("verified", "known", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A law, judgment or page that an entry rests on; `checked_by` is the lawyer who read it, or "nobody yet"."""

    __pydantic_config__ = STRICT
    name: str
    url: str
    status: Status
    checked_on: date
    checked_by: str
    detail: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone number as it is dialled, and what it is for."""

    __pydantic_config__ = STRICT
    number: str
    purpose: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address as printed."""

    __pydantic_config__ = STRICT
    address: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A bank account that is known to belong to a sender; `iban` without blanks."""

    __pydantic_config__ = STRICT
    iban: str
    holder: str
    status: Status
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes: names and marks on the paper.

    `names` are trade names (all groups together, `name_groups` keeps the groups), `official` and `variants` other ways
    to print the sender. `public`: a body under the Awb. `ibans` are the
    known accounts without blanks; `accounts` holds their holder and status.
    """

    id: str
    name_nl: str
    public: bool
    official: tuple[str, ...]
    variants: tuple[str, ...]
    names: tuple[str, ...]
    name_groups: Mapping[str, tuple[str, ...]]
    names_note: str
    names_status: Status
    domains: tuple[str, ...]
    phones: tuple[Phone, ...]
    postal: tuple[Address, ...]
    accounts: tuple[Account, ...]
    ibans: tuple[str, ...]
    references: tuple[str, ...]
    cues: tuple[str, ...]
    confusions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of letter; `action` is what it asks unless a combination or the paper says otherwise."""

    __pydantic_config__ = STRICT
    spoken: str
    words_on_paper: tuple[str, ...]
    cues: tuple[str, ...]
    meaning: str
    action: Action
    sources: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermEntry:
    """One term that belongs to a combination: `n` `unit` from `anchor`; n is 0 for a printed date or event."""

    __pydantic_config__ = STRICT
    what: str
    anchor: Anchor
    n: int
    unit: Literal["hours", "days", "weeks", "months", "working_days"]
    extended: bool
    nature: str
    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """What one kind of letter of one sender means.

    `status` is the weakest status of its sources. `texts` names the resident's texts that this entry answers for;
    a part it does not name is said by the kind alone.
    """

    __pydantic_config__ = STRICT
    sender: str
    kind: str
    what: str
    deadlines: tuple[TermEntry, ...]
    if_nothing_is_done: tuple[str, ...]
    rights: tuple[str, ...]
    first_step: str
    helpers: tuple[str, ...]
    severity: str
    urgency_rule: str
    urgency_default: Default
    texts: Mapping[Literal["what", "step", "else", "can"], str]
    sources: tuple[str, ...]
    variant: str = ""
    action: Action | None = None
    note: str = ""
    status: Status = "verified"
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Who can help; `phone` is what to dial, empty when it differs per place."""

    __pydantic_config__ = STRICT
    spoken: str
    what: str
    sources: tuple[str, ...]
    phone: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionaryWord:
    """A word of letters that the house can explain (`word_<id>` in the texts); `also` are other ways to write it."""

    __pydantic_config__ = STRICT
    also: tuple[str, ...]
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """What is lost; rank 1 is the worst, 9 is nothing."""

    __pydantic_config__ = STRICT
    rank: int
    nl: str
    meaning: str
    source: str
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What comes on top of an amount when its day passes: `share` of it (0.5 is a half), at least `least` euros."""

    __pydantic_config__ = STRICT
    share: float
    least: float
    sources: tuple[str, ...]
    entries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """A letter that sets the short route of the municipality; an empty list fits everything."""

    __pydantic_config__ = STRICT
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    severities: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What sentences for residents rest on that belong to no sender and kind, and those that state no fact.

    A key of a text, or the beginning of keys with a star behind it.
    """

    __pydantic_config__ = STRICT
    rests_on: Mapping[str, tuple[str, ...]]
    no_fact: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The order of a pile (`key_order`), the creditors that need no judge, and the principles in words.

    `growth` and `threatened`: the first row that fits counts.
    """

    __pydantic_config__ = STRICT
    key_order: tuple[str, ...]
    creditors_without_judge: tuple[str, ...]
    principles: tuple[str, ...]
    growth: tuple[Growth, ...]
    threatened: tuple[Threat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An amount or term at a glance; `valid_from` and `valid_until` include their day, None is open."""

    __pydantic_config__ = STRICT
    topic: str
    value: str
    status: Status
    source: str
    valid_from: date | None = None
    valid_until: date | None = None

    def status_on(self, day: date) -> Status:
        """Return the status on a day: outside its validity a figure is to be checked, whatever its source."""
        holds = (self.valid_from or date.min) <= day <= (self.valid_until or date.max)
        return self.status if holds else "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A way of counting; `extended`: the Algemene termijnenwet applies."""

    __pydantic_config__ = STRICT
    rule: str
    extended: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeRow:
    """A row of the table from sender, kind, anchor, unit and action to a regime; an empty column fits everything."""

    __pydantic_config__ = STRICT
    regime: str
    sources: tuple[str, ...]
    senders: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The regimes by name, the table to choose one, and the earliest plausible term per kind in days (None: none)."""

    __pydantic_config__ = STRICT
    regimes: Mapping[str, Regime]
    plausible_days: Mapping[str, int | None]
    regime_for: tuple[RegimeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSign:
    """Words that tell a variant of a combination."""

    __pydantic_config__ = STRICT
    words: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySign:
    """What is lost for these senders and kinds when a word stands on the paper or the creditor is of such a sender.

    Without `words` and `creditors` the row fits every letter of its senders and kinds. `speaks_as` names the sender
    whose texts the resident hears then (the judgment of a court about rent speaks as the landlord's).
    """

    __pydantic_config__ = STRICT
    senders: tuple[str, ...]
    kinds: tuple[str, ...]
    severity: str
    sources: tuple[str, ...]
    words: tuple[str, ...] = ()
    creditors: tuple[str, ...] = ()
    speaks_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDefault:
    """What is lost, and how fast one should act, when only the kind is known."""

    __pydantic_config__ = STRICT
    severity: str
    urgency_default: Default


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Words on the paper that change the meaning, defaults per kind, and the steps of one debt (weakest first)."""

    __pydantic_config__ = STRICT
    variants: Mapping[str, VariantSign]
    severities: tuple[SeveritySign, ...]
    fallbacks: tuple[SeveritySign, ...]
    kinds: Mapping[str, KindDefault]
    stops: tuple[str, ...]
    threats: Mapping[str, tuple[str, ...]]
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The days that move a statutory term; equated days are known from `covers_from` until `covers_until`."""

    __pydantic_config__ = STRICT
    covers_from: date
    covers_until: date
    general: Mapping[date, str]
    equated: Mapping[date, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisNumber:
    """A number for somebody in danger."""

    __pydantic_config__ = STRICT
    name: str
    number: str
    status: Status
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisSignal:
    """A sign of danger; `numbers` are keys of `Crisis.numbers` in the order to show; `intent` what Rasa calls it."""

    __pydantic_config__ = STRICT
    examples: tuple[str, ...]
    human: Literal["now", "today"]
    numbers: tuple[str, ...]
    advice: tuple[str, ...]
    sources: tuple[str, ...]
    intent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crisis:
    """Signals of danger and the numbers to show."""

    __pydantic_config__ = STRICT
    principle: str
    signals: Mapping[str, CrisisSignal]
    numbers: Mapping[str, CrisisNumber]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Everything the house knows about letters and law, whole and checked."""

    senders: Mapping[str, Sender]
    kinds: Mapping[str, Kind]
    combinations: Mapping[str, Combination]
    helpers: Mapping[str, Helper]
    severities: Mapping[str, Severity]
    ranking: Ranking
    terms: Terms
    signs: Signs
    holidays: Holidays
    figures: tuple[Figure, ...]
    crisis: Crisis
    words: Mapping[str, DictionaryWord]
    sources: Mapping[str, Source]
    statements: Statements
    formats: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def combination(self, sender: str, kind: str, variant: str = "") -> Combination | None:
        """Return the entry of a sender and kind; None when there is none.

        Where a pair has only variants (first and second aanmaning of the CJIB), the first one listed is returned
        unless `variant` names another.
        """
        mine = [c for c in self.combinations.values() if c.sender == sender and c.kind == kind]
        for entry in mine:
            if entry.variant == variant:
                return entry
        return mine[0] if mine else None

    def status_of(self, sources: Iterable[str]) -> Status:
        """Return the weakest status among sources."""
        statuses: list[Status] = [self.sources[source].status for source in sources] or ["check"]
        return max(statuses, key=WORST.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PhoneRow:
    __pydantic_config__ = STRICT
    number: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class _SenderRow:
    """A sender as it stands in the file."""

    __pydantic_config__ = STRICT
    name_nl: str
    public: bool
    official: tuple[str, ...]
    variants: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    domains: tuple[str, ...]
    phones: tuple[Mapping[str, str], ...]
    postal: tuple[Address, ...]
    ibans: tuple[Account, ...]
    references: tuple[str, ...]
    cues: tuple[str, ...]
    confusions: tuple[str, ...]
    sources: tuple[str, ...]
    names_note: str = ""
    names_status: Status = "known"


T = TypeVar("T")


def _refuse(file: str, key: str, why: str) -> BriefbrugError:
    return BriefbrugError(Reason.KNOWLEDGE, f"{file}: {key}: {why}")


def _unique_keys(loader: yaml.CSafeLoader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    """Build a mapping and refuse a key that stands in it twice (YAML itself would keep the last one)."""
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key: Any = loader.construct_object(key_node, deep=True)  # pyright: ignore[reportUnknownMemberType]
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key}", key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)  # pyright: ignore[reportUnknownMemberType]
    return seen


class _Loader(yaml.CSafeLoader):
    """Safe YAML whose mappings have each key once."""


_Loader.add_constructor("tag:yaml.org,2002:map", _unique_keys)  # pyright: ignore[reportUnknownMemberType]


def _read(folder: Path, name: str, *keys: str) -> dict[str, Any]:
    """Return the top-level parts of one file; exactly `keys` must stand in it."""
    file = folder / name
    try:
        content: object = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except OSError as error:
        raise _refuse(name, "file", "cannot be read") from error
    except yaml.YAMLError as error:
        raise _refuse(name, "file", " ".join(str(error).split())) from error
    if not isinstance(content, dict):
        raise _refuse(name, "file", "expected a mapping")
    parts = cast(dict[str, Any], content)
    for key in sorted(set(parts) ^ set(keys)):
        raise _refuse(name, key, "missing" if key in keys else "unknown key")
    return parts


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _as(kind: type[T], raw: object, file: str, key: str) -> T:
    """Return `raw` as a value of `kind`; errors name the file and the key inside it."""
    try:
        return cast(T, _adapter(kind).validate_python(raw))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join([key, *(str(part) for part in first["loc"])])
        why = "unknown key" if first["type"] in {"unexpected_keyword_argument", "extra_forbidden"} else first["msg"]
        raise _refuse(file, where, why) from None


def _table(kind: type[T], raw: object, file: str, key: str) -> dict[str, T]:
    """Return a mapping of id to entry, each entry checked, with its id filled in."""
    if not isinstance(raw, dict):
        raise _refuse(file, key, "expected a mapping")
    rows: dict[str, T] = {}
    for name, row in cast(dict[str, dict[str, object]], raw).items():
        if isinstance(row, dict) and "id" in row:  # pyright: ignore[reportUnnecessaryIsInstance] - the file may lie
            raise _refuse(file, f"{key}.{name}.id", "unknown key")
        entry = _as(kind, row, file, f"{key}.{name}")
        rows[str(name)] = cast(T, replace(cast(Any, entry), id=str(name))) if hasattr(entry, "id") else entry
    return rows


def _sender(name: str, row: _SenderRow) -> Sender:
    phones = tuple(
        _as(
            Phone,
            {**{k: v for k, v in phone.items() if k != "for"}, "purpose": phone.get("for", "")},
            "senders.yaml",
            f"senders.{name}.phones",
        )
        for phone in row.phones
    )
    flat = tuple(dict.fromkeys(n for group in row.names.values() for n in group))
    return Sender(
        id=name, name_nl=row.name_nl, public=row.public, official=row.official,
        variants=row.variants, names=flat, name_groups=row.names, names_note=row.names_note,
        names_status=row.names_status, domains=row.domains, phones=phones, postal=row.postal, accounts=row.ibans,
        ibans=tuple(account.iban for account in row.ibans), references=row.references, cues=row.cues,
        confusions=row.confusions, sources=row.sources,
    )  # fmt: skip


def _check_sources(known: Mapping[str, Source], file: str, key: str, used: Iterable[str]) -> None:
    used = tuple(used)
    if not used:
        raise _refuse(file, f"{key}.sources", "missing source")
    for source in used:
        if source not in known:
            raise _refuse(file, f"{key}.sources", f"no source {source}")


def _check_reference(known: Iterable[str], file: str, key: str, used: str) -> None:
    if used not in known:
        raise _refuse(file, key, f"dangling reference {used}")


def _check_figures(figures: Iterable[Figure]) -> None:
    """Refuse two figures of one topic that hold on the same day."""
    seen: dict[str, list[Figure]] = {}
    for figure in figures:
        start, end = figure.valid_from or date.min, figure.valid_until or date.max
        if start > end:
            raise _refuse("figures.yaml", figure.topic, "valid_until lies before valid_from")
        for other in seen.setdefault(figure.topic, []):
            if start <= (other.valid_until or date.max) and (other.valid_from or date.min) <= end:
                raise _refuse("figures.yaml", figure.topic, "overlapping validity")
        seen[figure.topic].append(figure)


def _check_signs(
    signs: Signs,
    senders: Mapping[str, Sender],
    kinds: Mapping[str, Kind],
    combinations: Mapping[str, Combination],
    severities: Mapping[str, Severity],
    sources: Mapping[str, Source],
) -> None:
    file = "signs.yaml"
    for name, variant in signs.variants.items():
        _check_reference(combinations, file, "signs.variants", name)
        _check_sources(sources, file, f"signs.variants.{name}", variant.sources)
    for table, rows in (("severities", signs.severities), ("fallbacks", signs.fallbacks)):
        for number, row in enumerate(rows):
            at = f"signs.{table}.{number}"
            _check_sources(sources, file, at, row.sources)
            _check_reference(severities, file, f"{at}.severity", row.severity)
            for name in (*row.senders, *row.creditors, *([row.speaks_as] if row.speaks_as else [])):
                _check_reference(senders, file, f"{at}.senders", name)
            for name in row.kinds:
                _check_reference({*kinds, UNKNOWN_KIND}, file, f"{at}.kinds", name)
    for name in {*kinds, UNKNOWN_KIND} ^ set(signs.kinds):
        raise _refuse(file, f"signs.kinds.{name}", "missing" if name in kinds else "unknown key")
    for name, default in signs.kinds.items():
        _check_reference(severities, file, f"signs.kinds.{name}.severity", default.severity)
    for name in signs.stages:
        _check_reference(kinds, file, "signs.stages", name)


def load_knowledge(folder: Path = DEFAULT) -> Knowledge:
    """Return the knowledge of `folder`, read once per process.

    Raises:
        BriefbrugError: KNOWLEDGE, naming file and key: an unknown or doubled key, a missing source, a dangling
            reference, a wrong type, or overlapping validity.
    """
    return _load(Path(folder))


@lru_cache(maxsize=8)
def _load(folder: Path) -> Knowledge:
    sources = _table(Source, _read(folder, "sources.yaml", "sources")["sources"], "sources.yaml", "sources")
    rows = _table(_SenderRow, _read(folder, "senders.yaml", "senders")["senders"], "senders.yaml", "senders")
    senders = {name: _sender(name, row) for name, row in rows.items()}
    kinds = _table(Kind, _read(folder, "kinds.yaml", "kinds")["kinds"], "kinds.yaml", "kinds")
    combinations = _table(
        Combination,
        _read(folder, "combinations.yaml", "combinations")["combinations"],
        "combinations.yaml",
        "combinations",
    )
    helpers = _table(Helper, _read(folder, "helpers.yaml", "helpers")["helpers"], "helpers.yaml", "helpers")
    order = _read(folder, "ranking.yaml", "ranking", "severities")
    ranking = _as(Ranking, order["ranking"], "ranking.yaml", "ranking")
    severities = _table(Severity, order["severities"], "ranking.yaml", "severities")
    terms = _as(Terms, _read(folder, "terms.yaml", "terms")["terms"], "terms.yaml", "terms")
    signs = _as(Signs, _read(folder, "signs.yaml", "signs")["signs"], "signs.yaml", "signs")
    holidays = _as(Holidays, _read(folder, "holidays.yaml", "holidays")["holidays"], "holidays.yaml", "holidays")
    figures = _as(tuple[Figure, ...], _read(folder, "figures.yaml", "figures")["figures"], "figures.yaml", "figures")
    crisis = _as(Crisis, _read(folder, "crisis.yaml", "crisis")["crisis"], "crisis.yaml", "crisis")
    words = _table(DictionaryWord, _read(folder, "words.yaml", "words")["words"], "words.yaml", "words")
    formats = cast(dict[str, Any], _read(folder, "formats.yaml", "formats")["formats"])
    raw_statements = _read(folder, "statements.yaml", "statements")["statements"]
    statements = _as(Statements, raw_statements, "statements.yaml", "statements")
    for name, used in statements.rests_on.items():
        _check_sources(sources, "statements.yaml", f"statements.rests_on.{name}", used)

    for name, sender in senders.items():
        _check_sources(sources, "senders.yaml", f"senders.{name}", sender.sources)
    _check_reference(senders, "senders.yaml", "senders", UNKNOWN_SENDER)
    for name, kind in kinds.items():
        _check_sources(sources, "kinds.yaml", f"kinds.{name}", kind.sources)
        _check_reference(terms.plausible_days, "terms.yaml", "terms.plausible_days", name)
    for name in terms.plausible_days:
        _check_reference(kinds, "terms.yaml", "terms.plausible_days", name)
    for name, regime in terms.regimes.items():
        _check_sources(sources, "terms.yaml", f"terms.regimes.{name}", regime.sources)
    for number_of_row, row in enumerate(terms.regime_for):
        at = f"terms.regime_for.{number_of_row}"
        _check_sources(sources, "terms.yaml", at, row.sources)
        _check_reference(terms.regimes, "terms.yaml", f"{at}.regime", row.regime)
        for name in row.senders:
            _check_reference(senders, "terms.yaml", f"{at}.senders", name)
        for name in row.kinds:
            _check_reference(kinds, "terms.yaml", f"{at}.kinds", name)
    _check_signs(signs, senders, kinds, combinations, severities, sources)
    seen: dict[tuple[str, str, str], str] = {}
    for name, entry in combinations.items():
        at = f"combinations.{name}"
        _check_sources(sources, "combinations.yaml", at, entry.sources)
        _check_reference(senders, "combinations.yaml", f"{at}.sender", entry.sender)
        _check_reference(kinds, "combinations.yaml", f"{at}.kind", entry.kind)
        _check_reference(severities, "combinations.yaml", f"{at}.severity", entry.severity)
        for helper in entry.helpers:
            _check_reference(helpers, "combinations.yaml", f"{at}.helpers", helper)
        triple = (entry.sender, entry.kind, entry.variant)
        if triple in seen:
            raise _refuse("combinations.yaml", at, f"same sender, kind and variant as {seen[triple]}")
        seen[triple] = name
        weakest = max((sources[s].status for s in entry.sources), key=WORST.index)
        combinations[name] = replace(entry, status=weakest)
    for name, helper in helpers.items():
        _check_sources(sources, "helpers.yaml", f"helpers.{name}", helper.sources)
    for name, severity in severities.items():
        _check_sources(sources, "ranking.yaml", f"severities.{name}", [severity.source])
    for creditor in ranking.creditors_without_judge:
        _check_reference(senders, "ranking.yaml", "ranking.creditors_without_judge", creditor)
    for number_of_row, growth in enumerate(ranking.growth):
        at = f"ranking.growth.{number_of_row}"
        _check_sources(sources, "ranking.yaml", at, growth.sources)
        for name in growth.entries:
            _check_reference(combinations, "ranking.yaml", f"{at}.entries", name)
        for name in growth.kinds:
            _check_reference(kinds, "ranking.yaml", f"{at}.kinds", name)
    for number_of_row, threat in enumerate(ranking.threatened):
        at = f"ranking.threatened.{number_of_row}"
        _check_sources(sources, "ranking.yaml", at, threat.sources)
        for name in threat.kinds:
            _check_reference(kinds, "ranking.yaml", f"{at}.kinds", name)
        for name in threat.severities:
            _check_reference(severities, "ranking.yaml", f"{at}.severities", name)
        for name in threat.senders:
            _check_reference(senders, "ranking.yaml", f"{at}.senders", name)
    _check_sources(sources, "holidays.yaml", "holidays", holidays.sources)
    for figure in figures:
        _check_sources(sources, "figures.yaml", figure.topic, [figure.source])
    _check_figures(figures)
    for name, signal in crisis.signals.items():
        _check_sources(sources, "crisis.yaml", f"crisis.signals.{name}", signal.sources)
        for number in signal.numbers:
            _check_reference(crisis.numbers, "crisis.yaml", f"crisis.signals.{name}.numbers", number)
    for name, number in crisis.numbers.items():
        _check_sources(sources, "crisis.yaml", f"crisis.numbers.{name}", [number.source])

    return Knowledge(
        senders=senders, kinds=kinds, combinations=combinations, helpers=helpers, severities=severities,
        ranking=ranking, terms=terms, signs=signs, holidays=holidays, figures=figures,
        crisis=crisis, words=words, sources=sources, formats=formats,
        statements=statements,
    )  # fmt: skip
