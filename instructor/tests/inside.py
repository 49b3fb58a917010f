"""Grades hand-ins to a homework in this very process: no box, no kernel, Keras imported once.

A dozen of them take seconds. Values go through the runner's frames and the judge's reader, and a
network through the second run, as in a grading. Besides, each check that students see is run: it
must be content exactly where nothing is lost.
"""

import contextlib
import functools
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import dedent

import nbformat
import numpy as np
import pytest
import submissions
from coursekit import checks

from grading import submission
from grading.alone import judge, rerun, runner
from grading.assignment import find, marks, read_assignment
from grading.limits import Limits
from tools.lessons import HIDDEN, is_setup

BLANK = 'raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'
THOROUGH = bool(os.environ.get("THOROUGH"))  # make test-grading
EARNS = dict[str, float | tuple[float, float]]
ANSWERS = dict[str, str | dict[str, str]]


@dataclass
class HandIn:
    """A row of a homework's table: what a student did, and what a fair teacher gives for it.

    ``answers``: by blank, its code or what is changed in the solution's ({}: nothing); the other
    blanks are solved. ``earns`` names the parts that are less than full, by their names or how
    these begin; a pair is the least and the most, where luck is in it or a visible check cannot
    know. What belongs to a blank that was left earns nothing. ``says``: in one of the messages.
    """

    answers: ANSWERS
    earns: EARNS
    says: str
    quick: bool  # where a table is long, the others are for `make test-grading`


def adder(to: dict[str, HandIn], first: ANSWERS | None = None) -> Callable:
    """Give a function that adds rows: ``hand_in("its name", earns, says)(blank=code, …)``.

    They have the answers of ``first`` in other blanks.
    """

    def hand_in(name, earns=None, says="", quick=False):
        def add(**answers):
            to[name] = HandIn((first or {}) | answers, earns or {}, says, quick)

        return add

    return hand_in


def left(blanks: str) -> ANSWERS:
    """These blanks as they were handed out."""
    return dict.fromkeys(blanks.split(), BLANK)


def held_to(begins: str, rows: dict[str, HandIn], luck: EARNS | None = None, **names) -> Callable:
    """The test that holds the rows of a homework's table to what they earn.

    Parts in ``luck`` are accuracies: they get that much at least. ``names``: what the rows share.
    """

    @pytest.mark.long(40)
    @pytest.mark.parametrize("name", rows)
    def test(name):
        homework(begins).is_fair_to(rows[name], luck or {}, names)

    return test


@functools.cache
def homework(begins: str) -> "Homework":
    """The homework whose name begins so."""
    return Homework(find(begins))


def material(source: Path):
    """What a homework is graded with."""
    return submission._material(submission.setting(source, Limits(), True, 1))


class Homework:
    """A homework on the sample, its locked cells before the first blank run once."""

    def __init__(self, source: Path):
        checks.watch()
        self.original = nbformat.read(source, as_version=4)
        self.checks = read_assignment(source.read_bytes(), source.stem).checks
        with tempfile.TemporaryDirectory() as folder:
            self.documents, truth = material(source).prepare(Path(folder, "data"))
        self.truth = json.loads(truth)
        cells = submissions.solved(self.original).cells
        self.solution = {marks(c)["grade_id"]: c.source for c in cells if marks(c).get("solution")}
        self.first = next(n for n, cell in enumerate(cells) if marks(cell).get("solution"))
        self.begun: dict = {}
        for cell in cells[: self.first]:
            if cell.cell_type == "code" and not is_setup(cell):
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(cell.source, self.begun)

    def is_fair_to(self, row: HandIn, luck: EARNS, names: dict) -> None:
        """Hold a hand-in to what it earns.

        Where no luck is in it, the visible check was content exactly where nothing is lost.
        """
        answers = {blank: self._code(blank, given) for blank, given in row.answers.items()}
        given, said = self.grade(answers, names)
        told, blank = f"{given}\n{said}", ""
        for mark in map(marks, self.original.cells):
            if mark.get("solution"):
                blank = mark["grade_id"]
            if not mark.get("grade"):
                continue
            part, full = mark["grade_id"], mark["points"]
            got = given[part]["points"]
            wanted = (luck[part], full) if part in luck else full
            wanted = 0 if answers.get(blank) == BLANK else wanted
            wanted = next((n for start, n in row.earns.items() if part.startswith(start)), wanted)
            least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            assert least - 0.01 < got < most + 0.01, f"{part}\n{told}"
            assert isinstance(wanted, tuple) or (got == full) == (not said[part]), f"{part}\n{told}"
        assert any(row.says in one["message"] for one in given.values()), told

    def _code(self, blank: str, given: str | dict[str, str]) -> str:
        if isinstance(given, str):
            return dedent(given)
        code = self.solution[blank]
        for old, new in given.items():
            assert old in code, f"the solution of {blank} has no {old!r}"
            code = code.replace(old, new)
        return code

    def grade(self, answers: dict[str, str], names: dict) -> tuple[dict, dict]:
        """Grade the solution with other code in some of its blanks, which may use ``names``.

        Returns:
            What the judge says of each check, and what each cell raised, a visible check, too.
        """
        names, saver, said = self.begun | names, runner.Saver(), {}
        checks.lines_drawn().clear()
        with tempfile.TemporaryFile() as frames:
            for cell in submissions.solved(self.original, **answers).cells[self.first :]:
                if cell.cell_type != "code":
                    continue
                name = marks(cell).get("grade_id")
                try:
                    with contextlib.redirect_stdout(io.StringIO()):
                        exec(HIDDEN.sub("", cell.source), names)
                    said[name] = ""
                except BaseException as error:
                    said[name] = str(error) or type(error).__name__
                if marks(cell).get("grade"):
                    self._hand_over(frames.fileno(), name, names, saver)
            frames.seek(0)
            handed_in = frames.read()
        asked = {check.name: {*check.collect, *check.optional} for check in self.checks}
        values, missing, *_ = judge.read(handed_in, asked)
        network = run_again(handed_in, [name for name, all in asked.items() if "network" in all])
        given = {}
        for check in self.checks:
            own = values[check.name], missing[check.name]
            given[check.name] = judge.award(asdict(check), *own, self.truth, network, values)
        return given, said

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
