"""Building the book in a folder of its own, for the tests."""

import shutil
import subprocess
import sys

from tools import address
from tools.lessons import ROOT

PARTS = (
    "_config.yml",
    "_toc.yml",
    "README.md",
    "CITATION.cff",
    "book",
    "tools",
    "lessons",
    "data/registry.toml",
)


def copy_of_the_book(folder, url=None):
    """What a build reads, with the placeholder address or ``url``."""
    for name in PARTS:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    if url:
        config = folder / "_config.yml"
        text = config.read_text("utf-8").replace(address.current(), url)
        config.write_text(text, encoding="utf-8")


def build(folder):
    command = [sys.executable, "-m", "tools.book"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
