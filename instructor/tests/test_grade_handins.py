"""Names, times and files as people hand them in: each ends in one row that says what it is."""

import json
import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
import submissions
from classroom import hand_in, run, table

from grading import handins, outputs
from grading.result import Part, Result, load


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
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00+00:00"]
    + ["2026-11-21 07:00:00 XYZ", "2026-11-21 07:00+99:99", "어제", "", "\0"],
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
    assert set(names) == {"홍길동", "홍길동<U+200B>", "홍길동 [2]", "２0261234", "20261234"}
    assert len({handins.slug(handin.student) for handin in found}) == len(found)
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


# --- what learning platforms make of a name -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "student", "number"),
    [
        ("홍길동_12345_assignsubmission_file/hw.ipynb", "홍길동", "12345"),
        ("홍길동_12345_assignsubmission_file_/숙제.ipynb", "홍길동", "12345"),
        ("홍길동_12345_assignsubmission_file_숙제.ipynb", "홍길동", "12345"),
        ("kim_12345_67890_숙제.ipynb", "kim", "12345"),
        ("kim_LATE_12345_67890_숙제-2.ipynb", "kim", "12345"),
        ("20261234.ipynb", "20261234", ""),
        ("김_철수.ipynb", "김_철수", ""),
        ("team_12_34.ipynb", "team_12_34", ""),
    ],
)
def test_what_a_platform_writes_around_a_name_is_taken_off(tmp_path, name, student, number):
    put(tmp_path, name)
    ((handin,), left_out) = handins.find(tmp_path, "hw")
    assert (handin.student, handin.lms_id) == (student, number) and not left_out
    wanted = "moodle" if "assignsubmission" in name else "canvas" if number else ""
    assert handin.lms == wanted


def test_two_hand_ins_of_one_canvas_user_are_one_student(tmp_path):
    put(tmp_path, "kim_12345_100_hw.ipynb", b"first", 1.8e9)
    put(tmp_path, "kim_LATE_12345_101_hw-1.ipynb", b"second", 1.8e9 + 60)
    ((handin,), _) = handins.find(tmp_path, "hw")
    assert handin.content == b"second" and "2 hand-ins" in handin.alarms[0]


def test_two_people_of_one_name_stay_two(tmp_path):
    put(tmp_path, "김철수_1_assignsubmission_file/hw.ipynb", b"a")
    put(tmp_path, "김철수_2_assignsubmission_file/hw.ipynb", b"b")
    found, _ = handins.find(tmp_path, "hw")
    assert [handin.student for handin in found] == ["김철수_1", "김철수_2"]


@pytest.mark.parametrize("left", ["12345", "홍길동", "홍길동_12345_assignsubmission_file"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_names_csv_says_who_somebody_is(tmp_path, left, encoding):
    put(tmp_path, "홍길동_12345_assignsubmission_file/hw.ipynb")
    put(tmp_path, "이영희.ipynb")
    put(tmp_path, "names.csv", f"이름,학번\n{left}, 20261234 \n,\n".encode(encoding))
    found, left_out = handins.find(tmp_path, "hw")
    assert sorted(h.student for h in found) == ["20261234", "이영희"] and not left_out
    assert next(h.lms_id for h in found if h.student == "20261234") == "12345"


def test_several_notebooks_in_a_folder_are_told(tmp_path):
    """The task itself tells to make a copy: the one that is left may be the one with the work."""
    put(tmp_path, "가/hw.ipynb", b"handed out", 1.8e9)
    put(tmp_path, "가/hw의 사본.ipynb", b"work", 1.8e9 + 60)
    put(tmp_path, "나/hw의 사본.ipynb", b"old", 1.8e9)
    put(tmp_path, "나/hw의 사본 (1).ipynb", b"new", 1.8e9 + 60)
    found, left_out = handins.find(tmp_path, "hw")
    contents = {handin.student: handin.content for handin in found}
    assert contents == {"가": b"handed out", "나": b"new"} and not left_out
    for handin in found:
        assert "2개" in handin.notes[0] and "2 notebooks; graded hw" in handin.alarms[0]


def test_a_copy_beside_its_original_is_told(tmp_path):
    copies = ("홍길동 (1)", "홍길동의 사본", "Copy of 홍길동", "홍길동 - 복사본")
    for name in ("홍길동", *copies, "이영희"):
        put(tmp_path, f"{name}.ipynb")
    put(tmp_path, "강참고 (1).ipynb")
    found, _ = handins.find(tmp_path, "hw")
    alarms = {handin.student: " ".join(handin.alarms) for handin in found}
    assert len(found) == 7
    assert {name for name, told in alarms.items() if not told} == {"이영희", "강참고 (1)"}


def test_the_folders_of_nbgrader_are_read_and_have_a_time_of_their_own(tmp_path):
    put(tmp_path, "가/hw/HW.IPYNB", b"x")
    put(tmp_path, "가/hw/timestamp.txt", b"2026-11-21 07:00 UTC")
    put(tmp_path, "나.ipynb")
    (own, other), _ = handins.find(tmp_path, "hw")
    assert (own.student, own.content, own.own_time) == ("가", b"x", True)
    assert own.timestamp == datetime(2026, 11, 21, 7, tzinfo=UTC) and not other.own_time


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_only_a_plain_file_is_read(tmp_path, kind):
    path = tmp_path / "x"
    put(tmp_path, "secret")
    make = {"link": lambda: path.symlink_to(tmp_path / "secret"), "folder": path.mkdir}
    make.get(kind, lambda: os.mkfifo(path))()
    with pytest.raises((OSError, ValueError)):
        handins.read_plain(path, 10)


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
    pairs = {"0": "10, 100", "10": "0, 100", "100": "0, 10"}
    assert alarms == {name: [f"same file as {others}"] for name, others in pairs.items()}
    other = outputs.alarms([result("0", alarms=["history 0.10"]), result("10", sha256="b")])
    assert other["0"] == ["history 0.10", "same code as 10"]


@pytest.mark.parametrize("name", ["=1+1", "＝1+1", " =1+1", "+1", "-1", "@a", "\t=1", "﹣1"])
def test_a_spreadsheet_takes_no_name_for_a_formula(name):
    assert outputs.cell(name) == f"'{name}"


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        outputs.write(tmp_path / "x", "text")
    assert not list(tmp_path.iterdir())


def test_an_alarm_is_one_line_of_visible_text_whatever_a_student_wrote_into_it():
    """Escapes move the cursor of the instructor's terminal, a line end forges a line."""
    forged = "history says 0.8\x1b[2K\rLook at 김철수: same code\nNOT DONE" + "x" * 9999
    told = outputs.alarms([result("가", alarms=[forged])], {"가": ["이름이\u202e"], "없는": ["z"]})
    assert list(told) == ["가"] and len(told["가"]) == 2
    assert all(line.isprintable() and len(line) <= outputs.ALARM_MAX for line in told["가"])
    assert "<U+001B>" in told["가"][0] and "<U+202E>" in told["가"][1]


def test_alarms_of_a_part_and_of_a_file_stand_side_by_side():
    part = Part("part", "부분", 1, 1, alarms=["of a check"])
    told = outputs.alarms(
        [result("가", parts=[part], alarms=["of the bytes"])], {"가": ["of a name"]}
    )
    assert told == {"가": ["of the bytes", "of a check", "of a name"]}


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ({}, True),
        ({"timestamp": "2026-11-21T07:00:00"}, False),  # a time without a zone
        ({"timestamp": "어제"}, False),
        ({"student": 7}, False),
        ({"parts": [{"check": "a"}]}, False),
        ({"parts": None}, False),
        ({"more": 1}, False),
    ],
    ids=["whole", "no zone", "no time", "no name", "half a part", "no parts", "another version"],
)
def test_a_stored_result_is_read_whole_or_not_at_all(tmp_path, change, read):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(json.loads(result("가").dumps()) | change), "utf-8")
    assert load(path) == (result("가") if read else None)
    assert load(tmp_path / "none.json") is None


def test_alarms_of_names_reach_the_table_and_the_screen(small, assignment):
    folder, out, original = small
    hand_in(folder, "가 (1).ipynb", submissions.solved(original))
    said = []
    run(folder, out, assignment, unsafe=True, say=said.append)
    assert any(line.startswith("Look at 가") and "looks like 가 (1)" in line for line in said)
    assert "looks like 가" in table(out)["가 (1)"]["alarms"]
