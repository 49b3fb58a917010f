"""One score for everybody: the program's points, those given by hand, and the days late."""

import csv
import os
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import submissions
from classroom import earned, hand_in, page, run, table

from grading import handins, outputs, scores
from grading.assignment import Assignment, Check
from grading.penalty import Deadline
from grading.result import Part, Result

HOMEWORK = Assignment(
    "hw",
    submissions.source(),
    [Check("words", "글", 10.0, {}, "", prose=("essay",)), Check("sums", "셈", 5.0, {}, "")],
)
DUE = datetime(2026, 11, 20, 7, tzinfo=UTC)


def result(student="가", sha256="a" * 64, words=6.0, sums=5.0, **fields) -> Result:
    parts = [Part("words", "글", words, 10, prose={"essay": "글"}), Part("sums", "셈", sums, 5)]
    return Result(student, "2026-11-21T07:00:00+00:00", sha256, "k", parts, "", "f", **fields)


def row(student="가", part="words", points="", comment="", file="a" * 12):
    return dict(zip(scores.COLUMNS, (student, part, "", "", points, comment, file), strict=True))


@pytest.mark.parametrize(
    ("days", "seconds", "expected"),
    [(0, -1, 0), (0, 0, 0), (0, 1, 5), (1, 0, 5), (1, 1, 10), (9, 1, 50), (10, 1, 50), (99, 0, 50)],
)
def test_every_day_begun_costs_its_percent(days, seconds, expected):
    """… and never more than was earned."""
    when = DUE + timedelta(days=days, seconds=seconds)
    assert Deadline(DUE, 10).penalty(50, when) == expected
    assert Deadline().penalty(50, when) == 0


@pytest.mark.parametrize(
    ("due", "percent", "says"),
    [(DUE, -1, "0 to 100"), (DUE, 101, "0 to 100"), (DUE, float("nan"), "0 to 100")]
    + [(None, 10, "DUE=")],
)
def test_a_penalty_that_makes_no_sense_is_refused(due, percent, says):
    with pytest.raises(ValueError, match=says):
        Deadline(due, percent)


def test_points_by_hand_stand_in_place_of_the_programs_and_the_penalty_is_of_both(tmp_path):
    """As one would do it on paper: 8 + 5 of 15, a day late costs 20 % of 13; two decimals."""
    given, _, _ = scores.given([row(points="8", comment="좋습니다")], [result()])
    final = scores.final(result(), given["가"], Deadline(DUE, 20))
    assert [part.points for part in final.parts] == [8, 5]
    assert (final.earned, final.penalty, final.score) == (13, 2.6, 10.4)
    assert final.by_hand["words"].comment == "좋습니다"
    final = scores.final(result(words=0.93, sums=0), {}, Deadline(DUE, 7))
    outputs.table(tmp_path, HOMEWORK, [final], Deadline(DUE, 7), {})
    text = (tmp_path / "grades.csv").read_text("utf-8-sig")
    assert "0.93,0.07,0.86,15.0,0.93,0,graded," in text


OTHER = {"file": "b" * 12}  # points given for a file that was handed in before


@pytest.mark.parametrize(
    ("rows", "score", "told"),
    [
        ([{"comment": "읽었습니다"}], 11, ""),  # nothing by hand is not nought by hand
        ([{"points": "0"}], 5, ""),
        ([{"points": "10"}], 15, ""),
        ([{"points": "8", "file": ""}], 13, ""),  # a row added by hand has no sign yet
        ([OTHER | {"points": "8"}], 11, "words were given for another file"),
        ([OTHER | {"points": "8"}, {"points": "7"}], 12, ""),
        ([{}, {"points": "10.5"}], 11, "row 3: words 10.5"),
        ([{}, {"points": "-1"}], 11, "row 3: words -1"),
        ([{}, {"points": "여덟"}], 11, "row 3: words 여덟"),
        ([{}, {"points": "nan"}], 11, "row 3: words nan"),
        ([{}, {"points": "1", "part": "none"}], 11, "row 3: none 1"),
    ],
)
def test_what_is_written_by_hand_counts_or_is_told(rows, score, told):
    given, alarms, refused = scores.given([row(**fields) for fields in rows], [result()])
    assert scores.final(result(), given.get("가", {}), Deadline()).score == score
    said = [*alarms.get("가", ()), *refused]
    assert len(said) == bool(told) and told in "".join(said)
    assert len(refused) == told.startswith("row"), "the student's alarm, or a line on the screen"


def laid_out(tmp_path, rows, *results) -> list[dict]:
    path = tmp_path / "by_hand.csv"
    outputs.write(path, scores.laid_out(rows, HOMEWORK, list(results)), "utf-8-sig")
    return scores.read_rows(path)


def test_a_row_is_laid_out_for_every_answer_in_words_and_what_was_written_stays(tmp_path):
    rows = laid_out(tmp_path, [], result(), result("=1+1", "c" * 64))
    assert [(r["student"], r["part"], r["program"], r["most"]) for r in rows] == [
        ("'=1+1", "words", "6", "10"),
        ("가", "words", "6", "10"),
    ]
    rows[0] |= {"points": "9"}
    rows[1] |= {"points": "8", "comment": '쉼표, 따옴표 "와"\n두 줄'}
    gone = row("나", points="3", file="d" * 12)
    results = result(words=2.0), result("=1+1", "c" * 64)
    again = laid_out(tmp_path, [*rows, gone, row("다")], *results)
    assert [r["student"] for r in again] == ["'=1+1", "가", "나"], "an empty row of nobody goes"
    assert again[1]["comment"] == '쉼표, 따옴표 "와"\n두 줄' and again[1]["program"] == "2"
    assert scores.given(again, [results[1]])[0]["=1+1"]["words"].points == 9
    assert laid_out(tmp_path, again, *results) == again


def test_another_file_gets_a_row_of_its_own_and_the_old_one_stays(tmp_path):
    rows = laid_out(tmp_path, [row(points="8", file="b" * 12)], result())
    assert [(r["points"], r["file"]) for r in rows] == [("8", "b" * 12), ("", "a" * 12)]
    assert rows[0]["program"] == "", "what the program gives for this file is not for that one"
    (signed,) = laid_out(tmp_path, [row(points="8", file="")], result())
    assert signed["file"] == "a" * 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_spreadsheet_may_save_it_as_it_likes(tmp_path, encoding):
    path = tmp_path / "by_hand.csv"
    path.write_bytes("student,part,points,comment\r\n=1+1,words, 8 ,좋습니다\r\n".encode(encoding))
    (read,) = scores.read_rows(path)
    assert (read["student"], read["points"], read["comment"]) == ("'=1+1", "8", "좋습니다")


def test_pages_go_back_through_moodle_under_the_names_it_reads(tmp_path):
    """NAME_NUMBER_assignsubmission_file_FILE: Moodle reads the number, all versions alike."""
    results = [
        result("김_철수", lms="moodle", lms_id="12"),
        result("kim", lms="canvas", lms_id="9"),
        result("이영희"),
    ]
    finals = [scores.final(one, {}, Deadline()) for one in results]
    outputs.feedback(tmp_path, HOMEWORK, finals)
    outputs.for_moodle(tmp_path, finals)
    with zipfile.ZipFile(tmp_path / "feedback_moodle.zip") as zipped:
        (name,) = zipped.namelist()
        assert re.fullmatch(r"[^_/]+_12_assignsubmission_file_쪽지\.html", name)
        assert "김_철수" in zipped.read(name).decode()
    outputs.for_moodle(tmp_path, finals[1:])
    assert not (tmp_path / "feedback_moodle.zip").exists()
    outputs.for_platforms(tmp_path, HOMEWORK, finals)
    canvas = list(csv.DictReader((tmp_path / "canvas.csv").read_text("utf-8").splitlines()))
    numbers = {"김_철수": "", "kim": "9", "이영희": ""}
    assert {row["Student"]: row["ID"] for row in canvas[1:]} == numbers


def test_page_table_and_platforms_show_one_score(small, assignment):
    """What the teacher wrote reaches the student, and no table says another number."""
    folder, out, original = small
    run(folder, out, assignment, unsafe=True)
    path = out / "by_hand.csv"
    assert not scores.read_rows(path), "the small homework has no answer that a person reads"
    path.write_text("student,part,points,comment\n가,part2,1.5,<b>다시</b> 보십시오.\n", "utf-8")
    due = datetime.now(UTC) - timedelta(hours=30)
    a_day_late = (due + timedelta(hours=20)).timestamp()
    os.utime(folder / "가.ipynb", (a_day_late, a_day_late))
    hand_in(folder, "큰.ipynb", b" " * (handins.BYTES_MAX + 1))
    results, failed = run(folder, out, assignment, unsafe=True, deadline=Deadline(due, 10))
    assert not failed and {r.student: earned(r) for r in results}["가"] == (2, 4, 1)
    own = table(out)["가"]
    assert (own["part2"], own["raw_score"], own["score"]) == ("1.5", "4.5", "4.05")
    assert table(out)["큰"]["state"] == "unreadable" and "32 MB보다 큽니다" in page(out, "큰")
    text = page(out, "가")
    assert "4.05점 / 7점" in text and "&lt;b&gt;다시&lt;/b&gt; 보십시오." in text
    assert "선생님이 읽고 매긴 점수" in text and "1.5 / 4" in text
    for name, column in (("moodle.csv", 1), ("canvas.csv", 4)):
        lines = list(csv.reader((out / name).read_text("utf-8").splitlines()))
        assert next(float(line[column]) for line in lines if line[0] == "가") == 4.05
    changed = submissions.solved(original, squares="squares = None")
    for name in ("가.ipynb", "가 (1).ipynb"):
        hand_in(folder, name, changed)
    said = []
    run(folder, out, assignment, unsafe=True, say=said.append)
    assert table(out)["가"]["part2"] == "4.0", "another file is judged anew"
    (told,) = (line for line in said if line.startswith("Look at 가:"))
    assert "another file" in told and "looks like 가 (1)" in told
    assert "looks like 가" in table(out)["가 (1)"]["alarms"]


def test_a_broken_table_of_points_keeps_everything_back_and_is_named(small, assignment):
    folder, out, _ = small
    out.mkdir()
    (out / "by_hand.csv").write_text("student,이름,points\n가,1\n", "utf-8")
    _, failed = run(folder, out, assignment, unsafe=True)
    assert len(failed) == 1 and "by_hand.csv lacks the columns comment, part" in failed[0]
    assert (out / "by_hand.csv").read_text("utf-8") == "student,이름,points\n가,1\n"
    assert not (out / "grades.csv").exists() and len(list((out / "results").iterdir())) == 2
