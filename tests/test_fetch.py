"""Every way a download can fail ends in the right data or a clear error, not in a broken cache."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import requests
from coursekit import data, fetch
from mirror import forget, known, listed, make_tar, make_zip, serve, write_registry

from tools import data as make_data

CONTENT = bytes(range(256)) * 400  # 100 KiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOBODY = "http://127.0.0.1:9/<file>"


class Place:
    """A cache and a registry of a test's own."""

    def __init__(self, folder: Path):
        self.folder, self.cache, self.registry = folder, folder / "cache", folder / "registry.toml"

    def left(self) -> list[str]:
        """What lies in the cache, but for the lock."""
        names = (path.name for path in self.cache.rglob("*"))
        return sorted(name for name in names if not name.endswith(".lock"))

    def locate(self, *mirrors) -> fetch.Files:
        write_registry(self.registry, listed("file", CONTENT, *mirrors))
        return fetch.locate("thing")

    def refused(self, *mirrors) -> str:
        """Expect an error, a clean cache and nothing else; return the message."""
        with pytest.raises(fetch.DataUnavailable) as caught:
            self.locate(*mirrors)
        assert self.left() == []
        return str(caught.value)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    here = Place(tmp_path / "한글 폴더")
    (here.folder / "sample").mkdir(parents=True)
    (here.folder / "sample" / "file").write_bytes(b"sample")
    forget(monkeypatch)
    monkeypatch.setattr(fetch, "REGISTRY", here.registry)
    monkeypatch.setattr(fetch, "SAMPLE", here.folder / "sample")
    monkeypatch.setenv("COURSE_DATA_CACHE", str(here.cache))
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "60")  # a busy machine is no dead host
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
        ("silent", "no answer (timed out)"),
        ("stalls", "no answer (timed out)"),
        ("endless", "more than the registered 102,400 bytes"),
    ],
)
def test_each_failure_is_named_and_leaves_nothing(place, mirror, monkeypatch, manner, answer):
    if manner in ("silent", "stalls"):
        monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "0.6")
    assert answer in place.refused(mirror.url(manner))
    if manner in ("silent", "stalls"):
        monkeypatch.setenv("COURSE_HTTP_TIMEOUT", "60")
        assert "not asked again" in place.refused(mirror.url("good"))
        assert mirror.asked == {manner: 1}, "a dead host is asked once"
        forget()
    assert place.locate(mirror.url("good")).read("file") == CONTENT


def test_a_transfer_that_breaks_off_once_is_tried_again(place, mirror):
    assert place.locate(mirror.url("once")).read("file") == CONTENT
    assert mirror.asked["once"] == 2


def test_why_an_address_cannot_be_asked_is_told(place, monkeypatch):
    assert "no answer (" in place.refused("http://no-such-host.invalid/file")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such.pem")
    assert "/no/such.pem" in place.refused("https://127.0.0.1:9/file")

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
    assert place.left() == ["file"]


def test_an_archive_with_two_files_is_fetched_once(place):
    contents = {"file": CONTENT, "other": CONTENT[::-1]}
    archive = make_zip(contents)
    with serve(archive) as server:
        mirror = {"url": server.url("good"), "archive": known(archive)}
        files = [listed(name, made, mirror | {"member": name}) for name, made in contents.items()]
        write_registry(place.registry, *files)
        found = fetch.locate("thing")
        assert {name: found.read(name) for name in contents} == contents
        assert server.asked == {"good": 1}
    assert place.left() == ["file", "other"]


# --- folders ------------------------------------------------------------------------------------


def test_a_cache_that_cannot_be_written(place, mirror, monkeypatch):
    (place.folder / "plain").write_text("")
    monkeypatch.setenv("COURSE_DATA_CACHE", str(place.folder / "plain" / "cache"))
    message = place.refused(mirror.url("good"))
    assert f"{fetch.cache_dir()}: cannot be written (Not a directory)" in message
    assert not mirror.asked


def test_a_file_that_cannot_be_moved_to_the_cache_is_not_had(place, mirror, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        assert "Operation not permitted" in place.refused(mirror.url("good"))
    assert fetch.locate("thing").read("file") == CONTENT, "with leave, it works"


def test_the_folder_of_course_data_comes_first_and_is_not_written(place, mirror, monkeypatch):
    file = place.folder / "mine" / "file"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_DATA", str(file.parent))
    assert place.locate(mirror.url("good")).read("file") == CONTENT
    assert not mirror.asked and not place.cache.exists()
    file.write_bytes(b"something else")
    assert place.locate(mirror.url("good")).read("file") == CONTENT
    assert file.read_bytes() == b"something else" and place.left() == ["file"]


def test_a_named_folder_that_is_not_there_is_said(place, mirror, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "/mnt/typo")
    assert "COURSE_DATA=/mnt/typo: 그런 폴더가 없습니다" in place.refused(mirror.url("gone"))
    capsys.readouterr()
    assert place.locate(mirror.url("good")).source == "real"
    assert "COURSE_DATA=/mnt/typo" in capsys.readouterr().err, "also where a mirror helps"


def test_two_processes_at_once_fetch_once_and_both_get_the_data(place, mirror):
    write_registry(place.registry, listed("file", CONTENT, mirror.url("slow")))
    code = (
        "import hashlib, pathlib, sys; from coursekit import fetch;"
        "fetch.REGISTRY = pathlib.Path(sys.argv[1]);"
        "print(hashlib.sha256(fetch.locate('thing').read('file')).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(place.registry)]
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    answers = [process.communicate(timeout=300)[0] for process in pair]
    assert [out.strip().decode() for out in answers] == [SHA256] * 2, answers
    assert mirror.asked == {"slow": 1}
    assert place.left() == ["file"]


# --- archives -----------------------------------------------------------------------------------


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
    assert from_archive(place, make({"other": b"", "member": CONTENT})).read("file") == CONTENT
    assert place.left() == ["file"]
    with pytest.raises(fetch.BadFile, match="no whole archive with a member 'another'"):
        fetch.read_member(make({"member": CONTENT}), "another", 9)


@pytest.mark.parametrize(
    ("archive", "answer"),
    [
        (make_zip({"member": CONTENT}), None),
        (make_zip({"member": CONTENT[::-1]}), "git blob id"),
        (make_zip({"member": CONTENT + bytes(1)}), "git blob id"),
        (make_zip({"other": CONTENT}), "no whole archive"),
        (b"neither zip nor tar", "no whole archive"),
        (make_tar({"member": CONTENT})[:-30], "no whole archive"),
    ],
)
def test_an_archive_may_be_known_by_what_git_calls_its_member(place, archive, answer):
    """As that of Jena, of which no sha256 is published."""
    git = ["git", "hash-object", "--stdin"]
    blob = subprocess.run(git, input=CONTENT, capture_output=True, check=True).stdout.decode()
    inside = {"member": "member", "git_blob": blob.strip(), "bytes_max": len(CONTENT)}
    with serve(archive) as server:
        file = listed("file", archive, server.url("good")) | {"inside": inside}
        del file["sha256"]
        write_registry(place.registry, file)
        if answer is None:
            assert fetch.locate("thing").read("file") == archive
            return
        with pytest.raises(fetch.DataUnavailable, match=answer):
            fetch.locate("thing")
    assert place.left() == []


def test_of_a_member_no_more_is_read_than_shows_that_it_is_too_large():
    assert len(fetch.read_member(make_zip({"member": CONTENT}), "member", 99)) == 100


@pytest.fixture
def index(tmp_path, monkeypatch) -> Path:
    """pip sees this folder and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


def make_wheel(folder: Path, tag: str = "any") -> dict:
    """Make the wheel "coursething", which must never be imported, and return its mirror."""
    info = "coursething-1.0.dist-info"
    wheel = make_zip(
        {
            "coursething/__init__.py": b"raise SystemExit('imported')",
            "coursething/member": CONTENT,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: coursething\nVersion: 1.0\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            + f"Tag: py3-none-{tag}\n".encode(),
            f"{info}/RECORD": b"",
        }
    )
    folder.mkdir()
    (folder / f"coursething-1.0-py3-none-{tag}.whl").write_bytes(wheel)
    return {"pip": "coursething==1.0", "member": "coursething/member", "archive": known(wheel)}


@pytest.mark.parametrize("platform", ["any", "win_arm64"])
def test_a_wheel_of_any_machine_is_fetched_with_pip_and_never_imported(place, index, platform):
    wheel = make_wheel(index, platform)
    if platform != "any":
        wheel["archive"]["platform"] = platform
    assert place.locate(wheel).read("file") == CONTENT
    assert place.left() == ["file"] and "coursething" not in sys.modules


def test_a_wheel_with_another_hash_is_refused(place, index):
    wheel = make_wheel(index)
    wheel["archive"]["sha256"] = SHA256
    assert "DO NOT MATCH THE HASHES" in place.refused(wheel)


def test_an_index_that_cannot_be_reached_fails_fast(place, index, monkeypatch):
    wheel = make_wheel(index)
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert "No matching distribution found for coursething==1.0" in place.refused(wheel)
    assert "not asked again" in place.refused(wheel)


# --- nothing is opened before it was checked ------------------------------------------------------


@pytest.mark.parametrize("lies", ["in COURSE_DATA", "in the cache", "at the mirror"])
def test_a_pickle_with_the_wrong_hash_is_never_loaded(place, mirror, monkeypatch, lies):
    write_registry(place.registry, listed("reuters.npz", CONTENT, mirror.url("wrong")))
    text = place.registry.read_text()
    place.registry.write_text(text.replace("thing", "reuters"))
    place.cache.mkdir()
    if lies != "at the mirror":
        folder = place.cache if lies == "in the cache" else place.folder
        (folder / "reuters.npz").write_bytes(bytes(len(CONTENT)))
    monkeypatch.setenv("COURSE_DATA", str(place.folder))
    monkeypatch.setattr(np, "load", lambda *given, **more: pytest.fail("it was loaded"))
    with pytest.raises(fetch.DataUnavailable, match="wrong sha256"):
        data.load_reuters()


def test_a_file_that_changes_after_it_was_checked_is_not_read(place, mirror):
    found = place.locate(mirror.url("good"))
    (place.cache / "file").write_bytes(b"few")  # as with other line endings
    assert found.read("file") == CONTENT
    told = f"{place.cache}/file: refused: wrong sha256 .* 3 bytes instead of 102,400"
    with pytest.raises(fetch.DataUnavailable, match=told):
        place.locate()


# --- what the reader is told --------------------------------------------------------------------


def test_strict_names_the_file_the_addresses_with_answers_and_the_folder(place, mirror):
    message = place.refused(mirror.url("gone"), mirror.url("wrong"), NOBODY)
    assert "Files: file" in message
    assert f"{mirror.url('gone')}: HTTP 404" in message
    assert f"{mirror.url('wrong')}: refused: wrong sha256" in message
    assert f"{NOBODY}: no answer ([Errno {errno.ECONNREFUSED}]" in message
    assert f"put the files into {place.cache}" in message


@pytest.mark.parametrize("strict", ["0", "", None])
def test_without_strict_the_sample_is_used_and_says_so(place, mirror, monkeypatch, capsys, strict):
    monkeypatch.delenv("COURSE_STRICT")
    if strict is not None:
        monkeypatch.setenv("COURSE_STRICT", strict)
    for _ in range(2):  # a cell that is run again loses what it said
        found = place.locate(mirror.url("gone"))
        assert found.source == "sample" and found.read("file") == b"sample"
        told = capsys.readouterr().err
        assert "SAMPLE DATA: thing" in told and "HTTP 404" in told and "!" * 78 in told
        assert str(place.cache) in told


def test_in_a_notebook_the_banner_is_a_box(place, monkeypatch):
    import IPython
    import IPython.display

    class Shell:
        kernel = object()

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: shown.append(bundle))
    monkeypatch.delenv("COURSE_STRICT")
    place.locate(NOBODY)
    assert 'class="course-sample-banner"' in shown[0]["text/html"]
    assert "&lt;file&gt;" in shown[0]["text/html"]
    assert "SAMPLE DATA: thing" in shown[0]["text/plain"]


def test_the_sample_on_request_asks_nobody(place, mirror, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "sample")
    assert "contradict" in place.refused(mirror.url("good"))
    monkeypatch.delenv("COURSE_STRICT")
    assert place.locate(mirror.url("good")).source == "sample"
    assert not mirror.asked


def test_every_opened_file_is_logged(place, mirror, monkeypatch):
    log = place.folder / "log.jsonl"
    monkeypatch.setenv("COURSE_DATA_LOG", str(log))
    monkeypatch.delenv("COURSE_STRICT")
    lines = []
    for named, source, content in (("", "real", CONTENT), ("sample", "sample", b"sample")):
        monkeypatch.setenv("COURSE_DATA", named)
        place.locate(mirror.url("good")).read("file")
        digest = hashlib.sha256(content).hexdigest()
        lines.append({"file": "file", "sha256": digest, "source": source})
    assert [json.loads(text) for text in log.read_text().splitlines()] == lines


def test_make_data_goes_through_all_and_counts_the_missing(place, mirror, capsys):
    write_registry(place.registry, listed("file", CONTENT, mirror.url("gone")))
    more = place.registry.read_text().replace("thing", "other").replace("gone", "good")
    place.registry.write_text(place.registry.read_text() + more)
    assert make_data.main() == 1
    told = capsys.readouterr().out
    assert "missing" in told and "ready" in told and "102,400" in told and "ours" in told
    place.registry.write_text(more)
    assert make_data.main() == 0


def test_no_tensorflow_is_imported():
    code = "import sys, coursekit.data; assert not {'keras', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


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
