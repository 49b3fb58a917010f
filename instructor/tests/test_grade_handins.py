"""Names, times and files as people hand them in: each ends in one row that says what it is."""

import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading import handins, outputs
from grading.result import Part, Result


def put(folder: Path, name: str, content=b"{}", when: float | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if when is not None:
        os.utime(path, (when, when))
    return path


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-21 07:00:00.000000 UTC", 7),
        ("2026-11-21 16:00 KST", 7),
        ("2026-11-21T16:00:00+09:00", 7),
        ("2026-11-21T07:00:00Z", 7),
        ("2026-11-21 07:00", 7),
    ],
)
def test_a_time_is_read_with_its_zone(text, hour):
    assert handins.parse_time(text) == datetime(2026, 11, 21, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00+00:00",
        "2026-11-21 07:00:00 XYZ",
        "2026-11-21 07:00+99:99",
        "어제",
        "",
        "\0",
    ],
)
def test_a_time_that_is_none_falls_back_on_the_files_and_is_told(tmp_path, text):
    with pytest.raises(ValueError):
        handins.parse_time(text)
    put(tmp_path, "가/hw.ipynb", when=1.8e9)
    put(tmp_path, "가/timestamp.txt", text.encode())
    ((handin,), left_out) = handins.find(tmp_path, "hw")
    assert not left_out and handin.timestamp == datetime.fromtimestamp(1.8e9, UTC)
    assert "timestamp.txt" in handin.notes[0] and "timestamp.txt" in handin.alarms[0]


@pytest.mark.parametrize("when", [-6e9, 0.0, 1e10])
def test_a_file_of_no_time_is_still_handed_in(tmp_path, when):
    put(tmp_path, "가.ipynb", when=when)
    ((handin,), _) = handins.find(tmp_path, "hw")
    assert handins.EARLIEST <= handin.timestamp <= handins.LATEST


def test_a_name_in_nfc_and_nfd_is_one_student_and_the_last_hand_in_counts(tmp_path):
    nfd = unicodedata.normalize("NFD", "홍길동")
    put(tmp_path, "홍길동.ipynb", b"first", 1.8e9)
    put(tmp_path, f"{nfd}.ipynb", b"second", 1.8e9 + 60)
    put(tmp_path, "홍길동/hw.ipynb", b"third", 1.8e9 + 30)
    ((handin,), left_out) = handins.find(tmp_path, "hw")
    assert (handin.student, handin.content) == ("홍길동", b"second")
    assert len(left_out) == 2 and all("earlier hand-in of 홍길동" in line for line in left_out)
    assert "3개" in handin.notes[0] and "3 hand-ins" in handin.alarms[0]


def test_names_that_look_alike_stay_two_and_are_told(tmp_path):
    for name in ("홍길동", "홍길동\u200b", "홍길동 [2]", "홍길동<U+200B>", "２0261234", "20261234"):
        put(tmp_path, f"{name}.ipynb")
    found, _ = handins.find(tmp_path, "hw")
    names = [handin.student for handin in found]
    # A name that is typed like another one's escape is that student's second hand-in, and told.
    assert sorted(names) == sorted(
        ["홍길동", "홍길동<U+200B>", "홍길동 [2]", "２0261234", "20261234"]
    )
    assert len({handin.slug for handin in found}) == len(found)
    alarms = {handin.student: " ".join(handin.alarms) for handin in found}
    assert "looks like 홍길동" in alarms["홍길동<U+200B>"]
    assert "looks like 20261234" in alarms["２0261234"]
    assert not alarms["홍길동 [2]"]


def test_names_print_on_one_line_and_old_encodings_are_read(tmp_path):
    folder = os.fsencode(tmp_path)
    for raw in ("한글".encode("cp949"), b"\xff\xfe", "a\nGraded 99\x1b[2J\u202eb".encode()):
        with open(os.path.join(folder, raw + b".IPYNB"), "wb") as stream:
            stream.write(b"{}")
    found, _ = handins.find(tmp_path, "hw")
    names = sorted(handin.student for handin in found)
    assert "한글" in names
    assert all(name.isprintable() for name in names), names
    assert any("<U+000A>Graded 99<U+001B>" in name for name in names)


def test_a_folder_takes_a_notebook_however_its_ending_is_written(tmp_path):
    put(tmp_path, "가/HW.IPYNB", b"x")
    ((handin,), _) = handins.find(tmp_path, "hw")
    assert handin.content == b"x"


# --- what the tables say of them ------------------------------------------------------------------


def result(student: str, **fields) -> Result:
    given = {"file": "x", "timestamp": "2026-11-21T07:00:00+00:00", "sha256": "a", "key": "k"}
    given |= {"parts": [Part("part", "부분", 0.93, 1)], "fingerprint": "f"}
    return Result(student, **(given | fields))


def test_an_unreadable_or_empty_hand_in_is_no_plain_zero():
    assert result("가", unreadable="x", fingerprint=None).state == "unreadable"
    assert result("가", fingerprint=None).state == "empty"
    assert result("가", stopped="time").state == "stopped: time"
    assert result("가").state == "graded"


def test_copies_are_told_by_name_and_empty_files_are_none():
    results = [result(name) for name in ("0", "10", "100")]
    results += [result(name, fingerprint=None, sha256="e") for name in ("빈1", "빈2")]
    alarms = outputs.alarms(results)
    assert alarms == {
        "0": ["same file as 10, 100"],
        "10": ["same file as 0, 100"],
        "100": ["same file as 0, 10"],
    }
    other = outputs.alarms([result("0", alarms=["history 0.10"]), result("10", sha256="b")])
    assert other["0"] == ["history 0.10", "same code as 10"]


@pytest.mark.parametrize("name", ["=1+1", "＝1+1", " =1+1", "+1", "-1", "@a", "\t=1", "﹣1"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name):
    assert outputs.cell(name) == f"'{name}"


def test_a_score_has_two_decimals(tmp_path):
    from types import SimpleNamespace

    from grading.penalty import Deadline

    homework = SimpleNamespace(name="hw", points=1, checks=[SimpleNamespace(name="part", prose=())])
    due = Deadline(datetime(2026, 11, 20, 8, tzinfo=UTC), 7)
    outputs.table(tmp_path / "grades.csv", homework, [result("가")], due)
    assert "0.93,0.07,0.86,1,0.93,graded," in (tmp_path / "grades.csv").read_text("utf-8-sig")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        outputs.write(tmp_path / "x", "text")
    assert not list(tmp_path.iterdir())
