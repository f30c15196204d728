"""What is published gives away no folder beyond what was given on a command line."""

from pathlib import Path

import pytest

from harness.system.disclosure import published_command, published_message, without_own_home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "h.me"
    (home / "projects" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(tmp_path / "link"))
    monkeypatch.chdir(home / "projects" / "deep")
    return home


def test_the_home_folder_is_a_tilde_however_it_is_called(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    for folder in (home, link):
        assert without_own_home(f"run --data {folder}/data --model a={folder}/b '{folder}'") == (
            "run --data ~/data --model a=~/b '~'"
        )
        assert without_own_home(f'{{"path": "{folder}"}}, file://{folder}/x') == '{"path": "~"}, file://~/x'
        assert without_own_home(f"{folder}-too {folder}.txt x{folder}") == f"{folder}-too {folder}.txt x{folder}"


def test_any_home_is_a_tilde_in_a_command() -> None:
    given = "run --out /home/ada/runs --data /Users/bob/glue --model m=/root/ckpt --data=/data/glue"
    assert published_command(given) == "run --out ~/runs --data ~/glue --model m=~/ckpt --data=/data/glue"
    assert published_command("https://x.org/home/ada and /rooted") == "https://x.org/home/ada and /rooted"


def test_of_a_path_in_a_message_the_end_is_left(home: Path) -> None:
    here = home / "projects" / "deep"
    assert published_message(f"{here}/data/SST-2/dev.tsv: row 3") == "data/SST-2/dev.tsv: row 3"
    assert published_message(f"{home}/secret/data/dev.tsv: row 3") == "…/dev.tsv: row 3"
    assert published_message("/mnt/secret/data/dev.tsv, /mnt/secret/x: no") == "…/dev.tsv, …/x: no"
    assert published_message("/home/ada/x/y.json") == "…/y.json"
    assert published_message("File '/opt/v/lib/python3.11/site-packages/torch/nn.py'") == "File 'torch/nn.py'"
    for text in ("https://hub.co/a/b/c", "glue/SST-2", "a/b and n/a", "1/2", "~"):
        assert published_message(text) == text


@pytest.mark.parametrize("value", ["/", "", "relative"])
def test_a_home_that_is_none_changes_nothing(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", value)
    assert without_own_home("/a/b relative") == "/a/b relative"
