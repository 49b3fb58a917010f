"""Homework 13h: hand-ins of many styles earn what a fair teacher gives, as their checks had said.

A notebook runs here without a box, and the network is trained once for all. Most of the hand-ins,
and the reference in a box: `make test-grading`.
"""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

import nbformat
import numpy as np
import pytest
import submissions
from classroom import boxed, hand_in
from looking import HANDINS

from grading import grade, submission
from grading.alone import judge, runner
from grading.assignment import HOMEWORK, marks, read_assignment
from grading.limits import Limits
from tools.lessons import is_setup

SOURCE = HOMEWORK / "13h_looking_homework.ipynb"
NOTEBOOK = nbformat.read(SOURCE, as_version=4)
CHECKS = {check.name: check for check in read_assignment(SOURCE.read_bytes(), SOURCE.stem).checks}
THOROUGH = bool(os.environ.get("THOROUGH"))  # make test-grading
NAMES = [name for name, case in HANDINS.items() if case.quick or THOROUGH]
MOST = {name: check.points for name, check in CHECKS.items()}
SOLVED = submissions.solved(NOTEBOOK)
pytestmark = pytest.mark.long(40)


@pytest.fixture(scope="module")
def material():
    setting = submission.setting(SOURCE, Limits(), True, 1)
    folder = Path(os.environ.get("TMPDIR", "/tmp"), "looking-material")
    documents, truth = submission._material(setting).prepare(folder)
    shutil.rmtree(folder)
    return documents, json.loads(truth)


def handed_over(value):
    """As a value comes out of a box."""
    value = value.numpy() if hasattr(value, "numpy") else value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return value
    return runner.plain(value.tolist() if isinstance(value, np.ndarray) else value)


def graded(answers, material, **more) -> tuple[dict, dict, dict]:
    """Run the cells; return what each check awards, whether it was passed, and all names."""
    documents, truth = material
    names: dict = {"__name__": "__main__", **more}
    awards, passed = {}, {}
    for cell in SOLVED.cells:
        if cell.cell_type != "code" or is_setup(cell):
            continue
        name = marks(cell).get("grade_id")
        source = answers.get(name, cell.source)
        try:
            exec(compile(source, f"<{name}>", "exec"), names)
            passed[name] = True
        except Exception as error:
            passed[name] = False
            names.setdefault("_errors", []).append(f"{name}: {type(error).__name__}: {error}")
        if name in CHECKS:
            check, values = CHECKS[name], {}
            for wanted, expression in (check.collect | check.optional).items():
                try:
                    value = eval(expression, {**names, **documents, "np": np})
                    values[wanted] = handed_over(value)
                except Exception:
                    continue
            awards[name] = judge.award(asdict(check), values, {}, truth)
    return awards, passed, names


@pytest.fixture(scope="module")
def reference(material):
    """The solution, trained: what it earns, and its weights by shape, for the other hand-ins."""
    return graded({}, material)


def in_order(trained):
    """The trained weights in the order of another model, whose layers were made in another one."""

    def kind(weight):
        return weight.name.partition("_")[0], tuple(weight.shape)

    def order(model):
        left, found = list(trained.weights), []
        for wanted in model.weights:
            place = [kind(weight) for weight in left].index(kind(wanted))
            found.append(left.pop(place).numpy())
        return found

    return order


def test_the_reference_earns_everything(reference):
    awards, passed, names = reference
    assert sum(MOST.values()) == 100
    assert {name: award["points"] for name, award in awards.items()} == MOST, awards
    assert all(passed.values()), names.get("_errors")


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(reference, material, name):
    case, trained = HANDINS[name], reference[2]["model"]
    more = {"KEPT": trained.get_weights(), "KEPT_IN_ORDER": in_order(trained)}
    awards, passed, names = graded(case.answers, material, **more)
    told = "\n".join([*(f"{k}: {v['points']} {v['message']}" for k, v in awards.items())])
    told += "\n" + "\n".join(names.get("_errors", []))
    for part, most in MOST.items():
        if (wanted := case.earns.get(part, most)) is not None:
            assert awards[part]["points"] == pytest.approx(wanted), f"{part}\n{told}"
        full = awards[part]["points"] >= most
        assert passed[part] == full, f"{part}: the check says another thing than the grade\n{told}"
    assert case.says in told, told


@boxed
@pytest.mark.skipif(not THOROUGH, reason="the same in a box: make test-grading")
def test_the_reference_in_a_box(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    hand_in(folder, "풀이.ipynb", SOLVED)
    (result,), failed = grade.grade_all(folder, tmp_path / "out", SOURCE, say=lambda line: None)
    assert not failed and not result.errors and result.points == 100, result
    assert result.seconds < 120
