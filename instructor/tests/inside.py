"""Grades hand-ins to a homework in this very process: no box, no kernel, Keras imported once.

A dozen of them take seconds. Values go through the runner's frames and the judge's reader, and a
network through the second run, as in a grading. Besides, each check that students see is run: it
must be content exactly where nothing is lost.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from textwrap import dedent

import nbformat
import numpy as np
import pytest
import submissions
from coursekit import checks

from grading import submission
from grading.alone import judge, rerun, runner
from grading.assignment import marks, read_assignment
from grading.limits import Limits
from tools.lessons import HIDDEN, is_setup

BLANK = 'raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'
THOROUGH = bool(os.environ.get("THOROUGH"))  # make test-grading
EARNS = dict[str, float | tuple[float, float]]


@dataclass
class HandIn:
    """Answers in some blanks of the solution, and what a fair teacher gives for them.

    ``earns`` names the parts that are less than full, by their names or how these begin; a pair is
    the least and the most, where luck is in it or a visible check cannot know. ``says``: in one of
    the messages.
    """

    answers: dict[str, str]
    earns: EARNS
    says: str
    quick: bool  # in `make test`; the others in `make test-grading`


def adder(
    to: dict[str, HandIn], first: dict[str, str] | None = None, lost: EARNS | None = None
) -> Callable:
    """Give a function that adds hand-ins: ``hand_in("its name", earns, says)(blank=code, …)``.

    They have the answers of ``first`` in other blanks, and earn ``lost`` there.
    """

    def hand_in(name, earns=None, says="", quick=False):
        def add(**answers):
            given = {blank: dedent(code) for blank, code in answers.items()}
            to[name] = HandIn((first or {}) | given, (earns or {}) | (lost or {}), says, quick)

        return add

    return hand_in


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


class Homework:
    """A homework on the sample, its locked cells before the first blank run once."""

    def __init__(self, source: Path, folder: Path):
        checks.watch()
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

    def is_fair_to(self, case: HandIn, luck: EARNS | None = None, **more) -> Graded:
        """Hold a hand-in to what it earns; what it got.

        Parts in ``luck`` are accuracies: they get that much at least. Where no luck is in it, the
        visible check was content exactly where nothing is lost.
        """
        given = self.grade(case.answers, **more)
        for check in self.checks:
            part, full, got = check.name, check.points, given.points[check.name]
            wanted = (luck[part], full) if part in (luck or {}) else full
            wanted = next((n for start, n in case.earns.items() if part.startswith(start)), wanted)
            least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            assert least - 0.01 < got < most + 0.01, f"{part}\n{given}"
            if not isinstance(wanted, tuple):
                assert (got == full) == (not given.seen[part]), f"{part}\n{given}"
        assert case.says in "\n".join(given.messages.values()), given
        return given

    def grade(self, answers: dict[str, str], **more) -> Graded:
        """Grade the solution with other answers in some of its blanks, which may use ``more``."""
        names, saver = self.begun | more, runner.Saver()
        found = Graded(names=names)
        checks.lines_drawn().clear()
        with tempfile.TemporaryFile() as frames:
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
                if marks(cell).get("grade"):
                    found.seen[name] = said
                    self._hand_over(frames.fileno(), name, names, saver)
                elif said:
                    found.errors.append(f"{name}: {said}")
            frames.seek(0)
            handed_in = frames.read()
        asked = {check.name: {*check.collect, *check.optional} for check in self.checks}
        values, missing, *_ = judge.read(handed_in, asked)
        network = run_again(handed_in, [name for name, all in asked.items() if "network" in all])
        for check in self.checks:
            own = values[check.name], missing[check.name]
            given = judge.award(asdict(check), *own, self.truth, network, values)
            found.points[check.name] = given["points"]
            found.messages[check.name] = given["message"]
            found.alarms += given["alarms"]
        return found

    def _hand_over(self, pipe: int, name: str, names: dict, saver: runner.Saver) -> None:
        """What a check asks for goes the runner's way; a picture is taken for shown."""
        check = next(check for check in self.checks if check.name == name)
        given = {**names, **self.documents, "np": np, "pictures": 1, "saved_model": saver}
        for asked, expression in (check.collect | check.optional).items():
            try:
                runner.hand_over(pipe, name, asked, eval(expression, dict(given)))
            except BaseException as error:
                head = {"check": name, "name": asked, "missing": runner.in_words(error)}
                runner.send(pipe, head)


def run_again(handed_in: bytes, asks: list[str]) -> dict:
    """What the second run says of the last network that was handed over."""
    picked, trouble = judge.pick(handed_in, asks)
    if not picked:
        return {"trouble": trouble}
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as out,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, array in picked.items():
            np.save(f"{folder}/{name}.npy", array)
        patch.setattr(sys, "argv", ["rerun.py", str(out.fileno())])
        patch.setattr(sys, "stdin", io.StringIO(json.dumps({"folder": folder})))
        rerun.main()
        out.seek(0)
        return judge.read(out.read(), {"rerun": {"outputs", "layers", "trouble"}})[0]["rerun"]
