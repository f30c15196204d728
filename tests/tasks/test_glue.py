import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from harness.api.output import Classification, Regression
from harness.api.submission import TableFormat
from harness.api.task import Task
from harness.data.loading import load, read_split
from harness.data.source import Source
from harness.errors import DataError
from harness.testing import check_task
from tasks import glue

TASKS = {value.name: value for value in vars(glue).values() if isinstance(value, Task)}


def folder(root: Path, files: dict[str, str | bytes]) -> Source:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(kind="folder", root=root)


def test_suite_is_the_nine_tasks_in_the_official_order() -> None:
    titles = [TASKS[name].title for name in glue.GLUE.tasks]
    assert titles == ["CoLA", "SST-2", "MRPC", "STS-B", "QQP", "MNLI", "QNLI", "RTE", "WNLI"]
    assert len(TASKS) == 9


def test_each_task_has_its_official_metrics() -> None:
    figures = {
        name: [figure for metric in task.metrics if not isinstance(metric, str) for figure in metric.names]
        for name, task in TASKS.items()
    }
    assert figures == {
        "cola": ["matthews"],
        "sst2": ["accuracy"],
        "mrpc": ["f1", "accuracy"],
        "stsb": ["pearson", "spearman"],
        "qqp": ["f1", "accuracy"],
        "mnli": ["accuracy"],
        "qnli": ["accuracy"],
        "rte": ["accuracy"],
        "wnli": ["accuracy"],
    }


def test_labels_are_in_the_hubs_order() -> None:
    labels = {name: task.output.labels for name, task in TASKS.items() if isinstance(task.output, Classification)}
    assert labels == {
        "cola": ("unacceptable", "acceptable"),
        "sst2": ("negative", "positive"),
        "mrpc": ("not_equivalent", "equivalent"),
        "qqp": ("not_duplicate", "duplicate"),
        "mnli": ("entailment", "neutral", "contradiction"),
        "qnli": ("entailment", "not_entailment"),
        "rte": ("entailment", "not_entailment"),
        "wnli": ("not_entailment", "entailment"),
    }
    assert glue.STSB.output == Regression(low=0.0, high=5.0)


def test_submission_files_are_named_as_the_site_asks() -> None:
    names = {}
    for task in TASKS.values():
        assert isinstance(task.submission, TableFormat)
        files = task.submission.files
        assert set(files) == {*task.scored, *task.predicted}
        names[task.name] = [files[split] for split in task.predicted]
        assert [files[split] for split in task.scored] == [name for name in names[task.name] if name != "AX.tsv"]
    assert names == {
        "cola": ["CoLA.tsv"],
        "sst2": ["SST-2.tsv"],
        "mrpc": ["MRPC.tsv"],
        "stsb": ["STS-B.tsv"],
        "qqp": ["QQP.tsv"],
        "mnli": ["MNLI-m.tsv", "MNLI-mm.tsv", "AX.tsv"],
        "qnli": ["QNLI.tsv"],
        "rte": ["RTE.tsv"],
        "wnli": ["WNLI.tsv"],
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cola", ("0", "1")),
        ("stsb", ()),
        ("mnli", ("entailment", "neutral", "contradiction")),
        ("rte", ("entailment", "not_entailment")),
        ("wnli", ("0", "1")),
    ],
)
def test_submission_has_the_sites_words(name: str, words: tuple[str, ...]) -> None:
    submission = TASKS[name].submission
    assert isinstance(submission, TableFormat)
    assert submission.words == words


def test_mnli_is_scored_on_both_and_answers_the_diagnostics() -> None:
    assert glue.MNLI.scored == ("validation_matched", "validation_mismatched")
    assert glue.MNLI.predicted == ("test_matched", "test_mismatched", "ax")
    assert glue.MNLI.hub is not None
    assert glue.MNLI.hub.splits["ax"] == ("ax", "test")


def test_cola_has_no_header_but_in_its_test_file(tmp_path: Path) -> None:
    source = folder(
        tmp_path,
        {
            "CoLA/train.tsv": 'ab12\t1\t\t"Quote" the bird.\nab12\t0\t*\tBird the sings.\n',
            "CoLA/dev.tsv": "cd34\t0\t*\tSings the.\n",
            "CoLA/test.tsv": "index\tsentence\n0\tA bird sings.\n",
        },
    )
    data = load(glue.COLA, source)
    assert [(e.id, e.text, e.pair, e.target) for e in data.train] == [
        ("0", '"Quote" the bird.', None, 1),
        ("1", "Bird the sings.", None, 0),
    ]
    assert [(e.text, e.target) for e in data.predicted["test"]] == [("A bird sings.", None)]


def test_mrpc_with_byte_order_mark_carriage_returns_and_stray_quotes(tmp_path: Path) -> None:
    header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"
    train = "\ufeff" + header + '1\t7\t8\tHe said "no.\tHe said no."\r\n' + '0\t7\t9\t"No" he said.\tShe left.\r\n'
    source = folder(tmp_path, {"MRPC/train.tsv": train})
    first, second = read_split(glue.MRPC, source, "train")
    assert (first.text, first.pair, first.target) == ('He said "no.', 'He said no."', 1)
    assert (second.text, second.target) == ('"No" he said.', 0)


def test_line_separators_within_a_sentence_do_not_end_it(tmp_path: Path) -> None:
    source = folder(tmp_path, {"SST-2/dev.tsv": "sentence\tlabel\na \u2028 b \x85 c\t1\n"})
    (only,) = read_split(glue.SST2, source, "validation")
    assert only.text == "a \u2028 b \x85 c"


def test_mnli_takes_the_gold_label_among_the_annotators(tmp_path: Path) -> None:
    texts = "n/a\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a\tAll birds sing.\tSome do."
    start = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\t"
    start += "sentence2_parse\tsentence1\tsentence2"
    annotators = "\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n"
    labels = "\tneutral\tentailment\tentailment\tentailment\tcontradiction\tentailment\n"
    source = folder(
        tmp_path,
        {
            "MNLI/train.tsv": f"{start}\tlabel1\tgold_label\n0\t{texts}\tneutral\tcontradiction\n",
            "MNLI/dev_matched.tsv": f"{start}{annotators}0\t{texts}{labels}",
            "diagnostic/diagnostic.tsv": "index\tsentence1\tsentence2\n0\tA bird.\tNo bird.\n",
        },
    )
    data = load(glue.MNLI, source)
    assert data.missing == ("validation_mismatched",)
    assert [e.target for e in data.train] == [2]
    assert [(e.text, e.pair, e.target) for e in data.scored["validation_matched"]] == [
        ("All birds sing.", "Some do.", 0)
    ]
    assert [(e.text, e.pair, e.target) for e in data.predicted["ax"]] == [("A bird.", "No bird.", None)]


def test_stsb_scores_are_numbers_and_the_test_set_has_none(tmp_path: Path) -> None:
    columns = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2"
    row = "0\tmain\tf\t2012\t1\tnone\tnone\tA bird.\tOne bird."
    train = f"{columns}\tscore\n{row}\t3.800\n"
    source = folder(tmp_path, {"STS-B/train.tsv": train, "STS-B/test.tsv": f"{columns}\n{row}\n"})
    assert [e.target for e in read_split(glue.STSB, source, "train")] == [3.8]
    assert [e.target for e in read_split(glue.STSB, source, "test")] == [None]


def test_stsb_targets_are_the_same_from_the_hubs_32_bit_floats() -> None:
    example = glue.STSB.read({"sentence1": "a", "sentence2": "b", "label": 3.799999952316284, "idx": 4})
    assert (example.id, example.target) == ("4", 3.8)
    assert glue.STSB.read({"sentence1": "a", "sentence2": "b", "label": -1.0, "idx": 4}).target is None


@pytest.mark.parametrize("label", [-1, None])
def test_unlabelled_rows_of_the_hub_have_no_target(label: int | None) -> None:
    example = glue.RTE.read({"sentence1": "a", "sentence2": "b", "label": label, "idx": 0})
    assert example.target is None


def test_a_data_folder_with_glue_in_it_works_too(tmp_path: Path) -> None:
    folder(tmp_path, {"glue/RTE/dev.tsv": "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tnot_entailment\n"})
    source = Source(kind="folder", root=tmp_path)
    assert source.splits(glue.RTE) == ("validation",)
    assert [e.target for e in read_split(glue.RTE, source, "validation")] == [1]


QQP_HEADER = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"


def test_qqp_passes_over_its_few_malformed_lines(tmp_path: Path) -> None:
    text = QQP_HEADER + "-1\t-1\t-1\tWho?\tWhat?\t0\n5\t6\t7\thalf of a\nquestion\n8\t9\t10\tWhy?\tHow come?\t1\n"
    examples = read_split(glue.QQP, folder(tmp_path, {"QQP/train.tsv": text}), "train")
    assert [(e.id, e.text, e.target) for e in examples] == [("0", "Who?", 0), ("1", "Why?", 1)]


def test_qqp_with_many_malformed_lines_is_an_error(tmp_path: Path) -> None:
    source = folder(tmp_path, {"QQP/train.tsv": QQP_HEADER + "1\t2\n" * 11})
    with pytest.raises(DataError, match=r"QQP.train\.tsv, line 12: found 2 columns, expected 6\."):
        read_split(glue.QQP, source, "train")


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        (
            "rte",
            "RTE/train.tsv",
            "index\tsentence1\tsentence2\tlabel\n0\ta\tb\n",
            r"line 2: found 3 columns, expected 4",
        ),
        (
            "rte",
            "RTE/train.tsv",
            "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n1\ta\tb\tmaybe\n",
            r"line 3: found the label 'maybe', expected entailment or not_entailment",
        ),
        ("rte", "RTE/train.tsv", "index\ttext\tlabel\n", r"line 1: found the columns .*expected \['sentence1', "),
        ("rte", "RTE/train.tsv", "", r"line 1: found the columns \[''\]"),
        (
            "cola",
            "CoLA/train.tsv",
            "ab\t1\t\tA bird.\nab\t2\t\tA cat.\n",
            r"line 2: found the label '2', expected 0 or 1",
        ),
        ("stsb", "STS-B/train.tsv", "sentence1\tsentence2\tscore\na\tb\tmuch\n", r"line 2: found the score 'much'"),
        (
            "stsb",
            "STS-B/train.tsv",
            "sentence1\tsentence2\tscore\na\tb\t5.1\n",
            r"'5\.1', expected a number from 0 to 5",
        ),
        ("stsb", "STS-B/train.tsv", "sentence1\tsentence2\tscore\na\tb\tnan\n", r"found the score 'nan'"),
        ("sst2", "SST-2/train.tsv", b"sentence\tlabel\nfine\t1\nna\xefve\t0\n", r"line 3: found the byte b'\\xef'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, file: str, content: str | bytes, message: str) -> None:
    source = folder(tmp_path, {file: content})
    with pytest.raises(DataError, match=message) as caught:
        read_split(TASKS[name], source, "train")
    assert str(tmp_path / file) in str(caught.value)


def test_a_header_alone_is_an_empty_split(tmp_path: Path) -> None:
    source = folder(tmp_path, {"RTE/train.tsv": "index\tsentence1\tsentence2\tlabel\n"})
    with pytest.raises(DataError, match=r"train split .* is empty"):
        read_split(glue.RTE, source, "train")


@pytest.mark.parametrize("name", TASKS)
def test_each_task_conforms_on_its_sample(name: str) -> None:
    check_task(TASKS[name])


def test_tasks_can_be_sent_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(glue.MNLI))
    assert again.folder.files == (glue.MNLI.folder and glue.MNLI.folder.files)


def test_import_is_light() -> None:
    heavy = "{'torch', 'datasets', 'pandas', 'sklearn', 'scipy'}"
    code = f"import sys, tasks.glue; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
