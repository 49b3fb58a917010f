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

VARIABLES = ["DATA", "DATA_LOG", "DATA_CACHE", "HTTP_TIMEOUT", "STRICT"]


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
        content, half = server.content, len(server.content) // 2
        if manner == "gone":
            self.send_error(404)
            return
        if manner == "silent":
            server.over.wait(20)
            return
        if manner == "slow":
            time.sleep(1)
        if manner == "wrong":
            content = bytes(len(content))
        if manner == "short":
            content = content[:half]
        self.send_response(200)
        if manner != "endless":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if manner == "cut" or (manner == "once" and server.asked[manner] == 1):
            self.wfile.write(content[:half])
            self.wfile.flush()
            self.connection.shutdown(2)
        elif manner == "stalls":
            self.wfile.write(content[:half])
            self.wfile.flush()
            server.over.wait(20)
        elif manner == "endless":
            for _ in range(500):  # 30 MB, should nobody hang up
                self.wfile.write(bytes(1 << 16))
        else:
            self.wfile.write(content)


@contextlib.contextmanager
def serve(content: bytes) -> Iterator[Mirror]:
    with Mirror(content) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()


def listed(name: str, content: bytes, *mirrors: dict | str) -> dict:
    """The entry of a file with ``content`` in a registry."""
    asked = [{"url": mirror} if isinstance(mirror, str) else mirror for mirror in mirrors]
    return {"name": name, "mirror": asked, **known(content)}


def write_registry(path: Path, *files: dict, **more) -> None:
    """Write a registry with the one data set "thing" of ``files``."""
    names = [file["name"] for file in files]
    table = {"licence": "ours", "sources": [names], "sample": names, "file": files, **more}
    path.write_text(tomlkit.dumps({"thing": table}), encoding="utf-8")
    fetch._parse.cache_clear()  # a registry is read once


def forget(monkeypatch=None) -> None:
    """Have fetch forget the registry, what it found, dead hosts and banners, and the variables."""
    for name in VARIABLES if monkeypatch else []:
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
    fetch._parse.cache_clear()
    fetch._dead.clear()
    fetch.sampled.clear()


def known(archive: bytes) -> dict:
    return {"bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest()}


def make_zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def make_tar(members: dict[str, bytes], link: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo("member")
            info.type, info.linkname = tarfile.SYMTYPE, link
            archive.addfile(info)
    return buffer.getvalue()
