"""Two dozen hand-ins to the homework earn what a fair teacher gives, on the sample."""

import json
import os

import nbformat
import pytest
import submissions
import warm
from classroom import hand_in
from honest import HANDINS, MOST

from grading import handins, sandbox, submission
from grading.assignment import find
from grading.limits import Limits

SOURCE = find("09")
pytestmark = pytest.mark.long(40)

ALL = bool(os.environ.get("THOROUGH"))  # make test-grading
NAMES = [name for name, case in HANDINS.items() if case.quick or ALL]
LIMITS = Limits(seconds=600, cell_seconds=20)


class Warm:
    """In place of the sandbox: the same programs, without a box, forked from a ready process."""

    def __init__(self, folder):
        self.folder, self.count, self.seconds = folder, 0, 0.0

    def run(self, job, shown, limits, box, threads=1, stop=None, program=None):
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        job = {**job, "limits": vars(limits), "sandboxed": False}
        (place / "job").write_text(json.dumps(job), "utf-8")
        variables = sandbox._environment(str(place), str(shown.get("/course", place)))
        del variables["PATH"]
        program = str(program or sandbox.RUNNER)
        stopped, cpu = warm.run(self.seconds, program, str(place), variables)
        return sandbox.Outcome((place / "out").read_bytes(), "", stopped, cpu)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    here = Warm(tmp_path_factory.mktemp("warm"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            patch.setenv(name, "1")
        patch.setattr(sandbox, "run", here.run)
        setting = submission.setting(SOURCE, LIMITS, True, 1)
        patch.setattr(submission, "ready", lambda setting: None)  # it has run Keras
        yield here, setting, submission.bench(setting).key
    submission.forget()


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(bench, name, tmp_path):
    (here, setting, key), case = bench, HANDINS[name]
    here.seconds = case.seconds
    notebook = submissions.solved(nbformat.read(SOURCE, as_version=4), **case.answers)
    hand_in(tmp_path, "학생.ipynb", notebook)
    (handin,), _ = handins.find(tmp_path, SOURCE.stem)
    result = submission.grade(submission.Task(setting, key, handin))
    points = {part.check: part.points for part in result.parts}
    told = "\n".join([f"{name}: {points}", *(p.message for p in result.parts), str(result.errors)])
    for part, most in MOST.items():
        if part in case.least:
            assert case.least[part] <= points[part] <= case.most.get(part, most), f"{part}\n{told}"
        elif case.earns.get(part, most) is not None:
            assert points[part] == pytest.approx(case.earns.get(part, most)), f"{part}\n{told}"
    assert result.stopped == case.stopped, told
    assert case.says in told, told
