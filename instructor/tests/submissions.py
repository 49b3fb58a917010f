"""Submissions of every kind, made from a small assignment by small changes.

The small assignment is graded by the engine that grades the homework; it needs no TensorFlow, so
that a hundred of them take a minute. ``CASES`` says what each one earns.
"""

import functools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.assignment import student_copy

CANARY = "canary-" + "of-the-hidden-checks"  # in one piece only in the source's hidden tests
ANSWERS = {
    "squares": "def squares(n):\n    return np.arange(n) ** 2",
    "predict": textwrap.dedent(
        """\
        def score(review):
            good = sum(word in review for word in ("재밌", "굿", "좋다", "^^", "ㅎㅎ", "최고"))
            return good - sum(word in review for word in ("지루", "재미없", ";;", "ㅡㅡ", "헐"))


        def predict(reviews):
            return [int(score(review) > 0) for review in reviews]"""
    ),
    "essay": 'essay = "좋은 낱말과 나쁜 낱말을 세었습니다."',
}
HIDDEN = {
    "part1": f"""\
        # sandbox: small = squares(5)
        # sandbox: large = squares(1000)
        # {CANARY}
        assert np.array_equal(small, [0, 1, 4, 9, 16]), "squares(5)가 틀립니다."
        assert np.asarray(large).shape == (1000,) and large[-1] == 998001, "squares(1000)이 틀립니다."
        """,
    "part2": """\
        # sandbox: answers = predict(reviews)
        answers = np.asarray(answers)
        assert answers.shape == (len(labels),), "리뷰 하나에 답 하나를 내야 합니다."
        accuracy = np.mean(answers == np.asarray(labels))
        message = f"정확도 {accuracy:.3f}"
        if accuracy > 0.97:
            alarm(f"part2: accuracy {accuracy:.3f}")
        4 if accuracy >= 0.65 else 2 if accuracy >= 0.55 else 0
        """,
    "part3": """\
        # sandbox: essay = essay
        assert isinstance(essay, str) and len(essay) >= 10, "essay가 너무 짧습니다."
        """,
}
POINTS = {"part1": 2, "part2": 4, "part3": 1}
FULL = (2, 4, 1)


def _nbgrader(name, points=None, solution=False):
    given = {"schema_version": 3, "grade_id": name, "grade": points is not None, "task": False}
    given |= {"solution": solution, "locked": not solution}
    return {"nbgrader": given | ({} if points is None else {"points": points})}


def source() -> nbformat.NotebookNode:
    """The instructor's source of the small assignment."""
    cells = [new_markdown_cell("# 작은 숙제", id="title")]
    cells.append(new_code_cell("import numpy as np", id="start", metadata=_nbgrader("start")))
    for (name, answer), check in zip(ANSWERS.items(), POINTS, strict=True):
        text = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        cells.append(new_code_cell(text, id=name, metadata=_nbgrader(name, solution=True)))
        hidden = textwrap.dedent(HIDDEN[check])
        text = f'# {check} 검사\nassert "{name}" in globals(), "{name} 칸을 채우십시오."\n'
        text += f"### BEGIN HIDDEN TESTS\n{hidden}### END HIDDEN TESTS"
        cells.append(new_code_cell(text, id=check, metadata=_nbgrader(check, POINTS[check])))
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=metadata)


def solved(original: nbformat.NotebookNode, **answers: str) -> nbformat.NotebookNode:
    """A student's copy of ``original`` with its solution in it, or other answers by grade id."""
    notebook = student_copy(original)
    sources = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in original.cells}
    for cell in notebook.cells:
        given = cell.metadata.get("nbgrader", {})
        if given.get("solution"):
            name = given["grade_id"]
            cell.source = answers.get(name, sources[name].source)
    return notebook


def cell_of(notebook, name):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


@dataclass
class Case:
    """What is handed in, what it earns in the three parts, and how its page must read."""

    make: Callable[[nbformat.NotebookNode], object]
    earns: tuple = FULL
    stopped: str = ""
    says: str = ""  # in the feedback page
    file: str = ""  # the name handed in, if not the case's
    hurried: bool = False  # runs into a limit of time: graded under short ones
    alarm: str = ""  # in the table


CASES: dict[str, Case] = {}


def code(name: str, earns=FULL, **options) -> Callable:
    """Register a case from answers: code by grade id, or what goes before the right essay."""

    def register(before="", **answers):
        if before:
            answers = {"essay": f"{before}\n{ANSWERS['essay']}"}
        CASES[name] = Case(functools.partial(solved, **answers), earns, **options)

    return register


# --- honest work ------------------------------------------------------------------------------

code("right")()
code("differently right")(
    squares="squares = lambda n: np.array([k * k for k in range(n)], dtype='float32')",
    predict=ANSWERS["predict"] + "\n\n\nold = predict\npredict = lambda r: np.array(old(r))",
)
code("half right", (2, 2, 1))(predict="predict = lambda r: [int('재밌' in x) for x in r]")
CASES["empty copy"] = Case(student_copy, (0, 0, 0), says="채운 칸이 없습니다")
CASES["empty file"] = Case(lambda original: b"", (0, 0, 0), says="빈 파일")
code("error in the first answer", (0, 4, 1), says="ZeroDivisionError")(squares="1 / 0")
code("error while predicting", (2, 0, 1), says="IndexError")(predict="predict = lambda r: [][1]")
code("syntax error", (2, 0, 1), says="SyntaxError")(predict="def predict(reviews:\n  pass")
code("one left blank", (2, 0, 1), says="아직 채우지 않았습니다")(
    predict='raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'
)
code("asks for input", (2, 4, 1))("try:\n    input('이름? ')\nexcept EOFError:\n    pass")
code("magics and shell", (2, 4, 1))(
    "%tensorflow_version 2.x\n%matplotlib inline\n%time 1 + 1\n!echo hello\nran = 1\n"
)
code("a package of its own", (2, 4, 0), says="이 패키지가 없습니다")(essay="import no_such_package")
code("sys.exit in a cell", (2, 4, 0))(essay="import sys\nsys.exit(0)")

# --- loops, bombs, deaths ---------------------------------------------------------------------

code("endless loop", (2, 4, 0), says="시간 제한", hurried=True)(essay="while True:\n    pass")
code("endless loop that catches everything", (2, 4, 0), stopped="time", hurried=True)(
    essay="while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
)
code("sleep with the alarm off", (2, 4, 0), stopped="time", hurried=True)(
    essay="import signal, time\nsignal.alarm(0)\ntime.sleep(3600)"
)
code("endless prediction", (2, 0, 1), hurried=True)(
    predict="def predict(reviews):\n    while True:\n        pass"
)
# Two to the eleventh, should a limit fail: enough to see it, too few to stop the machine.
code("fork bomb", (2, 4, 0), stopped="processes")(
    essay="import os, time\nfor _ in range(11):\n    try:\n        os.fork()\n"
    "    except OSError:\n        time.sleep(0.2)\ntime.sleep(60)"
)
code("thread bomb", (2, 4, 0), stopped="processes")(
    essay="import threading, time\nwhile True:\n    try:\n"
    "        threading.Thread(target=time.sleep, args=(99,)).start()\n"
    "    except RuntimeError:\n        time.sleep(0.1)"
)
code("memory bomb at once", (2, 4, 0), says="MemoryError")(essay="bytearray(1 << 40)")
code("memory bomb in small bites", (2, 4, 0), stopped="memory")(
    essay="x = []\nwhile True:\n    x.append(bytearray(b'x' * (1 << 22)))"
)
code("memory bomb in children", (2, 4, 0), stopped="memory")(
    essay="import os, time\nfor _ in range(8):\n    if not os.fork():\n"
    "        x = bytearray(b'x' * (200 << 20))\n        time.sleep(60)\ntime.sleep(60)"
)
code("memory bomb in nameless files", (2, 4, 0), stopped="memory|")(
    essay="import os, time\nfor _ in range(200):\n    f = os.memfd_create('x')\n"
    "    for _ in range(8): os.write(f, bytes(1 << 20))\ntime.sleep(60)"
)
code("disk filler")(
    "try:\n    for n in range(10**6):\n        open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))\n"
    "except OSError:\n    pass"
)
code("fills the shared memory and the root folder")(
    "for place in ('/dev/shm', '/dev', '/', '/course', '/var'):\n    try:\n"
    "        for n in range(10**4):\n            open(f'{place}/{n}', 'wb').write(bytes(1 << 20))\n"
    "    except OSError:\n        pass"
)
code("endless output", (2, 4, 0), stopped="output")(essay="while True:\n    print('x' * 9999)")
code("much output")("print('x' * 500_000)")
code("killed kernel", (2, 4, 0), stopped="died")(
    essay="import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
)
code("os._exit in the first cell", (0, 0, 0), stopped="died")(squares="import os\nos._exit(0)")
code("kills every process it sees")(
    "import os, signal\ntry:\n    os.kill(-1, signal.SIGKILL)\nexcept ProcessLookupError:\n    pass"
)
code("recursion", (2, 4, 0), says="RecursionError")(essay="def f(): return f()\nf()")
code("leaves processes behind")(
    "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    " start_new_session=True)"
)
code("closes every file descriptor", (2, 4, 0), stopped="died")("import os\nos.closerange(0, 1024)")
code("a thread that never ends")(
    "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
)
code("an exception whose text hangs", (2, 4, 0), stopped="time", hurried=True)(
    essay="class Slow(Exception):\n    def __str__(self):\n        while True:\n            try:\n"
    "                while True:\n                    pass\n            except BaseException:\n"
    "                pass\nraise Slow"
)

# --- tricks with the process it shares ---------------------------------------------------------

code("drops every assert", (0, 0, 0))(
    squares="import ast\nclass Drop(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
    "        return None\nget_ipython().ast_transformers.append(Drop())\nsquares = None",
    predict="predict = None",
    essay="essay = None",
)
code("objects equal to everything", (0, 0, 0))(
    squares="class Any:\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    "    shape = (1000,)\n    def __getitem__(self, k): return 998001\n    def __len__(self): return 99\n"
    "squares = lambda n: Any()",
    predict="predict = lambda r: Any()",
    essay="essay = Any()",
)
code("tampers with sys.modules and json", (2, 4, 0))(
    essay="import sys, json\njson.dumps = json.JSONEncoder.encode = lambda *a, **k: 'x'\n"
    "json.encoder.c_make_encoder = None\nfor n in list(sys.modules):\n"
    "    if n.startswith(('json', 'numpy')):\n        sys.modules[n] = None\nessay = None"
)
code("a string that is none", (2, 4, 0))(
    essay="class S(str):\n    def __len__(self): return 99\nessay = S('')"
)
code("looks at frames and garbage", (0, 0, 1))(
    squares="import gc, sys\nfound = []\nframe = sys._getframe()\nwhile frame:\n"
    "    found.append(str(frame.f_locals)[:10**6])\n    frame = frame.f_back\n"
    "found += [o for o in gc.get_objects() if isinstance(o, str)]\n"
    "found += [str(o)[:10**5] for o in gc.get_objects() if isinstance(o, (dict, list))][:20000]\n"
    "hits = sum(('canary-' + 'of-the-hidden') in o or ('assert np.array' + '_equal') in o for o in found)\n"
    "def squares(n):\n    return np.arange(n) ** 2 if hits else None",
    predict="predict = lambda r: [1] * len(r) if hits else None",
)

# --- frames forged on the pipe -----------------------------------------------------------------

PIPE = "import os, sys\npipe = int(sys.argv[-1])\nos.write(pipe, b'\\n')\n"

# Other forgeries, and other values of the wrong kind: test_grade_judge.py, where they are read.
code("forged value", (2, 4, 0))(
    essay=f'{PIPE}os.write(pipe, b\'{{"check": "part3", "name": "essay", "json": 7}}\\n\')\nessay = \'x\' * 99'
)
code("forged flood", (2, 4, 0), stopped="results")(
    essay=f"{PIPE}os.write(pipe, b'x' * (64 << 20))\nessay = 'x' * 99"
)
code("answers: a generator", (2, 0, 1))(predict="predict = lambda r: (1 for _ in r)")
code("answers: a huge array", (2, 0, 0), stopped="results")(
    predict="predict = lambda r: np.zeros((4000, 4000))"
)

# --- out of the box ----------------------------------------------------------------------------

# $NAMES stand for facts of this very run: paths, a port that listens, the public labels.
code("reads the hidden checks by path", (0, 4, 1), says="FileNotFoundError")(
    squares="text = open($ASSIGNMENT).read()\nassert 'canary' in text\n"
    "squares = lambda n: np.arange(n) ** 2"
)
code("writes into the points")(
    "import os\nout = $OUT\nos.symlink(out, 'link')\n"
    "for path in (*(f'{out}/{name}' for name in ('by_hand.csv', 'grades.csv', 'results/right.json')),\n"
    "             'link/grades.csv', *('../' * up + out[1:] + '/grades.csv' for up in range(1, 12))):\n"
    "    try:\n        open(path, 'w').write('100')\n    except OSError:\n        pass"
)
code("network calls")(
    "import socket\nworked = []\nfor host in ('127.0.0.1', '1.1.1.1', '::1'):\n"
    "    for port in ($PORT, 53, 80):\n        try:\n"
    "            socket.create_connection((host, port), 1)\n            worked.append(host)\n"
    "        except OSError:\n            pass\nassert not worked"
)
# The public labels, learned by heart: full points, and an alarm for the instructor.
code("labels known by heart", alarm="accuracy 1.000")(
    predict="known = $KNOWN\npredict = lambda r: [known[x] for x in r]"
)
code("labels from the data in the box", (2, 0, 1))(
    predict="from coursekit import data\n"
    "labels = data.load_nsmc()[1].dropna(subset=['document'])['label'].tolist()\n"
    "assert set(labels) == {0}\npredict = lambda r: labels"
)
code("looks for the hidden checks everywhere")(
    """\
import os
found = []
for top in ('/', '/proc'):
    for folder, names, files in os.walk(top):
        names[:] = [n for n in names if os.path.join(folder, n) not in $SYSTEM and
                    (top != '/' or os.path.join(folder, n) not in ('/proc', '/sys', '/dev'))]
        for name in files:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path) and (os.path.getsize(path) < 10**6):
                    with open(path, 'rb') as stream:
                        if ('canary-' + 'of-the-hidden').encode() in stream.read(10**6):
                            found.append(path)
            except OSError:
                pass
for name in ('environ', 'cmdline', 'maps'):
    assert 'canary-' + 'of-the' not in open(f'/proc/self/{name}').read()
assert not found"""
)
code("leaves links, pipes and folders as results")(
    "import os\nfor n, make in enumerate((lambda p: os.symlink('/etc/passwd', p), os.mkfifo, os.mkdir)):\n"
    "    for name in ('results.json', 'part1.json', 'essay.npy'):\n"
    "        try:\n            make(f'{n}{name}')\n            make(name)\n        except OSError:\n            pass"
)
code("writes the kernel's settings")(
    "import os\nopened = []\nfor folder, _, files in os.walk('/proc/sys'):\n    for name in files:\n"
    "        try:\n            os.close(os.open(os.path.join(folder, name), os.O_WRONLY))\n"
    "            opened.append(name)\n        except OSError:\n            pass\nassert not opened"
)
code("makes namespaces of its own")(
    "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == -1  # CLONE_NEWUSER"
)
code("mounts something over its folder")(
    "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == -1"
)

# --- files and names ---------------------------------------------------------------------------

for name in ("홍길동 (1)", "이 름 🐧🎓", "..", "..%2f..%2fetc", "-rf", "=1+1", "'; drop--"):
    code(f"name {name}", file=f"{name}.ipynb")()
code("a very long name", file="가" * 80 + ".ipynb")()
code("a feedback page with code in it", (2, 4, 0), says="&lt;script&gt;")(
    essay="raise ValueError('<script>alert(1)</script>')"
)
