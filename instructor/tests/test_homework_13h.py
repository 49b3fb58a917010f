"""Homework 13h: hand-ins of many styles earn what a fair teacher gives, as their checks had said.

A notebook runs here without a box, and the network is trained once for all. Most of the hand-ins,
and the reference in a box: `make test-grading`.
"""

import os

import pytest
import submissions
from classroom import boxed, hand_in
from inside import Homework, is_fair
from looking import HANDINS

from grading import grade
from grading.assignment import find

SOURCE = find("13h")
THOROUGH = bool(os.environ.get("THOROUGH"))  # make test-grading
NAMES = [name for name, case in HANDINS.items() if case.quick or THOROUGH]
pytestmark = pytest.mark.long(40)


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return Homework(SOURCE, tmp_path_factory.mktemp("13h"))


@pytest.fixture(scope="module")
def most(homework):
    return {check.name: check.points for check in homework.checks}


@pytest.fixture(scope="module")
def reference(homework):
    """The solution, trained; the other hand-ins get its weights."""
    return homework.grade({})


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


def test_the_reference_earns_everything(reference, most):
    assert sum(most.values()) == 100 and not reference.errors
    is_fair(reference, {}, most, {})


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(homework, reference, most, name):
    case, trained = HANDINS[name], reference.names["model"]
    kept = {"KEPT": trained.get_weights(), "KEPT_IN_ORDER": in_order(trained)}
    given = homework.grade(case.answers, **kept)
    is_fair(given, case.earns, most, {})
    assert case.says in "\n".join(given.messages.values()), given


@boxed
@pytest.mark.skipif(not THOROUGH, reason="the same in a box: make test-grading")
def test_the_reference_in_a_box(homework, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    hand_in(folder, "풀이.ipynb", submissions.solved(homework.original))
    (result,), failed = grade.grade_all(folder, tmp_path / "out", SOURCE, say=lambda line: None)
    assert not failed and not result.errors and result.points == 100, result
    assert result.seconds < 120
