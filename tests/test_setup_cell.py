"""The set-up cell: brings the course on Colab, does nothing anywhere else."""

import os
import re
import subprocess
import sys
import types

from conftest import ROOT, TESTS

from tools import address

CELL = (TESTS / "setup_cell.py").read_text("utf-8")


def run_cell(monkeypatch):
    """Run the cell with every command and change of folder caught; return what it asked for."""
    asked = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: asked.append(command))
    monkeypatch.setattr(os, "chdir", lambda folder: asked.append(["cd", folder]))
    monkeypatch.setattr(sys, "path", list(sys.path))
    exec(CELL, {})
    return asked


def test_it_does_nothing_here(monkeypatch):
    assert run_cell(monkeypatch) == []


def test_it_brings_the_course_on_colab(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    clone, folder, install = run_cell(monkeypatch)
    assert clone[:2] == ["git", "clone"] and address.current() in clone
    assert folder == ["cd", "/content/course/lessons"]
    assert install[1:4] == ["-m", "pip", "install"] and install[-1] == "colab.txt"


def test_colab_gets_the_versions_we_test():
    pinned = (ROOT / "requirements.txt").read_text("utf-8")
    for line in (ROOT / "lessons" / "colab.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            assert re.search(rf"(?mi)^{re.escape(line)}\b", pinned), (
                f"colab.txt: {line} is not ours"
            )
