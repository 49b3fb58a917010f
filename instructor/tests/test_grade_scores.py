"""One score for everybody: the program's points, those given by hand, and the days late."""

import csv
import re
import zipfile
from datetime import UTC, datetime

import pytest
import submissions
from classroom import earned, hand_in, page, run, table

from grading import outputs, scores
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
    when = "2026-11-21T07:00:00+00:00"
    return Result(student, "x", when, sha256, "k", parts, fingerprint="f", **fields)


def row(student="가", part="words", points="", comment="", file="a" * 12):
    return dict(zip(scores.COLUMNS, (student, part, "", "", points, comment, file), strict=True))


def test_points_by_hand_stand_in_place_of_the_programs_and_the_penalty_is_of_both():
    """As one would do it on paper: 8 + 5 of 15, a day late costs 20 % of 13."""
    given, _, _ = scores.given([row(points="8", comment="좋습니다")], [result()])
    final = scores.final(result(), given["가"], Deadline(DUE, 20))
    assert [part.points for part in final.parts] == [8, 5]
    assert (final.earned, final.penalty, final.score) == (13, 2.6, 10.4)
    assert final.by_hand["words"].comment == "좋습니다"
    alone = scores.final(result(), {}, Deadline())
    assert (alone.earned, alone.penalty, alone.score) == (11, 0, 11)


def test_a_score_has_two_decimals(tmp_path):
    final = scores.final(result(words=0.93, sums=0), {}, Deadline(DUE, 7))
    outputs.table(tmp_path / "grades.csv", HOMEWORK, [final], Deadline(DUE, 7), {})
    text = (tmp_path / "grades.csv").read_text("utf-8-sig")
    assert "0.93,0.07,0.86,15.0,0.93,0,graded," in text


def test_pages_go_back_through_moodle_under_the_names_it_reads(tmp_path):
    """NAME_NUMBER_assignsubmission_file_FILE: Moodle reads the number, all versions alike."""
    results = [
        result("김_철수", lms="moodle", lms_id="12"),
        result("kim", lms="canvas", lms_id="9"),
        result("이영희"),
    ]
    finals = [scores.final(one, {}, Deadline()) for one in results]
    outputs.feedback(tmp_path / "feedback", HOMEWORK, finals)
    path = tmp_path / "feedback_moodle.zip"
    outputs.for_moodle(path, tmp_path / "feedback", finals)
    with zipfile.ZipFile(path) as zipped:
        (name,) = zipped.namelist()
        assert re.fullmatch(r"[^_/]+_12_assignsubmission_file_쪽지\.html", name)
        assert "김_철수" in zipped.read(name).decode()
    before = path.stat().st_mtime_ns
    outputs.for_moodle(path, tmp_path / "feedback", finals)
    assert path.stat().st_mtime_ns == before, "nothing new, nothing written"
    outputs.for_moodle(path, tmp_path / "feedback", finals[1:])
    assert not path.exists()
    outputs.for_platforms(tmp_path, HOMEWORK, finals)
    canvas = list(csv.DictReader((tmp_path / "canvas.csv").read_text("utf-8").splitlines()))
    assert {row["Student"]: row["ID"] for row in canvas[1:]} == {
        "김_철수": "",
        "kim": "9",
        "이영희": "",
    }


def test_nothing_by_hand_is_not_nought_by_hand():
    for fields, score in (({"comment": "읽었습니다"}, 11), ({"points": "0"}, 5)):
        given, _, _ = scores.given([row(**fields)], [result()])
        assert scores.final(result(), given["가"], Deadline()).score == score


def test_points_belong_to_a_file_and_say_so_when_another_comes():
    old = row(points="8", file="b" * 12)
    given, alarms, refused = scores.given([old], [result()])
    assert not given and not refused and "another file" in alarms["가"][0]
    given, alarms, _ = scores.given([old, row(points="7")], [result()])
    assert given["가"]["words"].points == 7 and not alarms
    given, alarms, _ = scores.given([row(points="8", file="")], [result()])
    assert given["가"]["words"].points == 8 and not alarms, "a row added by hand has no sign yet"


@pytest.mark.parametrize(
    ("part", "points"),
    [("words", "10.5"), ("words", "-1"), ("words", "여덟"), ("words", "nan"), ("none", "1")],
)
def test_a_row_that_makes_no_sense_is_told_by_its_number_and_not_used(part, points):
    given, _, refused = scores.given([row(), row(part=part, points=points)], [result()])
    assert not given and len(refused) == 1 and "row 3" in refused[0] and part in refused[0]
    given, _, refused = scores.given([row(points="10")], [result()])
    assert given["가"]["words"].points == 10 and not refused, "full marks may be given"


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
    rows[1] |= {"points": "8", "comment": '쉼표, 따옴표 "와" 말'}
    gone = row("나", points="3", file="d" * 12)
    again = laid_out(
        tmp_path, [*rows, gone, row("다")], result(words=2.0), result("=1+1", "c" * 64)
    )
    assert [r["student"] for r in again] == ["'=1+1", "가", "나"], "an empty row of nobody goes"
    assert again[1]["comment"] == '쉼표, 따옴표 "와" 말' and again[1]["program"] == "2"
    assert scores.given(again, [result("=1+1", "c" * 64)])[0]["=1+1"]["words"].points == 9
    assert laid_out(tmp_path, again, result(words=2.0), result("=1+1", "c" * 64)) == again


def test_another_file_gets_a_row_of_its_own_and_the_old_one_stays(tmp_path):
    rows = laid_out(tmp_path, [row(points="8", file="b" * 12)], result())
    assert [(r["points"], r["file"]) for r in rows] == [("8", "b" * 12), ("", "a" * 12)]
    assert rows[0]["program"] == "", "what the program gives for this file is not for that one"
    (signed,) = laid_out(tmp_path, [row(part="words", points="8", file="")], result())
    assert signed["file"] == "a" * 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_spreadsheet_may_save_it_as_it_likes(tmp_path, encoding):
    path = tmp_path / "by_hand.csv"
    path.write_bytes("student,part,points,comment\r\n가,words, 8 ,좋습니다\r\n".encode(encoding))
    (read,) = scores.read_rows(path)
    assert (read["student"], read["points"], read["comment"]) == ("가", "8", "좋습니다")
    path.write_text("student,part\n가,words\n", encoding)
    with pytest.raises(ValueError, match="lacks the columns comment, points"):
        scores.read_rows(path)


def test_page_table_and_platforms_show_one_score(small, assignment):
    """What the teacher wrote reaches the student, and no table says another number."""
    folder, out, original = small
    run(folder, out, assignment, unsafe=True)
    path = out / "by_hand.csv"
    rows = scores.read_rows(path)
    assert not rows, "the small homework has no answer that a person reads"
    path.write_text("student,part,points,comment\n가,part2,1.5,<b>다시</b> 보십시오.\n", "utf-8")
    deadline = Deadline(DUE, 10)
    (folder / "가.ipynb").touch()
    results, failed = run(folder, out, assignment, unsafe=True, deadline=deadline)
    assert not failed and {r.student: earned(r) for r in results}["가"] == (2, 4, 1)
    late = -(-(next(r for r in results if r.student == "가").when - DUE).total_seconds() // 86400)
    score = f"{round(4.5 - min(4.5, 4.5 * 0.1 * late), 2):g}"
    own = table(out)["가"]
    assert (own["part2"], own["raw_score"], float(own["score"])) == ("1.5", "4.5", float(score))
    text = page(out, "가")
    assert f"{score}점 / 7점" in text and "&lt;b&gt;다시&lt;/b&gt; 보십시오." in text
    assert "선생님이 읽고 매긴 점수" in text and "1.5 / 4" in text
    for name, column in (("moodle.csv", 1), ("canvas.csv", 4)):
        lines = list(csv.reader((out / name).read_text("utf-8").splitlines()))
        assert next(float(line[column]) for line in lines if line[0] == "가") == float(score)
    changed = submissions.solved(original, squares="squares = None")
    hand_in(folder, "가.ipynb", changed)
    said = []
    run(folder, out, assignment, unsafe=True, say=said.append)
    assert table(out)["가"]["part2"] == "4.0", "another file is judged anew"
    assert any("Look at 가" in line and "another file" in line for line in said)


def test_a_broken_table_of_points_keeps_everything_back_and_is_named(small, assignment):
    folder, out, _ = small
    out.mkdir()
    (out / "by_hand.csv").write_text("이름,점수\n가,1\n", "utf-8")
    _, failed = run(folder, out, assignment, unsafe=True)
    assert len(failed) == 1 and "by_hand.csv lacks the columns" in failed[0]
    assert (out / "by_hand.csv").read_text("utf-8") == "이름,점수\n가,1\n"
    assert not (out / "grades.csv").exists() and len(list((out / "results").iterdir())) == 2
