"""A small fake of the Hugging Face hub on 127.0.0.1: datasets and models at one pinned revision each.

Point ``HF_ENDPOINT`` at ``hub.url`` *before* ``huggingface_hub`` is imported (it reads the variable then): in a
subprocess, with an ``HF_HOME`` of its own.
"""

import hashlib
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet

Kind = Literal["datasets", "models"]


@dataclass
class FakeHub:
    """What the server holds, and what it was asked: ``requests`` are like ``"GET /nyu-mll/glue/resolve/..."``."""

    url: str
    repositories: dict[tuple[str, str], tuple[str, dict[str, bytes]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def add(self, kind: Kind, name: str, files: Mapping[str, bytes], *, revision: str) -> None:
        """Publish a repository. ``revision`` is its one commit, 40 hex digits; ``main`` stands for it too."""
        self.repositories[kind, name] = (revision, dict(files))

    def add_dataset(
        self, name: str, configs: Mapping[str, Mapping[str, list[dict[str, Any]]]], *, revision: str
    ) -> None:
        """Publish rows by config and split, as Parquet and a README.md that lists them, as GLUE is on the hub."""
        files = {
            f"{config}/{split}-00000-of-00001.parquet": parquet(rows)
            for config, splits in configs.items()
            for split, rows in splits.items()
        }
        listed = [
            {
                "config_name": config,
                "data_files": [{"split": split, "path": f"{config}/{split}-*"} for split in splits],
            }
            for config, splits in configs.items()
        ]
        readme = f"---\nconfigs: {json.dumps(listed)}\n---\n"  # JSON is YAML
        self.add("datasets", name, {"README.md": readme.encode(), **files}, revision=revision)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return the status, headers and body for one path."""
        parts = unquote(urlsplit(path).path).strip("/").split("/")
        is_api = parts[0] == "api"
        parts = parts[1:] if is_api else parts
        kind = parts.pop(0) if is_api or parts[0] == "datasets" else "models"
        at = next((n for n in (1, 2) if (kind, "/".join(parts[:n])) in self.repositories), None)
        if at is None:
            return _not_found("RepoNotFound")
        name, rest = "/".join(parts[:at]), parts[at:]
        commit, files = self.repositories[kind, name]
        verb, revision = (rest + ["revision", "main"][len(rest) :])[:2]
        if revision not in (commit, "main"):
            return _not_found("RevisionNotFound")
        tail = "/".join(rest[2:])
        if is_api and verb == "revision":
            siblings = [{"rfilename": file} for file in files]
            info = {"id": name, "sha": commit, "private": False, "tags": [], "siblings": siblings}
            return 200, {"Content-Type": "application/json"}, json.dumps(info).encode()
        if is_api and verb == "tree":
            entries = _tree(files, tail, recursive="recursive=true" in path.lower())
            body = json.dumps(entries).encode()
            return (200, {"Content-Type": "application/json"}, body) if entries else _not_found("EntryNotFound")
        if not is_api and verb == "resolve" and tail in files:
            return 200, {"ETag": f'"{_digest(files[tail])}"', "X-Repo-Commit": commit}, files[tail]
        return _not_found("EntryNotFound")


@contextmanager
def serve() -> Iterator[FakeHub]:
    """Serve an empty hub on a free local port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.hub = hub = FakeHub(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as a Parquet file."""
    buffer = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()


def _tree(files: Mapping[str, bytes], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    """Return what is in a folder, folders first, as the hub lists it."""
    inside = {path.removeprefix(f"{folder}/"): path for path in files if not folder or path.startswith(f"{folder}/")}
    folders = sorted(
        {"/".join(parts[:n]) for path in inside if (parts := path.split("/")) for n in range(1, len(parts))}
    )
    listing = [{"type": "directory", "path": path, "oid": _digest(path.encode()), "size": 0} for path in folders] + [
        {"type": "file", "path": path, "oid": _digest(files[whole]), "size": len(files[whole])}
        for path, whole in inside.items()
    ]
    prefix = f"{folder}/" if folder else ""
    return [{**entry, "path": prefix + entry["path"]} for entry in listing if recursive or "/" not in entry["path"]]


def _digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _not_found(code: str) -> tuple[int, dict[str, str], bytes]:
    return 404, {"X-Error-Code": code}, b"{}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub: FakeHub = self.server.hub  # type: ignore[attr-defined]
        hub.requests.append(f"{self.command} {self.path}")
        status, headers, body = hub.answer(self.path)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""
