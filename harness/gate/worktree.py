"""The state of the code that lies around a model: what a kept result must not outlive."""

import hashlib
import subprocess
from pathlib import Path


def state_of(folder: Path) -> str | None:
    """Return a hash of a git work tree: its commit, what has changed since, and files that git does not know yet.

    Of the latter the size and the time of change count, so a large one costs nothing. ``None`` where there is no git
    or no commit: then nothing can be said of the code.
    """
    try:
        top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().rstrip("\n"))
        known = [_git(top, "rev-parse", "HEAD"), _git(top, "diff", "HEAD", "--binary", "--no-ext-diff")]
        others = _git(top, "ls-files", "--others", "--exclude-standard", "-z").decode(errors="surrogateescape")
    except (OSError, subprocess.CalledProcessError):
        return None
    state = hashlib.sha256(b"\0".join(known))
    for name in filter(None, others.split("\0")):
        about = (top / name).lstat()
        state.update(f"{name!r} {about.st_size} {about.st_mtime_ns}\n".encode())
    return state.hexdigest()


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True).stdout
