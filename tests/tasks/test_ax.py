"""AX has labels and phenomena where the data carries them, and no answer and no fingerprint changes with that."""

from pathlib import Path

import pytest

from harness.data.loading import read_split
from harness.data.source import Source
from harness.errors import DataError
from tasks import glue
from tests.tasks.test_glue import folder


def ax_folder(root: Path, *, plain: str = "", full: str = "") -> Source:
    header = "Lexical Semantics\tPredicate-Argument Structure\tLogic\tKnowledge\tDomain\tPremise\tHypothesis\tLabel\n"
    files = {
        "MNLI/train.tsv": "sentence1\tsentence2\tgold_label\nA\tB\tneutral\n",
        "diagnostic/diagnostic.tsv": plain and f"index\tsentence1\tsentence2\n{plain}",
        "diagnostic/diagnostic-full.tsv": full and header + full,
    }
    return folder(root, {name: text for name, text in files.items() if text})


PLAIN = '0\tNo "bird sings.\tA bird sings.\n1\tA bird.\tAn animal.\n'
FULL = (
    '\t\tNegation; Quantifiers;\t\tNews\tNo "bird  sings.\tA bird sings.\tcontradiction\n'
    "Lexical entailment\t\t\tWorld knowledge\tNews\tA bird.\tAn animal.\tentailment\n"
)


def test_ax_has_labels_and_phenomena_where_the_full_file_is(tmp_path: Path) -> None:
    source = ax_folder(tmp_path, full=FULL)
    first, second = read_split(glue.MNLI, source, "ax")
    assert (first.id, first.text, first.target) == ("0", 'No "bird  sings.', 2)
    assert first.tags == ("Logic: Negation", "Logic: Quantifiers", "Domain: News")
    assert (second.target, second.pair) == (0, "An animal.")
    assert second.tags == ("Lexical Semantics: Lexical entailment", "Knowledge: World knowledge", "Domain: News")
    assert all(not example.tags for example in read_split(glue.MNLI, source, "train"))


def test_the_full_file_beside_the_plain_one_changes_no_question_and_no_fingerprint(tmp_path: Path) -> None:
    source = ax_folder(tmp_path, plain=PLAIN)
    before, questions = source.fingerprint(glue.MNLI), read_split(glue.MNLI, source, "ax")
    assert [example.target for example in questions] == [None, None]
    source = ax_folder(tmp_path, full=FULL)
    labelled = read_split(glue.MNLI, source, "ax")
    assert source.fingerprint(glue.MNLI) == before
    assert [(e.id, e.text, e.pair) for e in labelled] == [(e.id, e.text, e.pair) for e in questions]
    assert [example.target for example in labelled] == [2, 0]


@pytest.mark.parametrize(
    ("full", "line"),
    [
        (FULL.replace("An animal", "A plant"), 3),
        (FULL.splitlines()[0] + "\n", 3),
        (FULL + FULL, 4),
        ("\n".join(FULL.splitlines()[::-1]) + "\n", 2),
    ],
)
def test_another_full_file_is_refused(tmp_path: Path, full: str, line: int) -> None:
    source = ax_folder(tmp_path, plain=PLAIN, full=full)
    with pytest.raises(
        DataError, match=rf"diagnostic-full\.tsv, line {line}: found another question than in diagnostic\.tsv"
    ):
        read_split(glue.MNLI, source, "ax")


def test_a_full_file_without_its_phenomena_is_refused(tmp_path: Path) -> None:
    source = ax_folder(tmp_path, full=FULL)
    path = tmp_path / "diagnostic/diagnostic-full.tsv"
    path.write_text(path.read_text().replace("Logic", "Sophistry"))
    with pytest.raises(DataError, match=r"diagnostic-full\.tsv, line 1: .* expected \['Logic'\] among them"):
        read_split(glue.MNLI, source, "ax")


def test_ax_of_the_sample_knows_labels_and_phenomena() -> None:
    examples = read_split(glue.MNLI, Source(kind="sample"), "ax")
    families = {tag.split(": ")[0] for example in examples for tag in example.tags}
    assert families == {"Lexical Semantics", "Predicate-Argument Structure", "Logic", "Domain"}
    assert {example.target for example in examples} == {0, 1, 2}
    assert all(example.pair and len(example.tags) == 2 for example in examples)
