"""BLiMP (Warstadt et al. 2020): 67 paradigms of 1,000 minimal pairs each, as one task whose examples are tagged.

Its accuracy over all pairs is the mean over paradigms, as they are of one size. A pair is right where the acceptable
sentence is more probable as a whole; a tie is wrong.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness import ACCURACY, Example, FolderData, HubData, MinimalPairs, Row, SampleData, Suite, Task
from harness.errors import DataError
from tasks.sample import minimal_pairs
from tasks.texts import read_text

COLUMNS = ("sentence_good", "sentence_bad", "field", "linguistics_term", "UID")
_NAMES = """
    adjunct_island anaphor_gender_agreement anaphor_number_agreement animate_subject_passive animate_subject_trans
    causative complex_NP_island coordinate_structure_constraint_complex_left_branch
    coordinate_structure_constraint_object_extraction determiner_noun_agreement_1 determiner_noun_agreement_2
    determiner_noun_agreement_irregular_1 determiner_noun_agreement_irregular_2
    determiner_noun_agreement_with_adj_2 determiner_noun_agreement_with_adj_irregular_1
    determiner_noun_agreement_with_adj_irregular_2 determiner_noun_agreement_with_adjective_1
    distractor_agreement_relational_noun distractor_agreement_relative_clause drop_argument ellipsis_n_bar_1
    ellipsis_n_bar_2 existential_there_object_raising existential_there_quantifiers_1
    existential_there_quantifiers_2 existential_there_subject_raising expletive_it_object_raising inchoative
    intransitive irregular_past_participle_adjectives irregular_past_participle_verbs
    irregular_plural_subject_verb_agreement_1 irregular_plural_subject_verb_agreement_2
    left_branch_island_echo_question left_branch_island_simple_question matrix_question_npi_licensor_present
    npi_present_1 npi_present_2 only_npi_licensor_present only_npi_scope passive_1 passive_2 principle_A_c_command
    principle_A_case_1 principle_A_case_2 principle_A_domain_1 principle_A_domain_2 principle_A_domain_3
    principle_A_reconstruction regular_plural_subject_verb_agreement_1 regular_plural_subject_verb_agreement_2
    sentential_negation_npi_licensor_present sentential_negation_npi_scope sentential_subject_island
    superlative_quantifiers_1 superlative_quantifiers_2 tough_vs_raising_1 tough_vs_raising_2 transitive wh_island
    wh_questions_object_gap wh_questions_subject_gap wh_questions_subject_gap_long_distance wh_vs_that_no_gap
    wh_vs_that_no_gap_long_distance wh_vs_that_with_gap wh_vs_that_with_gap_long_distance
"""
PARADIGMS = _NAMES.split()


def read_pairs(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a file of JSON lines.

    Raises:
        DataError: a line is no JSON object with BLiMP's columns; says which.
    """
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path}, line {number}: is no JSON ({error}); expected a minimal pair a line.") from error
        missing = [name for name in COLUMNS if not isinstance(row, dict) or not isinstance(row.get(name), str)]
        if missing:
            raise DataError(f"{path}, line {number}: no text {missing[0]!r}; expected {', '.join(COLUMNS)}.")
        yield row


def _read(row: Row) -> Example:
    field = row["field"].replace("/", "_")  # one paradigm has syntax/semantics for what others call syntax_semantics
    tags = (f"field: {field}", f"phenomenon: {row['linguistics_term']}", f"paradigm: {row['UID']}")
    name = f"{row['UID']} {row.get('pairID', row.get('pair_id', row['idx']))}"  # the second on the hub
    return Example(id=name, text=row["sentence_good"], pair=row["sentence_bad"], target=0, tags=tags)


def _sample(_split: str, seed: int) -> Iterator[Mapping[str, Any]]:
    return minimal_pairs.rows(seed)


BLIMP = Task(
    name="blimp",
    title="BLiMP",
    output=MinimalPairs(),
    read=_read,
    metrics=(ACCURACY,),
    hub=HubData(
        name="nyu-mll/blimp",
        revision="877fba0801ffb7cbd8c39c1ff314a46f053f6036",
        splits={"test": (",".join(PARADIGMS), "train")},
    ),
    folder=FolderData(files={"test": "*.jsonl"}, read=read_pairs, child="blimp", lone="test"),
    sample=SampleData(splits=("test",), generate=_sample, version=1),
    scored=("test",),
    predicted=(),
    citation="Warstadt et al. 2020, BLiMP: The Benchmark of Linguistic Minimal Pairs for English",
    licence="CC BY 4.0",
)

SUITE = Suite(name="blimp", title="BLiMP", tasks=("blimp",), score_name="BLiMP accuracy")
