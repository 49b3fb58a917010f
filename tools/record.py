"""make record: run a lesson in full on the real data and store its outputs in the notebook."""

import os
import platform
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from tools import lessons, recording, stale
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


def keep(models: Path) -> None:
    """Put what coursekit.browser left of this run where the book and the tests look for it."""
    for suffix, folder in {".js": recording.MODELS, ".json": recording.EXAMPLES}.items():
        for file in models.glob(f"*{suffix}"):
            folder.mkdir(exist_ok=True)
            shutil.copyfile(file, folder / file.name)
    shutil.rmtree(models)


def main(numbers: list[str]) -> None:
    if not numbers:
        raise SystemExit("Say which lesson: make record LESSON=01")
    for number in numbers:
        path = lessons.recording(lessons.find(number))
        notebook = lessons.read(path)
        print(f"Recording {path.name} on the real data ...", flush=True)
        models = Path(tempfile.mkdtemp())
        record = run(notebook, COURSE_MODELS=str(models))
        notebook.metadata.setdefault("course", {})["record"] = {
            "code_sha256": stale.code_hash(notebook),
            "data": record["data"],
            "versions": {"python": platform.python_version()}
            | {name: version(name) for name in PACKAGES},
            "cpu": cpu(),
            "seconds": record["seconds"],
        }
        lessons.write(path, notebook)
        keep(models)
        print(f"Recorded {path.name}: {record['seconds']} s.")


if __name__ == "__main__":
    main(sys.argv[1:])
