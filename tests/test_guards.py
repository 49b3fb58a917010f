"""nbval lets some broken notebooks pass. Each guard is proved on a notebook that must fail."""

import os
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

BAD = {
    "an error": (["1 / 0"], "ZeroDivisionError"),
    "an unknown line magic": (["%no_such_magic\nx = 1"], "unknown magic"),
    "an unknown cell magic": (["%%no_such_magic\nx = 1"], "unknown magic"),
    "a failing shell command": (["!exit 3"], "exit code 3"),
    "a kernel that dies": (["import os\nos._exit(1)"], "died|timed out|Timeout|timeout"),
    "a hung cell": (["import time\ntime.sleep(600)"], "exceeded|timed out|Timeout|timeout"),
}


def nbval(folder, cells, seconds=15):
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "case.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-c", os.devnull]
    command += ["--nbval-lax", f"--nbval-cell-timeout={seconds}", f"--rootdir={folder}"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [*command, str(folder / "case.ipynb")], cwd=folder, capture_output=True, text=True,
        env=environment, timeout=200,
    )


def test_a_good_notebook_passes(tmp_path):
    result = nbval(tmp_path, [new_code_cell("print(1 + 1)"), new_code_cell("!true")])
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("case", BAD)
def test_a_bad_notebook_fails(tmp_path, case):
    import re

    sources, message = BAD[case]
    result = nbval(tmp_path, [new_code_cell(source) for source in sources])
    assert result.returncode == 1, result.stdout
    assert re.search(message, result.stdout), result.stdout


def test_a_marked_cell_is_compared(tmp_path):
    cell = new_code_cell("print(2)", metadata={"tags": ["nbval-check-output"]}, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="1\n")]
    assert nbval(tmp_path, [cell]).returncode == 1


def test_fit_is_shrunk_from_outside(tmp_path):
    source = (
        "import keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "h = model.fit(np.zeros((4, 1)), np.zeros((4, 1)), epochs=50, verbose=0)\n"
        "assert len(h.history['loss']) == 2"
    )
    result = nbval(tmp_path, [new_code_cell(source)], seconds=60)
    assert result.returncode == 0, result.stdout


def test_no_lesson_holds_a_test_switch():
    for path in sorted((ROOT / "lessons").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for word in ("PYTEST", "COURSE_TEST", "NBVAL", "smoke_test"):
            assert word not in text, f"{path.name} mentions {word}: shrink it in tests/kernel_startup.py"
