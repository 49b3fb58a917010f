"""Runs runner.py or rerun.py without a box, in a child of one process that has Keras ready.

An import of TensorFlow costs more than a small hand-in; two dozen of them share one.
"""

import contextlib
import io
import json
import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
import submissions
from classroom import hand_in

from grading import handins, sandbox, submission
from grading.limits import Limits
from grading.result import Result

READY = ["matplotlib.pyplot", "pandas", "sklearn.feature_extraction.text", "sklearn.linear_model"]
READY += ["tensorflow", "IPython.core.interactiveshell"]


def child(program: str, place: str, environment: dict[str, str]) -> None:
    """Be the program, in the folder ``place``, with its job there."""
    os.chdir(place)
    log = os.open("log", os.O_WRONLY | os.O_CREAT)
    for number, opened in enumerate((os.open("job", os.O_RDONLY), log, log)):
        os.dup2(opened, number)
    os.environ |= environment
    sys.path.insert(0, environment["PYTHONPATH"])
    sys.argv = [program, str(os.open("out", os.O_WRONLY | os.O_CREAT))]
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    runpy.run_path(program, run_name="__main__")


def run(seconds: float, *arguments) -> tuple[str, float]:
    """Run :func:`child`; return what stopped it ("time", or nothing) and its CPU seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(READY)
    process = context.Process(target=child, args=arguments)
    process.start()
    stopped, used = "", 0.0
    while process.is_alive():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            used = sum(psutil.Process(process.pid).cpu_times()[:2])
        if used > seconds:
            process.kill()
            stopped = "time"
        process.join(0.05)
    return stopped, used


class Warm:
    """In place of the sandbox: the same programs, without a box, forked from a ready process."""

    def __init__(self, folder: Path):
        self.folder, self.count, self.seconds = folder, 0, 300.0

    def run(self, job, shown, limits, box, threads=1, stop=None, program=None):
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        job = {**job, "limits": vars(limits), "sandboxed": False}
        (place / "job").write_text(json.dumps(job), "utf-8")
        variables = sandbox._environment(str(place), str(shown.get("/course", place)))
        del variables["PATH"]
        program = str(program or sandbox.RUNNER)
        stopped, cpu = run(self.seconds, program, str(place), variables)
        return sandbox.Outcome((place / "out").read_bytes(), "", stopped, cpu)


@contextlib.contextmanager
def grading(
    folder: Path, source: Path, limits: Limits
) -> Iterator[Callable[[dict[str, str], float], Result]]:
    """Give a function that grades answers (code by grade id, the others right) to a homework."""
    here, original = Warm(folder), nbformat.read(source, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            patch.setenv(name, "1")
        patch.setattr(sandbox, "run", here.run)
        patch.setattr(submission, "ready", lambda setting: None)  # it has run Keras
        setting = submission.setting(source, limits, True, 1)
        key = submission.bench(setting).key

        def grade(answers: dict[str, str], seconds: float = 300) -> Result:
            here.seconds = seconds
            place = folder / f"handed in {here.count}"
            place.mkdir()
            hand_in(place, "학생.ipynb", submissions.solved(original, **answers))
            (handin,), _ = handins.find(place, source.stem)
            return submission.grade(submission.Task(setting, key, handin))

        yield grade
    submission.forget()
