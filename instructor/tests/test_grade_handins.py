"""Names, times and files as people hand them in: each ends in one row that says what it is."""

import json
import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading import handins, outputs
from grading.result import Part, Result, load

MOODLE = "_assignsubmission_file"


def put(folder: Path, name: str, content=b"{}", when: float | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if when is not None:
        os.utime(path, (when, when))
    return path


TIMES = dict.fromkeys(
    [
        *("2026-11-21 07:00:00.000000 UTC", "2026-11-21 16:00 KST", "2026-11-21 07:00"),
        *("2026-11-21T16:00:00+09:00", "2026-11-21T07:00:00Z"),
    ],
    datetime(2026, 11, 21, 7, tzinfo=UTC),
) | dict.fromkeys(
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-21 07:00+99:99"]
    + ["2026-11-21 07:00:00 XYZ", "어제", "", "\0"]
)


@pytest.mark.parametrize("text", TIMES)
def test_nbgraders_time_is_read_with_its_zone_or_the_files_own_counts_and_is_told(tmp_path, text):
    put(tmp_path, "가/hw/hw.ipynb", when=1.8e9)
    put(tmp_path, "가/hw/timestamp.txt", text.encode())
    ((handin,), _) = handins.find(tmp_path, "hw")
    if handin.own_time:
        assert handin.timestamp == TIMES[text] and not handin.alarms
    else:
        assert TIMES[text] is None and handin.timestamp == datetime.fromtimestamp(1.8e9, UTC)
        assert "timestamp.txt" in handin.notes[0] and "timestamp.txt" in handin.alarms[0]


# The files, each a minute after the one before it, and of each student the number of the one that
# counts, with what the instructor is told.
FOUND = {
    "a name in NFC and in NFD is one student, and the last hand-in counts": (
        ["홍길동/hw.ipynb", "홍길동.ipynb", unicodedata.normalize("NFD", "홍길동") + ".ipynb"],
        {"홍길동": (2, "3 hand-ins under this name")},
    ),
    "names that look alike stay two": (
        ["홍길동.ipynb", "홍길동\u200b.ipynb", "홍길동 [2].ipynb"]
        + ["２0261234.ipynb", "20261234.ipynb"],
        {"홍길동": (0, "looks like 홍길동<U+200B>"), "홍길동<U+200B>": (1, "looks like 홍길동")}
        | {"홍길동 [2]": (2, ""), "２0261234": (3, "like 202"), "20261234": (4, "like ２02")},
    ),
    "a name that is typed like another one's escape": (
        ["홍길동<U+200B>.ipynb", "홍길동\u200b.ipynb"],
        {"홍길동<U+200B>": (1, "2 hand-ins under this name")},
    ),
    "two hand-ins of one Canvas user": (
        ["kim_12345_100_hw.ipynb", "kim_LATE_12345_101_hw-1.ipynb"],
        {"kim": (1, "2 hand-ins under this name")},
    ),
    "two people of one name": (
        [f"김철수_1{MOODLE}/hw.ipynb", f"김철수_2{MOODLE}/hw.ipynb"],
        {"김철수_1": (0, ""), "김철수_2": (1, "")},
    ),
    # The task itself tells to make a copy: the one that is left may be the one with the work.
    "several notebooks in a folder": (
        ["가/hw.ipynb", "가/hw의 사본.ipynb", "나/hw의 사본.ipynb", "나/hw의 사본 (1).ipynb"],
        {"가": (0, "2 notebooks; graded hw.ipynb, not hw의 사본.ipynb")}
        | {"나": (3, "2 notebooks; graded hw의 사본 (1).ipynb, not hw의 사본.ipynb")},
    ),
    "a copy beside its original": (
        ["홍길동.ipynb", "홍길동 (1).ipynb", "홍길동의 사본.ipynb", "Copy of 홍길동.ipynb"]
        + ["홍길동 - 복사본.ipynb", "이영희.ipynb", "강참고 (1).ipynb"],
        {"홍길동": (0, "looks like"), "홍길동 (1)": (1, "like"), "홍길동의 사본": (2, "like")}
        | {"Copy of 홍길동": (3, "looks like"), "홍길동 - 복사본": (4, "looks like")}
        | {"이영희": (5, ""), "강참고 (1)": (6, "")},
    ),
    "the folders of nbgrader": (
        ["가/hw/HW.IPYNB", "가/other/other.ipynb", "가/hw/._hw.ipynb"],
        {"가": (0, "")},
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_who_handed_in_what(tmp_path, case):
    files, students = FOUND[case]
    for number, name in enumerate(files):
        put(tmp_path, name, str(number).encode(), 1.8e9 + 60 * number)
    found, left_out = handins.find(tmp_path, "hw")
    assert {h.student: int(h.content) for h in found} == {s: n for s, (n, _) in students.items()}
    for handin in found:
        wanted, told = students[handin.student][1], " ".join(handin.alarms)
        assert wanted in told and bool(wanted) == bool(told)
        count = re.match(r"\d*", told)[0]  # the student reads of own files, of no other student
        assert f"{count}개" in "".join(handin.notes) if count else not handin.notes
    assert not left_out
    assert len({handins.slug(handin.student) for handin in found}) == len(found)


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


@pytest.mark.parametrize(
    ("name", "student", "lms", "number"),
    [
        (f"홍길동_12345{MOODLE}/hw.ipynb", "홍길동", "moodle", "12345"),
        (f"홍길동_12345{MOODLE}_/숙제.ipynb", "홍길동", "moodle", "12345"),
        (f"홍길동_12345{MOODLE}_숙제.ipynb", "홍길동", "moodle", "12345"),
        ("kim_12345_67890_숙제.ipynb", "kim", "canvas", "12345"),
        ("kim_LATE_12345_67890_숙제-2.ipynb", "kim", "canvas", "12345"),
        ("20261234.ipynb", "20261234", "", ""),
        ("김_철수.ipynb", "김_철수", "", ""),
        ("team_12_34.ipynb", "team_12_34", "", ""),
    ],
)
def test_what_a_platform_writes_around_a_name_is_taken_off(tmp_path, name, student, lms, number):
    path = put(tmp_path, name, when=1e10)  # no time is too odd for a file
    if path.parent != tmp_path:  # what a student put beside the notebook tells no time
        put(path.parent, "timestamp.txt", b"2020-01-01 00:00 UTC")
    ((handin,), left_out) = handins.find(tmp_path, "hw")
    assert (handin.student, handin.lms, handin.lms_id) == (student, lms, number) and not left_out
    assert not handin.own_time


@pytest.mark.parametrize("left", ["12345", "홍길동", f"홍길동_12345{MOODLE}"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_names_csv_says_who_somebody_is(tmp_path, left, encoding):
    """… and an empty cell says nothing: two of them are no one student."""
    for name in (f"홍길동_12345{MOODLE}/hw.ipynb", "이영희.ipynb", "김철수.ipynb"):
        put(tmp_path, name, when=0.0)
    names = f"이름,학번\n{left}, 20261234 \n,\n이영희,\n김철수, \n"
    put(tmp_path, "names.csv", names.encode(encoding))
    found, left_out = handins.find(tmp_path, "hw")
    assert {h.student: h.lms_id for h in found} == {"20261234": "12345", "이영희": "", "김철수": ""}
    assert not left_out


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
@pytest.mark.parametrize("name", ["가.ipynb", "가/hw.ipynb", "가/timestamp.txt"])
def test_only_a_plain_file_is_read(tmp_path, name, kind):
    """Through a link a student would hand in, or show, what only the instructor may read."""
    secret, path = put(tmp_path, "secret", b"2026-11-21 07:00 UTC"), tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    make = {"link": lambda: path.symlink_to(secret), "folder": path.mkdir}
    make.get(kind, lambda: os.mkfifo(path))()
    if path.suffix == ".txt":
        put(path.parent, "hw.ipynb")
    found, left_out = handins.find(tmp_path / "in", "hw")
    assert [handin.own_time for handin in found] == [False] * (path.suffix == ".txt")
    assert len(left_out) == (path.suffix != ".txt")


# --- what the tables say of them ------------------------------------------------------------------


def result(student: str, **fields) -> Result:
    given = {"timestamp": "2026-11-21T07:00:00+00:00", "sha256": "a", "key": "k"}
    given |= {"parts": [Part("part", "부분", 0.93, 1)], "fingerprint": "f"}
    return Result(student, **(given | fields))


def test_an_unreadable_or_empty_hand_in_is_no_plain_zero():
    assert result("가", unreadable="x", fingerprint=None).state == "unreadable"
    assert result("가", fingerprint=None).state == "empty"
    assert result("가", stopped="time").state == "stopped: time"
    assert result("가").state == "graded"


def test_alarms_of_files_checks_names_and_copies_stand_side_by_side():
    """Copies are told by name, once; empty files are none."""
    part = Part("part", "부분", 1, 1, alarms=["of a check"])
    results = [result(name) for name in ("0", "10", "100")]
    results += [result(name, fingerprint=None, sha256="e") for name in ("빈1", "빈2")]
    results += [result("c", fingerprint="g", parts=[part], alarms=["of the bytes"])]
    results += [result("d", fingerprint="g", sha256="b")]
    assert outputs.alarms(results, {"c": ["of a name"], "없는": ["z"]}, {"c": ["by hand"]}) == {
        "0": ["same file as 10, 100"],
        "10": ["same file as 0, 100"],
        "100": ["same file as 0, 10"],
        "c": ["of the bytes", "of a check", "of a name", "by hand", "same code as d"],
        "d": ["same code as c"],
    }


@pytest.mark.parametrize("name", ["=1+1", "＝1+1", " =1+1", "+1", "-1", "@a", "\t=1", "﹣1"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name):
    assert outputs.cell(name) == f"'{name}"


def test_a_file_is_the_instructors_and_is_written_whole_or_leaves_nothing(tmp_path, monkeypatch):
    outputs.write(tmp_path / "grades", "text")
    assert (tmp_path / "grades").stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        outputs.write(tmp_path / "x", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["grades"]


def test_an_alarm_is_one_line_of_visible_text_whatever_a_student_wrote_into_it():
    """Escapes move the cursor of the instructor's terminal, a line end forges a line."""
    forged = "history says 0.8\x1b[2K\rLook at 김철수: same code\nNOT DONE" + "x" * 9999
    told = outputs.alarms([result("가", alarms=[forged])], {"가": ["이름이\u202e"]})["가"]
    assert all(line.isprintable() and len(line) <= outputs.ALARM_MAX for line in told)
    assert "<U+001B>" in told[0] and "<U+202E>" in told[1]


def test_a_stored_result_is_read_whole_or_not_at_all(tmp_path):
    path, whole = tmp_path / "x.json", json.loads(result("가").dumps())
    changes = [{"parts": [{"check": "a"}]}, {"parts": None}, {"of another version": 1}]
    changes += [{"timestamp": "2026-11-21T07:00:00"}, {"timestamp": "어제"}, {"student": 7}]
    for change in changes:
        path.write_text(json.dumps(whole | change), "utf-8")
        assert load(path) is None
    path.write_text(json.dumps(whole)[:-1], "utf-8")
    assert load(path) is None
    assert load(tmp_path / "none.json") is None
    path.write_text(json.dumps(whole), "utf-8")
    assert load(path) == result("가")
