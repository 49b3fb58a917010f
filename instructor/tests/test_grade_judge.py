"""The judge reads with suspicion, and the checks must judge something."""

import functools
import io
import json
from dataclasses import asdict

import nbformat
import numpy as np
import pytest
import submissions
from submissions import cell_of

from grading import assignment, submission
from grading.alone import judge, rerun, runner


def frames(*given) -> bytes:
    content = b""
    for check, name, value in given:
        head, buffer = {"check": check, "name": name}, io.BytesIO()
        if isinstance(value, np.ndarray):
            np.save(buffer, value, allow_pickle=False)
            head["npy"] = len(buffer.getvalue())
        else:
            head |= value
        content += json.dumps(head).encode() + b"\n" + buffer.getvalue()
    return content


def handed_over(folder, value) -> tuple[dict, dict]:
    """What the judge reads of a value that the runner hands over, and what it misses."""
    with open(folder / "out", "wb", buffering=0) as out:
        try:
            runner.hand_over(out.fileno(), "part2", "answers", value)
        except (TypeError, ValueError) as raised:
            head = {"check": "part2", "name": "answers", "missing": runner.in_words(raised)}
            runner.send(out.fileno(), head)
    values, missing, *_ = judge.read((folder / "out").read_bytes(), {"part2": {"answers"}})
    return values["part2"], missing["part2"]


def npy(kind: str, shape: str, size: int, fortran: bool = False) -> bytes:
    """An .npy file of this head with as many bytes behind it."""
    head = f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    return b"\x93NUMPY\x01\x00v\x00" + head.ljust(117).encode() + b"\n" + bytes(size)


@pytest.mark.parametrize(
    "content",
    [
        *(npy(kind, "(1,)", 8) for kind in ("|O", "<U2", "|S8", "<c8", "<M8[s]")),
        *(npy("<f8", shape, 8) for shape in ("(1, 1, 1, 1, 1, 1, 1)", "(-1,)", "(99,)")),
        *(npy("<f8", "(1, 1)", 8, fortran=True), npy("<f8", "(1,)", 9)),
        *(b"\x93NUMPY\x03\x00", b"PK\x03\x04", b""),
    ],
    ids=["objects", "text", "bytes", "complex", "times", "seven axes", "less than nothing"]
    + ["shape beyond its bytes", "columns first", "bytes beyond its shape", "version", "zip"]
    + ["nothing"],
)
def test_no_array_but_plain_numbers(content):
    """Each has as many bytes as its shape wants, but for those that are about that."""
    with pytest.raises(ValueError):
        judge.read_array(content)


@pytest.mark.parametrize("kind", ["<f8", "<i4", "|u1", "|b1", "<f2"])
def test_an_array_of_plain_numbers_is_read_as_it_was(tmp_path, kind):
    array = np.asfortranarray(np.arange(6).reshape(2, 3).astype(kind))
    read = handed_over(tmp_path, array)[0]["answers"]
    assert read.dtype == array.dtype and np.array_equal(read, array)


@pytest.mark.parametrize(
    "forged",
    [
        b'{"check": "a", "points": 99}\n{"points": 99}\n',
        b'{"check": "a", "name": "x", "json": ' + b"[" * 99_999 + b"\n",
        b'{"check": "a", "name": "x", "json": ' + b"[" * 32 + b"]" * 32 + b"}\n",
        b'{"check": "a", "name": "x", "npy": 9}\n\x80\x04K\x07.....',
        b'{"check": "a", "name": "x", "npy": 99999999999}\n',
        b'{"check": "a", "name": "x", "npy": -5}\n',
        b'{"check": "a", "name": "__builtins__", "json": {}}\n',
        bytes(range(256)) * 99 + b"\n",
        b'{"finished": 1}\n[]\n7\nnull\n"x"\n',
    ],
    ids=["points", "nesting", "deep", "pickle", "huge", "negative", "name", "garbage", "end"],
)
def test_a_forged_frame_is_none_and_the_next_one_counts(forged):
    """… and no other after it: the first value of a name is kept."""
    true = frames(("a", "x", {"json": 1}), ("a", "x", {"json": 2}))
    assert judge.read(forged + true, {"a": {"x"}}) == ({"a": {"x": 1}}, {"a": {}}, {}, False)


X, Y = ("a", "x", {"json": "x" * 700}), ("a", "y", {"json": "y" * 700})
TEN, HUNDRED = np.zeros(10, "uint8"), np.zeros(100, "uint8")


@pytest.mark.parametrize(
    ("limit", "most", "given", "read"),
    [
        ("FRAMES_MAX", 50, b"\n" * 49 + frames(X), "x"),
        ("FRAMES_MAX", 50, b"\n" * 50 + frames(X), ""),
        ("JSON_MAX", 1000, frames(X, Y), "x"),
        ("JSON_MAX", 200, frames(("a", "x", HUNDRED), ("a", "y", HUNDRED)), "x y"),
        ("LINE_MAX", 500, frames(X), ""),
        ("ARRAY_MAX", 200, frames(("a", "x", HUNDRED), ("a", "y", TEN)), "y"),
    ],
    ids=["frames", "a flood of frames", "all lines together", "an array is no line", "a long line"]
    + ["an array larger than any network, and what comes after it"],
)
def test_what_is_too_much_is_not_read(monkeypatch, limit, most, given, read):
    """A Python loop over a hundred million empty lines would take minutes outside every limit."""
    monkeypatch.setattr(judge, limit, most)
    values, missing, *_ = judge.read(given, {"a": {"x", "y"}})
    assert " ".join(values["a"]) == read
    assert ("너무 큽니다" in missing["a"].get("x", "")) == (limit == "ARRAY_MAX")


CIRCULAR: list = []
CIRCULAR.append(CIRCULAR)


@pytest.mark.parametrize(
    "value",
    [
        *(np.zeros((9, 2)), [1], [float("nan")] * 9, np.array([object()] * 9), ["1"] * 9),
        *(functools.reduce(lambda a, _: [a], range(500), 1), CIRCULAR, {n: 1 for n in range(9)}),
        *([float("inf")] * 9, np.ones(9, complex)),
    ],
    ids=["shape", "length", "NaN", "objects", "text"]
    + ["nested deeply", "circular", "a dictionary", "infinite", "complex"],
)
def test_answers_of_another_kind_are_no_answers(tmp_path, value):
    """From the runner's pipe to the points; in a box: test_grade_cases.py."""
    checks = assignment.read_assignment(changed(lambda notebook: None), "x").checks
    verdict = judge.award(asdict(checks[1]), *handed_over(tmp_path, value), {"labels": [1] * 9})
    assert verdict["points"] == 0 and verdict["message"]


def test_the_second_boxs_outputs_are_read_by_the_rule_that_students_see():
    """The rule itself: tests/test_coursekit.py."""
    told = judge.network_names({"outputs": np.array([[-3.0], [0.2], [4.0]], "float32")})
    assert told["network_positive"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (lambda x: x, False),
        (lambda x: 0.5 + 0.3 * x, False),  # the same answers on another scale
        (lambda x: x + 1e-4 * np.sin(99 * x), False),
        (lambda x: x + np.sin(99 * x), True),
        (lambda x: 0 * x, True),
    ],
)
def test_a_layer_counts_when_the_answers_are_others_without_it(after, expected):
    before = np.random.default_rng(0).random(500)
    assert rerun.others(before, after(before)) == expected


ROWS = ("a", "sequences", np.zeros((2, 3), "int32"))


@pytest.mark.parametrize(
    ("then", "length"), [({"json": None}, 9), (np.ones(8, "uint8"), 8)], ids=["none", "another"]
)
def test_the_last_network_that_came_is_run_again(then, length):
    first, more = ("a", "network", np.zeros(9, "uint8")), np.ones((5, 3), "int32")
    came = frames(first, ROWS, ("b", "sequences", more), ("b", "network", then))
    found, _ = judge.pick(came, ["a", "b"])
    assert len(found["network"]) == length and len(found["sequences"]) == 5


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (frames(("a", "network", {"json": "x" * 99}), ROWS), ""),
        (frames(("a", "network", {"missing": "AttributeError"}), ROWS), "AttributeError"),
        (frames(("a", "network", np.zeros(9, "float32")), ROWS), ""),
        (frames(("a", "network", np.zeros((3, 3), "uint8")), ROWS), ""),
        (frames(ROWS), ""),
        (bytes(99), ""),
    ],
    ids=["text", "missing", "numbers", "a table", "rows alone", "garbage"],
)
def test_what_is_no_network_is_not_run(given, says):
    assert judge.pick(given, ["a"]) == ({}, says)


def saved_model(*ops: str, inside: bool) -> bytes:
    """A saved_model.pb whose graph, or a function that it calls, has these operations."""
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    graph = model.meta_graphs.add().graph_def
    nodes = graph.library.function.add().node_def if inside else graph.node
    for op in ops:
        nodes.add().op = op
    return model.SerializeToString()


@pytest.mark.parametrize("inside", [False, True], ids=["graph", "function"])
def test_a_graph_that_reaches_out_of_itself_is_named(inside):
    """Loading it may already run them."""
    reaching = ["EagerPyFunc", "InitializeTableFromTextFileV2", "PrintV2", "ReadFile", "WriteFile"]
    assert rerun.outside(saved_model("MatMul", *reaching, "AddV2", inside=inside)) == reaching
    plain = ("MatMul", "GatherV2", "Split", "While", "SaveV2", "RestoreV2", "ReadVariableOp")
    assert rerun.outside(saved_model(*plain, inside=inside)) == []


def award(code: str, points: float = 5, **values):
    check = {"name": "a", "title": "A", "points": points, "code": code, "collect": {"x": "f()"}}
    return judge.award(check | {"optional": {}, "prose": ["x"]}, values, {}, {"labels": [1]})


@pytest.mark.parametrize(
    ("last", "expected"),
    [("3", 3), ("5", 5), ("7", 5), ("-2", 0), ("0", 0), ("1e999", 0), ("-1e999", 0)]
    + [("float('nan')", 0), ("2.346", 2.35), ("np.float32(1.5)", 1.5), ("True", 1)],
)
def test_points_are_never_more_than_full_and_never_less_than_none(last, expected):
    assert award(last)["points"] == expected


@pytest.mark.parametrize(
    ("code", "points", "says"),
    [
        ("message = '잘했습니다'", 5, "잘했습니다"),
        ("assert False, '틀립니다'", 0, "틀립니다"),
        ("assert False", 0, "기대한 값이 아닙니다"),
        ("x + 1", 0, "검사에 쓸 값을 얻지 못했습니다. 앞의 셀에서"),
        ("[][1]", 0, "값의 종류나 모양이 기대와 다릅니다. (IndexError)"),
        ("labels == [1]", 1, ""),
    ],
)
def test_what_a_check_comes_to_and_what_the_student_reads(code, points, says):
    result = award(code)
    assert result["points"] == points and says in result["message"]


def test_words_alarms_and_messages_have_a_limit():
    result = award("for n in range(99): alarm('x' * 9999)\nmessage = 'y' * 9999", x="z" * 99_999)
    assert len(result["alarms"]) == judge.ERRORS_MAX
    assert len(result["alarms"][0]) == len(result["message"]) == judge.TEXT_MAX
    assert len(result["prose"]["x"]) == judge.PROSE_MAX


def homework(**checks: str) -> assignment.Assignment:
    """One of these checks, for a point each, that are given an ``x``."""
    made = [assignment.Check(name, name, 1.0, {"x": "x"}, code) for name, code in checks.items()]
    return assignment.Assignment("hw", submissions.source(), made)


def test_bytes_that_take_too_much_cpu_cost_their_own_part_only(monkeypatch):
    """The judge counts its own CPU seconds; the other checks keep their points."""
    monkeypatch.setattr(submission, "JUDGE_SECONDS", 3)
    given = frames(("spins", "x", {"json": 1}), ("right", "x", {"json": 1}))
    checks = homework(spins="while x:\n    pass", right="assert x")
    verdict, alarms = submission.judged(checks, b"{}", given)
    assert [part["points"] for part in verdict["checks"]] == [0, 1]
    assert len(alarms) == 1 and "spins" in alarms[0] and "more than 1 seconds" in alarms[0]


def test_checks_that_break_by_themselves_are_no_grade():
    """A name that a check itself lacks is the instructor's trouble."""
    with pytest.raises(submission.ChecksFailed, match="no_such_name"):
        submission.judged(homework(a="no_such_name"), b"{}", b"")


def changed(change) -> bytes:
    notebook = submissions.source()
    change(notebook)
    return nbformat.writes(notebook).encode()


def points(value: float):
    return lambda notebook: cell_of(notebook, "part1").metadata.nbgrader.update(points=value)


def copied(name: str):
    def change(notebook):
        notebook.cells.append(nbformat.from_dict(cell_of(notebook, name) | {"id": "copied"}))

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda notebook: cell_of(notebook, "part1").update(source="assert True"),
            "no hidden test",
        ),
        (points(-5), "part1"),
        (points(float("inf")), "part1"),
        (copied("part2"), "grade_id part2"),
        (copied("squares"), "grade_id squares"),
    ],
    ids=["a check that judges nothing", "points below nothing", "points without end"]
    + ["a check that was copied would be worth its points twice", "an answer that was copied"],
)
def test_a_source_that_makes_no_sense_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        assignment.read_assignment(changed(change), "x")
