"""Building the book in a folder of its own, for the tests."""

import shutil
import subprocess
import sys

from tools import address
from tools.lessons import ROOT

OTHER = shutil.ignore_patterns(".*", "__pycache__", "_build", "cache", "sample", "tests", "grades")


def copy_of_the_book(folder, url=None):
    """What a build reads, with the placeholder address or ``url``."""
    shutil.copytree(ROOT, folder, ignore=OTHER, dirs_exist_ok=True)
    if url:
        config = folder / "_config.yml"
        text = config.read_text("utf-8").replace(address.current(), url)
        config.write_text(text, encoding="utf-8")


def build(folder):
    command = [sys.executable, "-m", "tools.book"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
