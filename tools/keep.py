"""make keep: make the runs that are too long for a learner, and keep them in lessons/kept.

The cells tagged ``keep`` run, and no others: the set-up cell, imports, data, the functions that
build and train, and each cell that says ``train.kept("NAME", …)``. Kept are the curve, the weights
where the cell uses a model, and what made them: the hash of those cells and of the data. A kept
run goes stale as a recording does, by :func:`problems`, which `make check` asks. `make verify
KEPT=1` makes them again, which may take hours.
"""

import ast
import json
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from tools import stale
from tools.lessons import COURSE, Course, Lesson, code_cells, tags

TAG = "keep"
NEAR = 0.1  # a curve made again ends within a tenth of the kept one: machines round differently


def names(lesson: Lesson) -> list[str]:
    """The names of the kept runs that a lesson loads, in order."""
    return [
        call.args[0].value
        for cell in code_cells(lesson.notebook)
        for call in ast.walk(stale.parse(cell.source))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "train.kept"
    ]


def code_hash(lesson: Lesson) -> str:
    """The hash of what the cells compute that make the kept runs."""
    return stale.code_hash([cell for cell in lesson.cells if TAG in tags(cell)])


def make(course: Course, lesson: Lesson, folder: Path) -> None:
    """Make the runs of a lesson anew, on the real data, and store them in a folder.

    Raises:
        SystemExit: a run was not made, because its cell has no tag; or see tools/execute.py.
    """
    from tools import execute  # a kernel's client, which `make check` does without

    ran = execute.run(course, lesson.notebook, TAG, COURSE_KEEP=str(folder))
    for name in names(lesson):
        file = folder / f"{name}.json"
        if not file.exists():
            raise SystemExit(f"{name} was not made: tag its cell `{TAG}`.")
        told = json.loads(file.read_text(encoding="utf-8"))
        told |= {"made": date.today().isoformat(), "cpu": execute.cpu(), "data": ran.data}
        told["code_sha256"] = code_hash(lesson)
        file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def problems(lesson: Lesson, folder: Path) -> list[str]:
    """What keeps the kept runs of a lesson from being those of its cells, a line each."""
    found, again = [], "run `make keep LESSON=?`"
    for name in names(lesson):
        file = folder / f"{name}.json"
        if not file.exists():
            found.append(f"loads {name}, which was never kept: {again}")
            continue
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["code_sha256"] != code_hash(lesson):
            found.append(f"computes something else than what {name} was kept of: {again}")
        found += [
            f"keeps {name}, made of another {data} than the registry's: {again}"
            for data in stale.other_data(told["data"])
        ]
    return found


def verify(numbers: list[str], course: Course = COURSE) -> None:
    """Make the kept runs of lessons again; SystemExit names the curves that end elsewhere."""
    found = []
    for lesson in filter(names, course.chosen(numbers)):
        with tempfile.TemporaryDirectory() as place:
            make(course, lesson, Path(place))
            for name in names(lesson):
                old, new = (
                    json.loads(Path(where, f"{name}.json").read_text("utf-8"))["history"]
                    for where in (course.kept, place)
                )
                found += [
                    f"{lesson.path.name}, {name}: {metric} ends at {new[metric][-1]:.4f}, "
                    f"kept {old[metric][-1]:.4f}"
                    for metric in old
                    if not np.isclose(new[metric][-1], old[metric][-1], rtol=NEAR)
                ]
    if found:
        raise SystemExit("\n".join(found))


def main(numbers: list[str], course: Course = COURSE) -> None:
    if numbers[:1] == ["--verify"]:
        return verify(numbers[1:], course)
    if not numbers:
        raise SystemExit("Say which lesson: make keep LESSON=03")
    for lesson in course.chosen(numbers):
        if not names(lesson):
            raise SystemExit(f"{lesson.path.name} loads no kept run: it has no train.kept(…).")
        with tempfile.TemporaryDirectory() as place:
            make(course, lesson, Path(place))
            course.kept.mkdir(exist_ok=True)
            for file in sorted(Path(place).iterdir()):
                shutil.copy(file, course.kept)
                print(f"Kept lessons/kept/{file.name}: {file.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
