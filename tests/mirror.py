"""A mirror on this machine that misbehaves on request, a registry that points to it, archives."""

import contextlib
import hashlib
import io
import tarfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import tomlkit
from coursekit import fetch


class Mirror(ThreadingHTTPServer):
    """Serves ``content`` under /MANNER/NAME; what it does with it is the manner:

    good, gone (404), wrong (other bytes), short (fewer bytes, said so), cut (the connection ends
    early), once (cut the first time only), silent (no answer), stalls (half, then nothing),
    endless (far too much), slow (good after a while).
    """

    daemon_threads = True

    def __init__(self, content: bytes):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.asked, self.over = content, Counter(), threading.Event()

    def url(self, manner: str, name: str = "file") -> str:
        return f"http://127.0.0.1:{self.server_port}/{manner}/{name}"

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *args) -> None:
        pass

    def do_GET(self) -> None:
        server, manner = self.server, self.path.split("/")[1]
        server.asked[manner] += 1
        half = server.content[: len(server.content) // 2]
        bodies = dict.fromkeys(["short", "cut", "stalls"], half)
        bodies |= {"wrong": bytes(len(server.content)), "endless": bytes(30_000_000)}
        body = bodies.get(manner, server.content)
        if manner == "once" and server.asked["once"] == 1:
            body = half
        if manner == "silent":
            server.over.wait(20)
        if manner == "slow":
            time.sleep(1)
        self.send_response(404 if manner == "gone" else 200)
        if manner != "endless":
            size = len(half if manner == "short" else server.content)
            self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(body)
        if manner == "stalls":
            self.wfile.flush()
            server.over.wait(20)


@contextlib.contextmanager
def serve(content: bytes) -> Iterator[Mirror]:
    with Mirror(content) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


def listed(name: str, content: bytes, *mirrors: dict | str) -> dict:
    """The entry of a file with ``content`` in a registry."""
    asked = [{"url": mirror} if isinstance(mirror, str) else mirror for mirror in mirrors]
    return {"name": name, "mirror": asked, **known(content)}


def write_registry(path: Path, *files: dict) -> None:
    """Write a registry with the one data set "thing" of ``files``."""
    names = [file["name"] for file in files]
    table = {"licence": "ours", "sources": [names], "sample": names, "file": files}
    path.write_text(tomlkit.dumps({"thing": table}), encoding="utf-8")


def forget(monkeypatch=None) -> None:
    """Have fetch forget dead hosts, and the variables."""
    for name in ["DATA", "DATA_LOG", "DATA_CACHE", "HTTP_TIMEOUT", "STRICT"] if monkeypatch else []:
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
    fetch._dead.clear()


def known(archive: bytes) -> dict:
    return {"bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest()}


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_tar(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
