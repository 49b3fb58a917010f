"""A stored grade is graded again when anything it depends on has changed, and only then."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from classroom import page, run
from coursekit import data

from grading import key, sandbox, submission
from grading.limits import Limits
from tools.lessons import ROOT


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A copy of what the engine is made of, in place of the repository."""
    for folder in ("instructor/grading", "tools", "lessons/coursekit"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    (tmp_path / "instructor" / "homework").mkdir()
    shutil.copy(ROOT / "instructor/homework/nbgrader_config.py", tmp_path / "instructor/homework")
    monkeypatch.setattr(key, "ROOT", tmp_path)
    monkeypatch.setattr(key, "engine", key.engine.__wrapped__)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "another"),
    [
        ("instructor/grading/alone/judge.py", True),
        ("instructor/grading/sandbox.py", True),
        ("lessons/coursekit/checks.py", True),
        ("tools/lessons.py", True),
        ("instructor/homework/nbgrader_config.py", True),
        ("instructor/grading/feedback.html.jinja", False),
        ("tools/execute.py", False),  # the author's commands
    ],
)
def test_a_changed_file_of_the_engine_is_another_key_and_no_other_file(house, file, another):
    before = key.of_run()
    assert key.of_run() == before
    (house / file).write_text((house / file).read_text("utf-8") + "\n# changed\n", "utf-8")
    assert (key.of_run() != before) is another


def test_another_package_source_material_data_limit_or_box_is_another_key(assignment, monkeypatch):
    given = submission.setting(assignment, Limits(), True, 1)
    monkeypatch.setattr(sandbox, "find_bwrap", lambda: "bwrap")
    monkeypatch.setattr(key, "engine", key.engine.__wrapped__)

    def key_of(**changes) -> str:
        submission.forget()
        return submission.bench(replace(given, **changes)).key

    keys = [key_of(), key_of(unsafe=False), key_of(limits=Limits(memory_mb=1))]
    keys.append(key_of(source=given.source.replace(b"squares(5)", b"squares(6)")))
    keys.append(key_of(material=given.material + b"\nSALT = 1\n"))
    assert key_of(threads=2) == keys[0], "how it is graded, not what"
    train, test = data.load_nsmc()
    monkeypatch.setattr(data, "load_nsmc", lambda: (train[1:], test))
    keys.append(key_of())
    monkeypatch.setattr(key.metadata, "version", lambda name: "0.0")
    keys.append(key_of())
    assert len(set(keys)) == len(keys)


def test_everything_of_tools_that_the_grader_loads_is_in_the_key():
    loaded = (
        "import sys, json, grading.grade, grading.scheduler; "
        "print(json.dumps([n for n in sys.modules if n.split('.')[0] == 'tools']))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = {name.replace(".", "/") for name in json.loads(answer.stdout.splitlines()[-1])}
    files = {f"{n}/__init__.py" if (ROOT / n).is_dir() else f"{n}.py" for n in names}
    assert files == {name for name in key.OTHERS if name.startswith("tools")}


def test_pages_of_stored_results_are_written_anew_and_nothing_runs(small, assignment):
    folder, out, _ = small
    run(folder, out, assignment, unsafe=True)
    stamps = {path: path.stat().st_mtime_ns for path in (out / "results").iterdir()}
    shutil.rmtree(out / "feedback")
    said = []
    run(folder, out, assignment, unsafe=True, say=said.append)
    assert page(out, "가") and page(out, "나")
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert "2 of 2 were graded before" in " ".join(said)
