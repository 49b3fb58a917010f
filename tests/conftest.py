"""Every kernel that nbval starts sees the sample and tools/kernel_startup.py, and nothing else.

Also what several files of tests share: the built book, and the browser that opens it.
"""

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock
from screen import BROWSER, LAPTOP, PATIENCE

from tools import browser as machine

TESTS = Path(__file__).parent
ROOT = TESTS.parent
KERNELS = TESTS / "kernels.py"

NO_BROWSER = (
    "No Chromium or Chrome here (say BROWSER_PATH=...): the book was NOT opened in a browser."
)


def pytest_configure(config):
    folder = Path(tempfile.mkdtemp(prefix="course-ipython-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "kernel_startup.py", startup / "00-course.py")
    # The tests that need the real data ask for it by this name; everything else runs on the sample.
    os.environ.setdefault("COURSE_REAL_DATA", os.environ.get("COURSE_DATA", ""))
    os.environ.update(
        IPYTHONDIR=str(folder),
        COURSE_DATA="sample",
        COURSE_STRICT="",
        MPLBACKEND="agg",
        PYTHONPATH=str(ROOT / "lessons"),
        # The workers share the cores: threads that wait for each other spin, ten times as long.
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
    )
    if sys.platform == "linux":
        kernels_with_keras(config, folder)
    if BROWSER is None and os.environ.get("CI"):
        raise pytest.UsageError(NO_BROWSER)


def kernels_with_keras(config, folder: Path) -> None:
    """Have nbval's kernels forked from one process that has Keras: an import costs ten seconds."""
    if not hasattr(config, "workerinput"):  # one process for all workers of pytest-xdist
        kernel = {"argv": [sys.executable, str(KERNELS), "-f", "{connection_file}"]}
        kernel |= {"display_name": "Ready", "language": "python", "interrupt_mode": "message"}
        place = folder / "kernels" / "ready"
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps(kernel), encoding="utf-8")
        os.environ |= {"JUPYTER_PATH": str(folder), "COURSE_KERNELS": str(folder / "socket")}
        # It ends when this process does, which holds the other end of its standard input.
        config.kernels = subprocess.Popen(
            [sys.executable, str(KERNELS)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what TensorFlow says of this machine; a kernel has its own
            start_new_session=True,
        )
        while config.kernels.poll() is None and not (folder / "socket").exists():
            time.sleep(0.05)  # a kernel that comes before its door would die
    config.option.nbval_kernel_name = "ready"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest first: pytest-xdist hands out the files in this order."""
    marks = {item: item.get_closest_marker("long") for item in items}
    items.sort(key=lambda item: -marks[item].args[0] if marks[item] else 0)


def pytest_terminal_summary(terminalreporter):
    if BROWSER is None:
        terminalreporter.write_line(NO_BROWSER, red=True, bold=True)


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The built book with a real address, built once for all files of tests.

    COURSE_BOOK=folder names one that is built already, for the one who works on its looks.
    """
    if ready := os.environ.get("COURSE_BOOK"):
        return Path(ready).resolve()
    from building import build, copy_of_the_book

    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "book"
    html = folder / "_build" / "html"
    with FileLock(shared / "book.lock"):
        if not folder.exists():
            copy_of_the_book(folder, url="https://github.com/only-in-this-test/course")
            result = build(folder)
            (folder / "said.txt").write_text(result.stdout + result.stderr, encoding="utf-8")
    assert (html / "index.html").exists(), (folder / "said.txt").read_text("utf-8")
    return html


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site(book):
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER,
            args=machine.OFFLINE,
            timeout=PATIENCE,
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, book, site):
    """A function that opens a page of the book, with no network; its troubles fail the test."""
    pages = []

    def opener(address=None, size=LAPTOP, scheme="light", **more):
        width, height = size
        context = browser.new_context(
            base_url=f"{book.as_uri()}/",
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            **more,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        pages.append(page)
        page.troubles = []
        page.on("console", lambda m: m.type == "error" and page.troubles.append(m.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        local = (site, "file:", "data:", "blob:")
        page.on(
            "request",
            lambda r: r.url.startswith(local) or page.troubles.append(f"asks for {r.url}"),
        )
        if address:
            page.goto(address)
        return page

    yield opener
    for page in pages:
        page.context.close()
    assert not [trouble for page in pages for trouble in page.troubles]
