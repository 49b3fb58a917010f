"""Runs runner.py or rerun.py without a box, in a child of one process that has Keras ready.

An import of TensorFlow costs more than a small hand-in; two dozen of them share one.
"""

import io
import multiprocessing
import os
import runpy
import sys

import psutil

READY = ["matplotlib.pyplot", "pandas", "sklearn.feature_extraction.text", "sklearn.linear_model"]
READY += ["tensorflow", "IPython.core.interactiveshell"]


def child(program: str, place: str, environment: dict[str, str]) -> None:
    """Be the program, in the folder ``place``, with its job there."""
    os.chdir(place)
    log = os.open("log", os.O_WRONLY | os.O_CREAT)
    for number, opened in enumerate((os.open("job", os.O_RDONLY), log, log)):
        os.dup2(opened, number)
    os.environ |= environment
    sys.path.insert(0, environment["PYTHONPATH"])
    sys.argv = [program, str(os.open("out", os.O_WRONLY | os.O_CREAT))]
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    runpy.run_path(program, run_name="__main__")


def run(seconds: float, *arguments) -> tuple[str, float]:
    """Run :func:`child`; return what stopped it ("time", or nothing) and its CPU seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(READY)
    process = context.Process(target=child, args=arguments)
    process.start()
    stopped, used = "", 0.0
    while process.is_alive():
        times = psutil.Process(process.pid).cpu_times()
        if (used := times.user + times.system) > seconds:
            process.kill()
            stopped = "time"
        process.join(0.05)
    return stopped, used
