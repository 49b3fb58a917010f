"""Two dozen hand-ins to the homework earn what a fair teacher gives, on the sample."""

import os

import pytest
import warm
from honest import HANDINS, MOST

from grading.assignment import find
from grading.limits import Limits

pytestmark = pytest.mark.long(40)

ALL = bool(os.environ.get("THOROUGH"))  # make test-grading
NAMES = [name for name, case in HANDINS.items() if case.quick or ALL]
LIMITS = Limits(seconds=600, cell_seconds=20)


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    with warm.grading(tmp_path_factory.mktemp("warm"), find("09"), LIMITS) as grade:
        yield grade


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(grade, name):
    case = HANDINS[name]
    result = grade(case.answers, case.seconds)
    points = {part.check: part.points for part in result.parts}
    told = "\n".join([f"{name}: {points}", *(p.message for p in result.parts), str(result.errors)])
    for part, most in MOST.items():
        if part in case.least:
            assert case.least[part] <= points[part] <= case.most.get(part, most), f"{part}\n{told}"
        elif case.earns.get(part, most) is not None:
            assert points[part] == pytest.approx(case.earns.get(part, most)), f"{part}\n{told}"
    assert result.stopped == case.stopped, told
    assert case.says in told, told
