from pathlib import Path

import pytest

from harness.api.data import FolderData
from harness.data.folder import explain_absence, find_files

DATA = FolderData(
    files={"train": "SST-2/train.tsv", "dev": "SST-2/dev.tsv", "ax": ("ax/short.tsv", "ax/full.tsv")},
    read=lambda path: [],
    child=("glue", "glue_data"),
)
FLAT = FolderData(files={"train": "train.json"}, read=lambda path: [])


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def found(root: Path, data: FolderData = DATA) -> dict[str, str]:
    return {split: str(path.relative_to(root)) for split, (path,) in find_files(data, root).items()}


@pytest.mark.parametrize(
    "train",
    ["SST-2/train.tsv", "glue/SST-2/train.tsv", "glue_data/SST-2/train.tsv", "sst-2/train.tsv", "GLUE/Sst-2/Train.TSV"],
)
def test_names_are_those_of_the_layout_but_for_case(tmp_path: Path, train: str) -> None:
    put(tmp_path, train)
    assert found(tmp_path) == {"train": train}


def test_the_first_of_several_that_is_there_counts(tmp_path: Path) -> None:
    put(tmp_path, "ax/full.tsv")
    assert found(tmp_path) == {"ax": "ax/full.tsv"}
    put(tmp_path, "ax/short.tsv")
    assert found(tmp_path) == {"ax": "ax/short.tsv"}


def test_a_child_that_holds_any_is_taken_whole_and_an_empty_one_is_not(tmp_path: Path) -> None:
    put(tmp_path, "SST-2/train.tsv", "SST-2/dev.tsv", "glue/.keep")
    assert found(tmp_path) == {"train": "SST-2/train.tsv", "dev": "SST-2/dev.tsv"}
    put(tmp_path, "glue/SST-2/dev.tsv")
    assert found(tmp_path) == {"dev": "glue/SST-2/dev.tsv"}


def test_the_exact_name_goes_before_one_of_another_case_and_two_of_another_are_none(tmp_path: Path) -> None:
    put(tmp_path, "sst-2/train.tsv", "sST-2/train.tsv")
    assert found(tmp_path) == {}
    put(tmp_path, "SST-2/train.tsv")
    assert found(tmp_path) == {"train": "SST-2/train.tsv"}


@pytest.mark.parametrize("name", ["SST-2", "sst-2"])
def test_the_folder_may_be_that_of_the_task_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, "train.tsv", "dev.tsv", "short.tsv")
    assert found(tmp_path / name) == {"train": "train.tsv", "dev": "dev.tsv"}


def test_a_folder_of_another_name_is_not_taken_for_the_tasks(tmp_path: Path) -> None:
    put(tmp_path / "RTE", "train.tsv", "dev.tsv")
    assert found(tmp_path / "RTE") == {}


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "train.json").mkdir()
    assert found(tmp_path, FLAT) == {}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "expected SST-2/train.tsv, found nothing in data"),
        (["sst2/train.tsv", ".hidden"], "expected SST-2/train.tsv, found sst2/ in data"),
        (["SST-2/dev.tsv", "SST-2/test.tsv"], "expected SST-2/train.tsv, found dev.tsv, test.tsv in SST-2"),
        (["glue/SST-2/test.tsv"], "expected SST-2/train.tsv, found test.tsv in SST-2"),
        (["foo/SST-2/train.tsv"], "found foo/SST-2/train.tsv; give --data the folder foo in it"),
        ([f"{n:02}" for n in range(14)], f"found {', '.join(f'{n:02}' for n in range(12))}, 2 more in data"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_with_what_is(tmp_path: Path, files: list[str], reason: str) -> None:
    root = tmp_path / "data"
    root.mkdir()
    put(root, *files)
    assert reason in explain_absence(DATA, root, ["train"])


MANY = FolderData(files={"train": "train.txt", "test": ("test.txt", "*.txt")}, read=lambda path: [], lone="test")


def test_a_star_stands_for_all_files_that_are_no_other_split(tmp_path: Path) -> None:
    put(tmp_path, "b.txt", "a.txt", "Train.txt", "other.md")
    assert find_files(MANY, tmp_path) == {
        "train": (tmp_path / "Train.txt",),
        "test": (tmp_path / "a.txt", tmp_path / "b.txt"),
    }
    put(tmp_path, "test.txt")
    assert find_files(MANY, tmp_path)["test"] == (tmp_path / "test.txt",)


def test_a_single_file_is_the_split_of_its_name_or_the_lone_one(tmp_path: Path) -> None:
    put(tmp_path, "train.txt", "book.md")
    assert find_files(MANY, tmp_path / "train.txt") == {"train": (tmp_path / "train.txt",)}
    assert find_files(MANY, tmp_path / "book.md") == {"test": (tmp_path / "book.md",)}
    assert find_files(FLAT, tmp_path / "book.md") == {}
    assert explain_absence(FLAT, tmp_path / "book.md", ["train"]) == "expected train.json, found the file book.md"
