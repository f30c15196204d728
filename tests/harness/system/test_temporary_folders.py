"""What multiprocessing leaves in TMPDIR: a killed process's folder goes, a living one's and a stranger's stay."""

import os
import signal
import subprocess
import sys
from pathlib import Path

CHILD = """
import sys
from multiprocessing import util
from harness.system import temporary_folders
temporary_folders.mark()
print(util.get_temp_dir(), flush=True)
sys.stdin.read()
"""
SWEEPER = "from harness.system import temporary_folders; print(*temporary_folders.sweep())"


def test_only_a_killed_process_of_ours_is_swept(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    stranger = tmp_path / "pymp-stranger"
    stranger.mkdir()
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD], env=environment, stdin=-1, stdout=-1, text=True)
        for _ in range(2)
    ]
    killed, living = (Path(child.stdout.readline().strip()) for child in children if child.stdout)

    def sweep() -> str:
        return subprocess.run(
            [sys.executable, "-c", SWEEPER], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    assert sweep() == ""
    children[0].send_signal(signal.SIGKILL)
    children[0].communicate()
    assert killed.exists(), "multiprocessing leaves it"
    assert sweep() == str(killed)
    assert {*tmp_path.iterdir()} == {stranger, living}
    children[1].communicate()
    assert [*tmp_path.iterdir()] == [stranger], "who ends by itself removes its own"
