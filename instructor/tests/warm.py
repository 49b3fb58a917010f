"""Runs runner.py and rerun.py without a box, each in a child of one process that has Keras ready.

An import of TensorFlow costs more than a small hand-in; two dozen of them share one. A line on
standard input is a job: {"program": path, "job": file, "out": file, "folder": path, "seconds": n}.
"""

import gc
import io
import json
import os
import resource
import runpy
import signal
import sys
import time
from pathlib import Path

import matplotlib.pyplot  # noqa: F401
import pandas  # noqa: F401
import sklearn.feature_extraction.text
import sklearn.linear_model  # noqa: F401
import tensorflow  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell  # noqa: F401


def child(job):
    sink = os.open(job["out"], os.O_WRONLY | os.O_CREAT)
    os.dup2(os.open(job["job"], os.O_RDONLY), 0)
    log = os.open(job["out"] + ".log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(job["folder"])
    os.environ |= job["environment"]
    sys.path.insert(0, job["environment"]["PYTHONPATH"])
    sys.argv = [job["program"], str(sink)]
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    runpy.run_path(job["program"], run_name="__main__")


def main():
    gc.freeze()  # what is imported is looked through by nobody again
    for line in sys.stdin:
        job = json.loads(line)
        if not (pid := os.fork()):
            try:
                child(job)
            finally:
                os._exit(1)
        stopped = ""
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            if sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") > job["seconds"]:
                os.kill(pid, signal.SIGKILL)
                stopped = "time"
            time.sleep(0.05)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(json.dumps({"stopped": stopped, "cpu": used.ru_utime + used.ru_stime}), flush=True)


if __name__ == "__main__":
    main()
