"""Runs inside the sandbox: executes the cells, and hands over plain data through a pipe.

It gets its job on standard input, knows no check and no label, and what it says is not believed:
it shares this process with the student's code. It uses nothing of the course. The expressions it
evaluates after a check's cell can be read in here: they say what is looked at, not what is right.

A frame on the pipe is one line of JSON, and for an array the bytes of an .npy file after it:
    {"started": true}
    {"cell": 3, "error": "NameError: …"}          how cell 3 ended, for the feedback page
    {"check": "part1", "name": "x", "json": …}    a value for the checks of grade cell "part1"
    {"check": "part1", "name": "y", "npy": 1234}  the same as an array, 1,234 bytes follow
    {"check": "part1", "name": "z", "missing": "NameError: …"}
    {"finished": true}
"""

import contextlib
import glob
import hashlib
import io
import json
import os
import pathlib
import re
import resource
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping

import numpy as np
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

# Kept here under names of our own: the student's code may tamper with the modules.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=True).encode
_write, _save, _exit = os.write, np.lib.format.write_array, os._exit
_alarm, _timer = signal.alarm, signal.setitimer


class Shell(InteractiveShell):
    """An IPython that keeps what is displayed, without a window system."""

    display_pub_class = Type(CapturingDisplayPublisher)

    def enable_gui(self, gui=None):
        pass


def plain(value, depth=0):
    """Turn NumPy scalars, tuples, sets and mappings into what JSON knows."""
    if depth > 20:
        raise ValueError("nested too deeply")
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in value]
    raise TypeError(f"a {type(value).__name__} is no plain data")


def send(pipe, head, body=b""):
    data = _encode(head).encode("utf-8", "replace") + b"\n" + body
    while data:
        data = data[_write(pipe, data) :]


def hand_over(pipe, check, name, value):
    if hasattr(value, "numpy"):  # a tensor
        value = value.numpy()
    if hasattr(value, "to_numpy"):  # a pandas column
        value = value.to_numpy()
    head = {"check": check, "name": name}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        buffer = io.BytesIO()
        _save(buffer, np.ascontiguousarray(value), allow_pickle=False)
        body = buffer.getvalue()
        send(pipe, {**head, "npy": len(body)}, body)
    else:
        value = value.tolist() if isinstance(value, np.ndarray) else value
        send(pipe, {**head, "json": plain(value)})


def in_words(error):
    text = type(error).__name__
    with contextlib.suppress(Exception):  # its __str__ is the student's
        text += f": {error}"
    return re.sub(r"\x1b\[[0-9;]*m", "", text)[:2000]  # Keras writes in bold


class Saver:
    """Turns a Keras model of any style into bytes: TensorFlow's SavedModel, its files in a zip.

    It holds the computation and the weights and no Python, so it can be run again elsewhere:
    "serve" as when answering, "learn" as in training. A model that has not changed since is None.
    """

    def __init__(self):
        self.last = None

    def __call__(self, model, length):
        import keras
        import tensorflow as tf

        model(np.zeros((1, length), "int32"))  # a model without Input has no weights before
        digest = hashlib.sha256(b"".join(np.asarray(w).tobytes() for w in model.get_weights()))
        now = id(model), length, digest.digest()
        if now == self.last:
            return None
        given = [tf.TensorSpec((None, length), "int32")]
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serve", lambda x: model(x, training=False), input_signature=given)
        with contextlib.suppress(Exception):
            archive.add_endpoint("learn", lambda x: model(x, training=True), input_signature=given)
        with tempfile.TemporaryDirectory() as folder:
            archive.write_out(folder, verbose=False)
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w") as zipped:
                for path in sorted(pathlib.Path(folder).rglob("*")):
                    zipped.write(path, path.relative_to(folder))
        self.last = now
        return np.frombuffer(stream.getvalue(), "uint8")


def limit(limits, sandboxed):
    """Let the kernel hold what it can hold; the watchdog outside holds the rest."""
    mb = 1 << 20
    # A process maps far more than it uses (TensorFlow, Java): the address space gets four times.
    wanted = {
        resource.RLIMIT_AS: 4 * limits["memory_mb"] * mb,
        resource.RLIMIT_FSIZE: limits["disk_mb"] * mb,
        resource.RLIMIT_NOFILE: 1024,
        resource.RLIMIT_CORE: 0,
    }
    kernel = tuple(map(int, os.uname().release.split("-")[0].split(".")[:2]))
    if sandboxed and kernel >= (5, 14):  # until then all of the user's are counted together
        wanted[resource.RLIMIT_NPROC] = limits["processes"]
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError):  # macOS knows no limit of the address space
            resource.setrlimit(kind, (value, value))


class Clock:
    """The time of one cell: CPU seconds of this process, and no long wait in which nothing runs.

    A busy machine changes neither. The watchdog outside counts all processes of the box together.
    """

    def __init__(self, limits, sandboxed):
        self.limits, self.sandboxed, self.before = limits, sandboxed, 0.0
        signal.signal(signal.SIGPROF, self.too_long)
        signal.signal(signal.SIGALRM, self.is_idle)

    def __enter__(self):
        self.before = self.spent()
        _timer(signal.ITIMER_PROF, self.limits["cell_seconds"])
        _alarm(max(1, int(self.limits["idle_seconds"])))

    def __exit__(self, *error):
        _timer(signal.ITIMER_PROF, 0)
        _alarm(0)

    def spent(self):
        """CPU seconds of all processes that are seen from here: in a box, the box's own."""
        ticks = 0
        for path in glob.glob("/proc/[0-9]*/stat") if self.sandboxed else ():
            with contextlib.suppress(OSError), open(path) as stream:
                ticks += sum(map(int, stream.read().rpartition(")")[2].split()[11:15]))
        return max(ticks / os.sysconf("SC_CLK_TCK"), time.process_time())

    def too_long(self, signum, frame):
        raise TimeoutError("이 셀이 시간 제한을 넘겼습니다.")

    def is_idle(self, signum, frame):
        before, self.before = self.before, self.spent()
        if self.before - before < 0.005 * self.limits["idle_seconds"]:
            raise TimeoutError("이 셀이 시간 제한을 넘겼습니다. 오랫동안 기다리기만 했습니다.")
        _alarm(max(1, int(self.limits["idle_seconds"])))


def main():
    pipe = int(sys.argv[1])
    job = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if job["sandboxed"] and os.access("/proc/sys/kernel/core_pattern", os.W_OK):
        sys.exit("the box can write the kernel's settings: refused")
    limit(job["limits"], job["sandboxed"])
    os.makedirs("work", exist_ok=True)
    os.chdir("work")
    config = Config()
    config.HistoryManager.enabled = False
    config.Shell.colors = "NoColor"
    shell = Shell.instance(config=config)
    # Colab knows this one, and a cell that begins with it is to run.
    shell.register_magic_function(lambda line: None, "line", "tensorflow_version")
    clock = Clock(job["limits"], job["sandboxed"])
    send(pipe, {"started": True})
    pictures, saved_model = 0, Saver()
    for number, cell in enumerate(job["cells"]):
        error = None
        try:
            with clock:
                result = shell.run_cell(cell["source"])
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:  # whatever a cell throws, the next cell runs
            error = raised
        shown = getattr(shell.display_pub, "outputs", [])
        pictures += sum("image/png" in output.get("data", {}) for output in shown)
        getattr(shown, "clear", list)()
        send(pipe, {"cell": number, "error": in_words(error) if error else ""})
        names = {**job["documents"], "pictures": pictures, "np": np, "saved_model": saved_model}
        for name, expression in cell.get("collect", {}).items():
            try:
                with clock:
                    value = eval(expression, {**shell.user_ns, **names})
                    hand_over(pipe, cell["check"], name, value)
            except BaseException as raised:
                head = {"check": cell["check"], "name": name}
                send(pipe, {**head, "missing": in_words(raised)})
    send(pipe, {"finished": True})
    sys.stdout.flush()
    _exit(0)  # no waiting for threads, no atexit


if __name__ == "__main__":
    main()
