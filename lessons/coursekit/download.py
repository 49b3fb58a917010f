"""Bring a file from an address or a package index, and give up on a server that hangs."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
import urllib3
from tqdm import tqdm

SLOW_SECONDS, SLOW_BYTES = 30, 30_000  # fewer bytes in that many seconds: the mirror hangs
PIP_SECONDS = 1200  # more, and pip hangs
BAR = {"unit": "B", "unit_scale": True, "ncols": 88, "leave": False}


class BadFile(ValueError):
    """What came, or what lies here, is not what the registry says it is."""


class Dead(Exception):
    """No answer, or next to none: another question to this host would be as vain."""


def bring(mirror: dict, spec: dict, folder: Path) -> Path:
    """Bring what a mirror of the registry names: the file of ``spec``, or an archive that has it.

    An archive is held to its sha256, the file itself is not yet. Raises Dead, BadFile or OSError.
    """
    path = Path(tempfile.mkdtemp(dir=folder)) / "download"
    archive = mirror.get("archive")
    if "pip" in mirror:
        return _pip(mirror["pip"], archive, path.parent)
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
        try:
            with (
                requests.get(url, stream=True, timeout=_timeout()) as response,
                path.open("wb") as file,
                tqdm(desc=url.rpartition("/")[2], total=size, disable=quiet, **BAR) as bar,
            ):
                if not response.ok:
                    raise BadFile(f"HTTP {response.status_code} {response.reason}")
                received, mark, mark_time = 0, 0, time.monotonic()
                # read1 returns what has arrived, so that a trickle of bytes is seen as one.
                while chunk := response.raw.read1(1 << 18, decode_content=True):
                    file.write(chunk)
                    bar.update(len(chunk))
                    received += len(chunk)
                    if received > size:
                        raise BadFile(f"more than the registered {size:,} bytes")
                    if (now := time.monotonic()) - mark_time > SLOW_SECONDS:
                        if received - mark < SLOW_BYTES:
                            raise Dead(f"only {received - mark} bytes in {SLOW_SECONDS} s")
                        mark, mark_time = received, now
                if received == size:
                    return
        except urllib3.exceptions.ProtocolError:
            continue
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise Dead(f"no answer within {_timeout():g} s") from None
        except requests.RequestException as error:
            cause: BaseException = error
            while cause.__context__:  # at the bottom is what the system said
                cause = cause.__context__
            words = "refused" if isinstance(cause, ConnectionRefusedError) else cause
            raise Dead(f"no connection ({words})") from None
    raise BadFile("the connection broke off")


def _pip(requirement: str, archive: dict, folder: Path) -> Path:
    """Fetch "NAME==VERSION" with pip, so that its proxy and index settings hold.

    pip itself is told the sha256, so nothing of another archive is ever run; a wheel is only
    unpacked. (For a source archive pip asks its setup.py for the name, after the check.)
    """
    (folder / "wanted.txt").write_text(f"{requirement} --hash=sha256:{archive['sha256']}\n")
    kind = "--only-binary" if archive["kind"] == "wheel" else "--no-binary"
    options = (
        "-m pip download --disable-pip-version-check --quiet --no-deps --no-input --retries 0 "
        f"--timeout {_timeout():g} {kind} {requirement.partition('==')[0]} "
        "--require-hashes -r wanted.txt --dest out"
    )
    command, env = [sys.executable, *options.split()], {**os.environ, "TMPDIR": str(folder)}
    print(f"pip download {requirement}: {archive['bytes'] / 1e6:,.0f} MB …", file=sys.stderr)
    try:
        ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=PIP_SECONDS)
    except subprocess.TimeoutExpired:
        raise Dead(f"pip was not done after {PIP_SECONDS} s") from None
    said = ran.stderr.decode(errors="replace").strip()
    if ran.returncode == 0:
        return next((folder / "out").iterdir())
    if "DO NOT MATCH THE HASHES" in said:
        raise BadFile("refused: wrong sha256")
    if "(from versions: none)" in said:  # what pip says, too, when it reaches no index
        raise Dead("pip found no index that has it")
    raise BadFile(said.rpartition("\n")[2][:160])


def _timeout() -> float:
    return float(os.environ.get("COURSE_HTTP_TIMEOUT", "10"))
