"""The judge reads with suspicion, and the checks must judge something."""

import functools
import io
import json
from dataclasses import asdict

import nbformat
import numpy as np
import pytest
import submissions

from grading import assignment, submission
from grading.alone import judge, rerun, runner


def npy(kind: str, shape: str, size: int) -> bytes:
    """An .npy file of this head with as many bytes behind it."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00v\x00" + head.encode() + bytes(size)


@pytest.mark.parametrize(
    "content",
    [
        npy("|O", "(1,)", 8),
        npy("<U2", "(1,)", 8),
        npy("|S8", "(1,)", 8),
        npy("<c8", "(1,)", 8),
        npy("<M8[s]", "(1,)", 8),
        npy("<f8", "(1, 1, 1, 1, 1, 1, 1)", 8),
        npy("<f8", "(-1,)", 8),
        npy("<f8", "(99,)", 8),
        npy("<f8", "(1,)", 9),
        b"\x93NUMPY\x03\x00",
        b"PK\x03\x04",
        b"",
    ],
    ids=["objects", "text", "bytes", "complex", "times", "seven axes", "less than nothing"]
    + ["shape beyond its bytes", "bytes beyond its shape", "version", "zip", "nothing"],
)
def test_no_array_but_plain_numbers(content):
    """Each has as many bytes as its shape wants, but for those that are about that."""
    with pytest.raises(ValueError):
        judge.read_array(content)


@pytest.mark.parametrize("kind", ["<f8", "<i4", "|u1", "|b1", "<f2"])
def test_an_array_of_plain_numbers_is_read_as_it_was(kind):
    array = np.arange(6).reshape(2, 3).astype(kind)
    for order in (array, np.asfortranarray(array)):
        stream = io.BytesIO()
        np.lib.format.write_array(stream, order, (1, 0), allow_pickle=False)
        read = judge.read_array(stream.getvalue())
        assert read.dtype == array.dtype and np.array_equal(read, array)


def test_the_first_value_of_a_name_counts():
    given = frames(("a", "x", {"json": 1}), ("a", "x", {"json": 2}))
    assert judge.read(given, {"a": {"x"}})[0] == {"a": {"x": 1}}


@pytest.mark.parametrize(
    "forged",
    [
        b'{"check": "a", "points": 99}\n{"points": 99}\n',
        b'{"check": "a", "name": "x", "json": ' + b"[" * 99_999 + b"\n",
        b'{"check": "a", "name": "x", "npy": 9}\n\x80\x04K\x07.....',
        b'{"check": "a", "name": "x", "npy": 99999999999}\n',
        b'{"check": "a", "name": "x", "npy": -5}\n',
        b'{"check": "a", "name": "__builtins__", "json": {}}\n',
        bytes(range(256)) * 99 + b"\n",
        b'{"finished": 1}\n[]\n7\nnull\n"x"\n',
    ],
    ids=["points", "nesting", "pickle", "huge", "negative", "name", "garbage", "end"],
)
def test_a_forged_frame_is_none_and_the_next_one_counts(forged):
    true = frames(("a", "x", {"json": 1}))
    assert judge.read(forged + true, {"a": {"x"}}) == ({"a": {"x": 1}}, {"a": {}}, {}, False)


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
    with open(tmp_path / "out", "wb", buffering=0) as out:
        try:
            runner.hand_over(out.fileno(), "part2", "answers", value)
        except (TypeError, ValueError) as raised:
            head = {"check": "part2", "name": "answers", "missing": runner.in_words(raised)}
            runner.send(out.fileno(), head)
    values, missing, *_ = judge.read((tmp_path / "out").read_bytes(), {"part2": {"answers"}})
    checks = assignment.read_assignment(changed_source(lambda notebook: None), "x").checks
    verdict = judge.award(asdict(checks[1]), values["part2"], missing["part2"], {"labels": [1] * 9})
    assert verdict["points"] == 0 and verdict["message"]


def test_a_source_whose_check_judges_nothing_is_refused(tmp_path):
    broken = submissions.source()
    broken.cells[3].source = "assert True"
    nbformat.write(broken, tmp_path / "x.ipynb")
    with pytest.raises(ValueError, match="no hidden tests"):
        assignment.read_assignment((tmp_path / "x.ipynb").read_bytes(), "x")


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


def frames(*given) -> bytes:
    content = b""
    for check, name, value in given:
        head, buffer = {"check": check, "name": name}, io.BytesIO()
        if isinstance(value, np.ndarray):
            np.lib.format.write_array(buffer, value, allow_pickle=False)
            head["npy"] = len(buffer.getvalue())
        else:
            head |= value
        content += json.dumps(head).encode() + b"\n" + buffer.getvalue()
    return content


def test_the_last_network_that_came_is_run_again():
    first, second = np.zeros(9, "uint8"), np.ones(8, "uint8")
    rows, all_rows = np.zeros((2, 3), "int32"), np.ones((5, 3), "int32")
    came = [("a", "network", first), ("a", "sequences", rows), ("b", "sequences", all_rows)]
    found, _ = judge.pick(frames(*came, ("b", "network", {"json": None})), ["a", "b"])
    assert len(found["network"]) == 9 and len(found["sequences"]) == 5
    found, _ = judge.pick(frames(*came, ("b", "network", second)), ["a", "b"])
    assert len(found["network"]) == 8


@pytest.mark.parametrize(
    "odd",
    [
        {"json": "x" * 99},
        {"missing": "AttributeError: no Keras model"},
        np.zeros(9, "float32"),
        np.zeros((3, 3), "uint8"),
    ],
    ids=["text", "missing", "numbers", "a table"],
)
def test_what_is_no_network_is_not_run(odd):
    given = frames(("a", "network", odd), ("a", "sequences", np.zeros((2, 3), "int32")))
    found, why = judge.pick(given, ["a"])
    assert not found and why == (odd.get("missing", "") if isinstance(odd, dict) else "")
    assert judge.pick(b"", ["a"]) == ({}, "") == judge.pick(b"\x00" * 99, ["a"])


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


def test_a_name_that_the_check_itself_lacks_is_the_instructors_trouble():
    with pytest.raises(NameError):
        award("no_such_name")


def test_words_alarms_and_messages_have_a_limit():
    result = award("for n in range(99): alarm('x' * 9999)\nmessage = 'y' * 9999", x="z" * 99_999)
    assert len(result["alarms"]) == judge.ERRORS_MAX
    assert len(result["alarms"][0]) == len(result["message"]) == judge.TEXT_MAX
    assert len(result["prose"]["x"]) == judge.PROSE_MAX


def test_a_flood_of_frames_is_not_read_to_its_end(monkeypatch):
    """A Python loop over a hundred million empty lines would take minutes outside every limit."""
    monkeypatch.setattr(judge, "FRAMES_MAX", 50)
    value = frames(("a", "x", {"json": 1}))
    assert judge.read(b"\n" * 49 + value, {"a": {"x"}})[0]["a"] == {"x": 1}
    assert judge.read(b"\n" * 50 + value, {"a": {"x"}})[0]["a"] == {}


def test_all_lines_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(judge, "JSON_MAX", 1000)
    big = frames(("a", "x", {"json": "b" * 700}))
    values = judge.read(big + frames(("a", "y", {"json": "c" * 700})), {"a": {"x", "y"}})[0]["a"]
    assert list(values) == ["x"]
    array = np.zeros(10_000, "uint8")
    values = judge.read(frames(("a", "x", array), ("a", "y", array)), {"a": {"x", "y"}})[0]["a"]
    assert list(values) == ["x", "y"], "an array is no line: it stays bytes"


def test_bytes_that_take_too_much_cpu_cost_their_own_part_only(monkeypatch):
    """The judge counts its own CPU seconds; the other checks keep their points."""
    monkeypatch.setattr(submission, "JUDGE_SECONDS", 3)

    def check(name, code):
        return assignment.Check(name, name, 1.0, {"x": "x"}, code)

    checks = [check("spins", "while x:\n    pass"), check("right", "assert x")]
    homework = assignment.Assignment("hw", submissions.source(), checks)
    given = frames(("spins", "x", {"json": 1}), ("right", "x", {"json": 1}))
    verdict, alarms = submission.judged(homework, b"{}", given)
    assert [part["points"] for part in verdict["checks"]] == [0, 1]
    assert len(alarms) == 1 and "spins" in alarms[0] and "more than 1 seconds" in alarms[0]


def test_checks_that_break_by_themselves_are_no_grade():
    broken = assignment.Check("a", "a", 1.0, {}, "no_such_name")
    homework = assignment.Assignment("hw", submissions.source(), [broken])
    with pytest.raises(submission.ChecksFailed, match="no_such_name"):
        submission.judged(homework, b"{}", b"")


def changed_source(change):
    notebook = submissions.source()
    change(notebook)
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize(
    ("points", "refused"), [(-5, True), (float("inf"), True), (0, False), (2.5, False)]
)
def test_points_below_nothing_are_refused(points, refused):
    def change(notebook):
        submissions.cell_of(notebook, "part1").metadata.nbgrader.points = points

    content = changed_source(change)
    if refused:
        with pytest.raises(ValueError, match="part1"):
            assignment.read_assignment(content, "x")
    else:
        assert assignment.read_assignment(content, "x").points == points + 5


@pytest.mark.parametrize("name", ["part2", "squares"])
def test_two_cells_of_one_name_are_refused(name):
    """A check that was copied would be worth its points twice."""

    def change(notebook):
        twin = nbformat.from_dict(submissions.cell_of(notebook, name))
        notebook.cells.append(nbformat.from_dict(dict(twin) | {"id": "copied"}))

    with pytest.raises(ValueError, match=f"grade_id {name}"):
        assignment.read_assignment(changed_source(change), "x")


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


def test_an_array_larger_than_any_network_is_not_taken(monkeypatch):
    monkeypatch.setattr(judge, "ARRAY_MAX", 200)
    small, big = np.zeros(40, "uint8"), np.zeros(400, "uint8")
    values, missing, *_ = judge.read(frames(("a", "x", big), ("a", "y", small)), {"a": {"x", "y"}})
    assert list(values["a"]) == ["y"], "what comes after it is read"
    assert "너무 큽니다" in missing["a"]["x"]
