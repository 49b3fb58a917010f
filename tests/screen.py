"""The browser of the tests and the size of its window."""

from tools import browser

BROWSER = browser.path()
PATIENCE = 120_000  # milliseconds, for a machine that does other work beside
LAPTOP = (1280, 900)
