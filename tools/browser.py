"""The browser of this machine, which opens the book in the tests and prints it (tools/pdf.py)."""

import os
import shutil

# The first has no windows: the tests of the book cost it a fifth less.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# No name is resolved but this machine's: a page that asks the network gets an error.
OFFLINE = [
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def path() -> str | None:
    """$BROWSER_PATH, or the first of the usual names; None where there is no browser."""
    named = os.environ.get("BROWSER_PATH")
    usual = [shutil.which(named)] if named else [*map(shutil.which, NAMES), shutil.which(MAC)]
    return next((path for path in usual if path), None)
