"""The knowledge is whole: what is missing, doubled, dangling or overlapping is refused with file and key."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from briefbrug.errors import BriefbrugError, Reason
from briefbrug.knowledge.check import check
from briefbrug.knowledge.load import DEFAULT, load_knowledge
from briefbrug.speech import TEXTS_FOLDER, load_texts
from briefbrug.urgency import KEYS

K = load_knowledge()
TEXTS = load_texts("nl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in DEFAULT.glob("*.yaml"):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


# file, words to replace, replacement, what the refusal names
BROKEN = [
    pytest.param(
        "senders.yaml",
        "    name_nl: CAK\n",
        "    name_nl: CAK\n    colour: red\n",
        r"senders\.cak\.colour",
        id="unknown key",
    ),
    pytest.param("senders.yaml", "    name_nl: CAK\n", "", r"senders\.cak.*name_nl", id="missing key"),
    pytest.param(
        "senders.yaml",
        "    name_nl: CAK\n",
        "    name_nl: CAK\n    name_nl: Het CAK\n",
        r"duplicate key name_nl",
        id="doubled key",
    ),
    pytest.param(
        "senders.yaml",
        "      - cak_premie\n",
        "      - no_such_law\n",
        r"senders\.cak\.sources.*no_such_law",
        id="dangling source",
    ),
    pytest.param(
        "combinations.yaml", "    sender: cak\n", "    sender: kak\n", r"combinations\.cak/.*kak", id="dangling sender"
    ),
    pytest.param("combinations.yaml", "      - wgs\n", "", r"", id="fewer sources are fine while one is left"),
    pytest.param(
        "combinations.yaml",
        "    severity: home\n",
        "    severity: roof\n",
        r"combinations\..*severity.*roof",
        id="unknown severity",
    ),
    pytest.param(
        "combinations.yaml",
        "    urgency_default: today\n",
        "    urgency_default: soon\n",
        r"urgency_default",
        id="unknown hint",
    ),
    pytest.param(
        "combinations.yaml", "        n: 14\n", "        n: fourteen\n", r"deadlines.*n", id="a term that is no number"
    ),
    pytest.param(
        "sources.yaml", "    status: verified\n", "    status: sure\n", r"sources\.atw\.status", id="unknown status"
    ),
    pytest.param(
        "sources.yaml",
        "    checked_by: nobody yet\n",
        "",
        r"sources\.atw.*checked_by",
        id="a source nobody answers for",
    ),
    pytest.param(
        "figures.yaml",
        "valid_until: 2026-12-31",
        "valid_until: 2025-12-31",
        r"valid_until lies before",
        id="validity backwards",
    ),
    pytest.param(
        "terms.yaml",
        "regime: contractual, sources: [practice]",
        "regime: contract, sources: [practice]",
        r"regime_for.*contract",
        id="unknown regime",
    ),
    pytest.param(
        "terms.yaml", "    factuur: 14\n", "", r"plausible_days.*factuur", id="a kind without a plausible term"
    ),
    pytest.param(
        "signs.yaml",
        "    factuur: {severity: money_increase",
        "    faktuur: {severity: money_increase",
        r"signs\.kinds\.fa[ck]tuur",
        id="unknown kind",
    ),
    pytest.param("ranking.yaml", "      - cjib\n", "", r"", id="a creditor less is fine"),
    pytest.param("ranking.yaml", "- cjib\n", "- cijb\n", r"creditors_without_judge.*cijb", id="unknown creditor"),
    pytest.param(
        "crisis.yaml",
        "        - veilig_thuis\n",
        "        - veilig_huis\n",
        r"crisis\.signals.*veilig_huis",
        id="unknown number",
    ),
    pytest.param(
        "words.yaml", "  vonnis: {also: [", "  vonnis: {allso: [", r"words\.vonnis", id="unknown key of a word"
    ),
    pytest.param("kinds.yaml", "kinds:\n", "kinds: [\n", r"kinds\.yaml: file", id="no YAML at all"),
    pytest.param(
        "holidays.yaml",
        "covers_until: 2028-12-31",
        "covers_until: some day",
        r"holidays\.covers_until",
        id="a day that is none",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "names"), BROKEN)
def test_a_bad_file_is_refused_and_named(folder: Path, file: str, old: str, new: str, names: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    if not names:
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        load_knowledge(folder)
        return
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BriefbrugError) as caught:
        load_knowledge(folder)
    assert caught.value.reason is Reason.KNOWLEDGE
    assert file in caught.value.detail
    assert re.search(names, caught.value.detail), caught.value.detail


def test_two_figures_of_one_topic_may_not_overlap(folder: Path) -> None:
    path = folder / "figures.yaml"
    figures = yaml.safe_load(path.read_text(encoding="utf-8"))
    figures["figures"].append({**figures["figures"][6], "valid_from": figures["figures"][6]["valid_until"]})
    path.write_text(yaml.safe_dump(figures), encoding="utf-8")
    with pytest.raises(BriefbrugError) as caught:
        load_knowledge(folder)
    assert "overlapping validity" in caught.value.detail
    assert figures["figures"][6]["topic"] in caught.value.detail


def test_a_figure_outside_its_validity_is_to_be_checked() -> None:
    (amount,) = [figure for figure in K.figures if figure.topic == "Protected amount on a bank account"]
    assert amount.status_on(date(2026, 3, 1)) == "verified"
    assert amount.status_on(date(2026, 11, 21)) == "check"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "crisis.yaml").unlink()
    with pytest.raises(BriefbrugError) as caught:
        load_knowledge(folder)
    assert "crisis.yaml" in caught.value.detail


def test_the_size_of_the_knowledge() -> None:
    assert (len(K.senders), len(K.kinds), len(K.combinations)) == (23, 20, 111)
    assert len(K.words) >= 80


def test_each_text_of_an_entry_exists_and_each_text_is_used() -> None:
    named = {key for entry in K.combinations.values() for key in entry.texts.values()}
    by_kind = {f"{part}_kind_{kind}" for part in ("what", "step", "else", "can") for kind in (*K.kinds, "onbekend")}
    assert not (named | by_kind) - set(TEXTS)
    written = {key for key in TEXTS if re.match(r"(what|step|else|can)_", key)}
    others = {"can_wait_heading", "step_keep", "what_is_wrong"} | {k for k in written if k.startswith("step_way_")}
    mine = {
        key
        for key in written
        if any(key.endswith(entry.id.replace("/", "_").replace("-", "_")) for entry in K.combinations.values())
    }
    assert mine <= named
    assert written - named - by_kind - others == set()


def test_each_entry_says_what_it_is_and_what_to_do_in_its_own_words() -> None:
    for entry in K.combinations.values():
        assert {"what", "step"} <= set(entry.texts)


def test_every_way_of_counting_that_the_code_knows_has_its_rule_and_source() -> None:
    from briefbrug import counting

    known = (counting.EXTENDED | counting.RECEIPT | counting.WORKING | counting.NAMED_DAY) - {""}
    assert known <= set(K.terms.regimes)
    assert {name for name, regime in K.terms.regimes.items() if regime.extended} == counting.EXTENDED


def test_the_parts_of_the_order_exist() -> None:
    assert set(K.ranking.key_order) == set(KEYS)


def test_danger_has_numbers_that_are_not_to_be_checked() -> None:
    for signal in K.crisis.signals.values():
        assert all(K.crisis.numbers[name].status != "check" for name in signal.numbers)
        assert all(re.fullmatch(r"[\d -]+", K.crisis.numbers[name].number) for name in signal.numbers)
    assert K.crisis.numbers["suicide_line"].number == "113"
    assert K.crisis.numbers["spoed"].number == "112"


def test_the_weakest_source_sets_the_status_of_an_entry() -> None:
    assert K.combinations["cjib/boete/wahv"].status == "check"
    assert K.combinations["rechtbank/vonnis"].status == "verified"


# --- knowledge and texts together ------------------------------------------------------------------------------------


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of the knowledge and the texts, to spoil."""
    knowledge, texts = tmp_path / "knowledge", tmp_path / "texts"
    shutil.copytree(DEFAULT, knowledge, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    shutil.copytree(TEXTS_FOLDER, texts)
    return knowledge, texts


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_knowledge_and_texts_fit_together(copies: tuple[Path, Path]) -> None:
    assert "111 combinations" in check(*copies)


@pytest.mark.parametrize(
    ("where", "old", "new", "named"),
    [
        pytest.param(
            "knowledge/combinations.yaml", "what: what_cak_boete", "what: what_cak_boetes", "what_cak_boetes",
            id="an entry that names a text nobody wrote",
        ),
        pytest.param("texts/nl/words.yaml", "  word_dwangbevel:", "  word_dwang:", "word_dwangbevel", id="a lost word"),
        pytest.param("texts/nl/reasons.yaml", "  help_geldfit:", "  help_other:", "help_geldfit", id="a lost helper"),
        pytest.param("texts/pl/pile.yaml", "{deadline}", "{dedline}", "texts/pl", id="another placeholder"),
        pytest.param("knowledge/statements.yaml", "late_verzet:", "late_verzetje:", "late_verzetje", id="no sentence"),
        pytest.param("knowledge/statements.yaml", "[fw287b, wgs]", "[fw287z]", "fw287z", id="no such source"),
        pytest.param("knowledge/ranking.yaml", "entries: [cjib/boete/wahv]", "entries: [x]", "growth", id="growth"),
        pytest.param("knowledge/ranking.yaml", "senders: [zorgverzekeraar]", "senders: [x]", "threatened", id="threat"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_named(
    copies: tuple[Path, Path], where: str, old: str, new: str, named: str
) -> None:
    spoil(copies[0].parent / where, old, new)
    with pytest.raises(BriefbrugError) as refused:
        check(*copies)
    assert named in refused.value.detail


def test_the_check_runs_before_each_commit() -> None:
    hooks = yaml.safe_load((Path(__file__).parents[3] / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hook = next(hook for hook in hooks["repos"][0]["hooks"] if hook["id"] == "knowledge")
    assert hook["entry"].endswith("-m briefbrug.knowledge.check")
    assert re.search(hook["files"], "briefbrug/knowledge/terms.yaml")
    assert re.search(hook["files"], "briefbrug/texts/pl/pile.yaml")
