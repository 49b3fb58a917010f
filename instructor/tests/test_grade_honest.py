"""Two dozen hand-ins to the homework earn what a fair teacher gives, on the sample."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import submissions
from classroom import hand_in
from honest import HANDINS, MOST

from grading import handins, sandbox, submission
from grading.assignment import SOURCE
from grading.limits import Limits

ALL = bool(os.environ.get("THOROUGH"))  # make test-grading
NAMES = [name for name, case in HANDINS.items() if case.quick or ALL]
LIMITS = Limits(seconds=600, cell_seconds=20)


class Warm:
    """In place of the sandbox: the same programs, without a box, forked from a ready process."""

    def __init__(self, folder):
        self.folder, self.count, self.seconds = folder, 0, 0.0
        environment = {**os.environ, "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            environment[name] = "1"
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def run(self, job, shown, limits, box, threads=1, stop=None, program=None):
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        job = {**job, "limits": vars(limits), "sandboxed": False}
        (place / "job").write_text(json.dumps(job), "utf-8")
        course = str(shown.get("/course", place))
        variables = sandbox._environment(str(place), course)
        line = {
            "program": str(program or sandbox.RUNNER),
            "job": str(place / "job"),
            "out": str(place / "out"),
            "folder": str(place),
            "seconds": self.seconds,
            "environment": {name: variables[name] for name in variables if name != "PATH"},
        }
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        return sandbox.Outcome((place / "out").read_bytes(), "", said["stopped"], said["cpu"])


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    warm = Warm(tmp_path_factory.mktemp("warm"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "run", warm.run)
        setting = submission.setting(SOURCE, LIMITS, True, 1)
        patch.setattr(submission, "ready", lambda setting: None)  # it has run Keras
        yield warm, setting, submission.bench(setting).key
    submission.forget()
    warm.process.stdin.close()
    warm.process.wait()


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(bench, name, tmp_path):
    (warm, setting, key), case = bench, HANDINS[name]
    warm.seconds = case.seconds
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
