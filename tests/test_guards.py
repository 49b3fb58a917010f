"""nbval lets some broken notebooks pass. Each guard is proved on a notebook that must fail."""

import ast
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbval.kernel import start_new_kernel

from tools.lessons import ROOT

pytestmark = pytest.mark.long(30)

# A stand-in for Keras: the real one takes longer to import than a cell has here.
KERAS = """\
import sys, types
class Model:
    _flatten_layers = lambda self: self.layers
    layers, run_eagerly, test_function = [], False, "graph"
    def fit(self, x=None, y=None, epochs=1, validation_split=0, shuffle=True, initial_epoch=0):
        self.seen = self.run_eagerly, tensorflow.while_loop(maximum_iterations=9)
        return epochs, None if x is None else len(x), None if y is None else [len(p) for p in y]
sys.modules["keras"] = keras = types.ModuleType("keras")
sys.modules["tensorflow"] = tensorflow = types.ModuleType("tensorflow")
tensorflow.while_loop = lambda maximum_iterations: maximum_iterations
keras.Model, keras.layers = Model, types.SimpleNamespace(RNN=Model)"""
GOOD = {
    "nothing_is_there_before_it_is_imported": [
        "import sys\nassert not {'np', 'keras', 'ask', 'serve'} & set(globals())",
        "assert not {'sklearn.svm', 'coursekit', 'conftest', 'kernels'} & set(sys.modules)",
        "assert not [place for place in sys.path if place.endswith('tests')]",
    ],
    "fit_is_shrunk_from_outside": [
        KERAS,
        "assert keras.Model().fit(epochs=50)[0] == 2",
        "import numpy as np\nx, y = np.zeros((500, 3)), (np.zeros(500), np.zeros(500))",
        "assert keras.Model().fit(x, y, epochs=50) == (2, 32, [32, 32])",
        "assert keras.Model().fit(x, y=y, validation_split=0.2) == (1, 40, [40, 40])",
        "assert keras.Model().fit(x, shuffle=False, epochs=3)[:2] == (2, 500)",
    ],
    "few_steps_want_no_graph": [
        KERAS,
        "model = keras.Model()\nmodel.fit()\nassert model.run_eagerly",
        "model.layers = [keras.layers.RNN()]\nmodel.fit()\nassert model.seen == (True, 8)",
        "assert not model.run_eagerly and model.test_function is None",
        "import tensorflow as tf\nassert tf.while_loop(maximum_iterations=9) == 9",
        "model.fit(shuffle=False)\nassert model.seen == (False, 9)",
        "import numpy as np\n_GRAPHS = True\nassert model.fit(np.zeros((50, 3)))[1] == 32",
        "assert model.seen == (False, 9)",
    ],
    "trials_take_one_rate_and_one_seed": [
        KERAS,
        'sys.modules["coursekit.train"] = train = types.ModuleType("coursekit.train")',
        "assert train.planned([0.3, 0.1, 0.2], (1, 2, 3)) == ([0.2], [1])",
    ],
    "one_seed_will_do_and_lists_of_them_as_long": [
        "SEEDS, seen = (1, 2, 3), []\nfor seed in SEEDS: seen.append(seed)\nassert seen == [1]",
        "assert [seed for seed in range(1, 6)] == [1] * 5",
        "assert [row for row in (1, 2, 3)] == [1, 2, 3]",
    ],
}
TIMEOUT = "exceeded|timed out|[Tt]imeout"
ENDLESS = ("hung_cell", "kernel_dies")  # a limit ends them, which no other notebook may reach
BAD = {
    "error": (["1 / 0"], "ZeroDivisionError"),
    "kernel_dies": (["import os\nos._exit(1)"], f"died|{TIMEOUT}"),
    "hung_cell": (["import time\ntime.sleep(600)"], TIMEOUT),
    "marked_cell_differs": (["print(2)  # was 1"], "mismatch"),
}


def write(folder, name, sources):
    cells = [new_code_cell(source, execution_count=1) for source in sources]
    if name == "marked_cell_differs":
        cells[0].metadata["tags"] = ["nbval-check-output"]
        cells[0].outputs = [new_output("stream", name="stdout", text="1\n")]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture(scope="module")
def failures(tmp_path_factory, pytestconfig):
    """Run every notebook as the lessons; what failed, by notebook: its messages."""
    folders = {seconds: tmp_path_factory.mktemp("guards") for seconds in (2, 600)}
    for name, sources in {**GOOD, **{name: bad for name, (bad, _) in BAD.items()}}.items():
        write(folders[2 if name in ENDLESS else 600], name, sources)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q"]
    command += ["-c", os.devnull, "--junitxml=report.xml", "--nbval-lax"]
    command += ["--nbval-kernel-startup-timeout=600", "."]
    if kernel := pytestconfig.option.nbval_kernel_name:
        command += [f"--nbval-kernel-name={kernel}"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    runs = [
        subprocess.Popen(
            [*command, f"--rootdir={folder}", f"--nbval-cell-timeout={seconds}"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for seconds, folder in folders.items()
    ]
    found: dict[str, str] = {}
    for ran, folder in zip(runs, folders.values(), strict=True):
        said, _ = ran.communicate(timeout=1800)
        assert (folder / "report.xml").exists(), said.decode()
        for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
            text = "".join(element.text or "" for element in case)
            if case.find("failure") is not None or case.find("error") is not None:
                name = case.get("classname").removesuffix(".ipynb").rsplit(".", 1)[-1]
                found[name] = found.get(name, "") + text
    return found


@pytest.mark.parametrize("name", GOOD)
def test_a_good_notebook_passes(failures, name):
    assert name not in failures, failures[name]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_notebook_fails(failures, name):
    assert name in failures, f"{name} passed; failed: {sorted(failures)}"
    assert re.search(BAD[name][1], failures[name]), failures[name]


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_a_kernel_ends_with_what_it_started(pytestconfig):
    manager, client = start_new_kernel(600, pytestconfig.option.nbval_kernel_name)
    code = "import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])"
    shown = client.execute_interactive(
        code, user_expressions={"pids": "[os.getpid(), child.pid]"}, timeout=600
    )
    pids = ast.literal_eval(shown["content"]["user_expressions"]["pids"]["data"]["text/plain"])
    below = [psutil.Process(pid) for pid in pids]
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    _, left = psutil.wait_procs(below, timeout=120)
    assert not [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


def test_no_lesson_holds_a_test_switch():
    for path in sorted((ROOT / "lessons").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for word in ("PYTEST", "COURSE_TEST", "NBVAL", "smoke_test"):
            assert word not in text, (
                f"{path.name} says {word}: shrink it in tools/kernel_startup.py"
            )
