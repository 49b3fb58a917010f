"""A browser and a server for the tests that open the book."""

import functools
import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import files

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def executable() -> str | None:
    """The browser of this machine: $BROWSER_PATH, or the first of the usual names."""
    named = os.environ.get("BROWSER_PATH")
    found = [named] if named else [*map(shutil.which, NAMES), MAC]
    return next((path for path in found if path and os.path.exists(path)), None)


def axe() -> str:
    """axe-core's script, as axe-playwright-python carries it."""
    script = next(f for f in files("axe-playwright-python") if f.name == "axe.min.js")
    return str(script.locate())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Site:
    """The built book behind an address of this machine."""

    def __init__(self, folder):
        handler = functools.partial(Quiet, directory=str(folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
