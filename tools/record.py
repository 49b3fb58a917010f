"""make record: run a lesson in full on the real data and store its outputs in the notebook."""

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tools import lessons, stale
from tools.run import run

PACKAGES = ["tensorflow", "keras", "numpy", "pandas", "scikit-learn", "matplotlib"]


def cpu() -> str:
    """The processor's name as the system gives it, and the number of cores this run may use."""
    info = Path("/proc/cpuinfo")
    names = (
        [line for line in info.read_text().splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    name = (
        names[0].split(":", 1)[1].strip() if names else platform.processor() or platform.machine()
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {cores} cores"


def main(numbers: list[str]) -> None:
    if not numbers:
        raise SystemExit("Say which lesson: make record LESSON=01")
    for number in numbers:
        path = lessons.recording(lessons.find(number))
        notebook = lessons.read(path)
        print(f"Recording {path.name} on the real data ...", flush=True)
        with tempfile.TemporaryDirectory() as left:
            ran = run(notebook, COURSE_MODELS=left)
            notebook.metadata.setdefault("course", {})["record"] = {
                "code_sha256": stale.code_hash(notebook),
                "data": ran["data"],
                "versions": {"python": platform.python_version()}
                | {name: version(name) for name in PACKAGES},
                "cpu": cpu(),
                "seconds": ran["seconds"],
            }
            lessons.write(path, notebook)  # a model that is refused costs no run
            if any(Path(left).iterdir()):
                from tools import page_model  # with Keras, which few recordings need here

                notebook.metadata["course"]["record"]["models"] = page_model.keep(Path(left))
                lessons.write(path, notebook)
        print(f"Recorded {path.name}: {ran['seconds']} s.")


if __name__ == "__main__":
    main(sys.argv[1:])
