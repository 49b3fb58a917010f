"""Grades hand-ins to a homework in this very process: no box, no kernel, Keras imported once.

A dozen of them take seconds. Values go through the runner's frames and the judge's reader, as in a
grading; a network is asked here instead of in the second box. Besides, each check that students see
is run: it must be content exactly where nothing is lost.
"""

import contextlib
import io
import json
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from textwrap import dedent

import nbformat
import numpy as np
import pytest
import submissions

from grading import submission
from grading.alone import judge, runner
from grading.assignment import marks, read_assignment
from grading.limits import Limits
from tools.lessons import HIDDEN, is_setup

BLANK = 'raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'


@dataclass
class Graded:
    """What one hand-in got."""

    points: dict[str, float] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)  # what the visible check said, or nothing
    errors: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    names: dict = field(default_factory=dict, repr=False)  # what the notebook's cells left behind

    def __str__(self) -> str:
        lines = [
            f"{n}: {p} {self.messages[n]!r} / {self.seen[n]!r}" for n, p in self.points.items()
        ]
        return "\n".join([*lines, *self.errors, *self.alarms])


def is_fair(given: Graded, earns: dict, most: dict[str, float], luck: dict[str, float]) -> None:
    """Hold a hand-in to what it ``earns``: all of ``most``, but for the parts that are named.

    A part in ``luck`` is an accuracy: it gets that much at least, and is not compared with what its
    visible check said. Every other check was content exactly where nothing is lost.
    """
    for part, full in most.items():
        if part in luck and part not in earns:
            assert luck[part] <= given.points[part] <= full, f"{part}\n{given}"
        elif earns.get(part, full) is not None:
            assert given.points[part] == pytest.approx(earns.get(part, full)), f"{part}\n{given}"
        if part not in luck:
            assert (given.points[part] == full) == (not given.seen[part]), f"{part}\n{given}"


class Homework:
    """A homework on the sample, its locked cells before the first blank run once."""

    def __init__(self, source: Path, folder: Path):
        self.original = nbformat.read(source, as_version=4)
        self.checks = read_assignment(source.read_bytes(), source.stem).checks
        material = submission._material(submission.setting(source, Limits(), True, 1))
        self.documents, truth = material.prepare(folder / "data")
        self.truth = json.loads(truth)
        cells = submissions.solved(self.original).cells
        self.first = next(n for n, cell in enumerate(cells) if marks(cell).get("solution"))
        self.begun: dict = {}
        for cell in cells[: self.first]:
            if cell.cell_type == "code" and not is_setup(cell):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(cell.source, self.begun)

    def grade(self, answers: dict[str, str], **more) -> Graded:
        """Grade the solution with other answers in some of its blanks, which may use ``more``."""
        answers = {name: dedent(text) for name, text in answers.items()}
        names, values, network = self.begun | more, {}, {}
        found = Graded(names=names)
        for cell in submissions.solved(self.original, **answers).cells[self.first :]:
            if cell.cell_type != "code":
                continue
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(HIDDEN.sub("", cell.source), names)
                said = ""
            except BaseException as error:
                said = str(error) or type(error).__name__
            name = marks(cell).get("grade_id")
            if not marks(cell).get("grade"):
                found.errors += [f"{name}: {said}"] if said else []
                continue
            check = next(check for check in self.checks if check.name == name)
            values[name], network = self._collect(check, names, network)
            found.seen[name] = said
        for check in self.checks:
            given = judge.award(asdict(check), values[check.name], {}, self.truth, network, values)
            found.points[check.name] = given["points"]
            found.messages[check.name] = given["message"]
            found.alarms += given["alarms"]
        return found

    def _collect(self, check, names: dict, network: dict) -> tuple[dict, dict]:
        """What the check asks for, as the judge reads it; and what the network answers, if any."""
        given = {**self.documents, "np": np, "pictures": 0}
        with tempfile.TemporaryFile() as file:
            for name, expression in (check.collect | check.optional).items():
                try:
                    if name == "network":
                        last = {}
                        given["saved_model"] = lambda model, length, last=last: last.update(m=model)
                        eval(expression, {**names, **given})
                        continue
                    value = eval(expression, {**names, **given})
                    runner.hand_over(file.fileno(), check.name, name, value)
                    if name == "sequences":
                        outputs = np.asarray(last["m"](np.asarray(value)), "float32")
                        network = {"outputs": outputs.reshape(len(value), -1), "layers": []}
                except BaseException as error:
                    network = {"trouble": str(error)} if name == "sequences" else network
            file.seek(0)
            read = judge.read(file.read(), {check.name: {*check.collect, *check.optional}})
        return read[0][check.name], network
