"""Every kernel that nbval starts sees the sample and tests/kernel_startup.py, and nothing else."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent


def pytest_configure(config):
    folder = Path(tempfile.mkdtemp(prefix="course-ipython-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    shutil.copy(TESTS / "kernel_startup.py", startup / "00-course.py")
    # The tests that need the real data ask for it by this name; everything else runs on the sample.
    os.environ.setdefault("COURSE_REAL_DATA", os.environ.get("COURSE_DATA", ""))
    os.environ.update(
        IPYTHONDIR=str(folder),
        COURSE_DATA="sample",
        COURSE_STRICT="",
        MPLBACKEND="agg",
        PYTHONPATH=str(ROOT / "lessons"),
    )
