"""JavaScript at build time, in the Node that Playwright brings (pinned in requirements.txt)."""

import json
import subprocess
from typing import Any

from playwright._impl._driver import compute_driver_executable
from sphinx.errors import ExtensionError

SERVE = """
const serve = (reply) =>
  require('readline').createInterface({input: process.stdin}).on('line', (line) => {
    const answer = {};
    try { answer.value = reply(JSON.parse(line)); } catch (error) { answer.error = error.message; }
    console.log(JSON.stringify(answer));
  });
"""


class Program:
    """A script that runs until Python ends and answers each question, as JSON, with a value.

    It calls ``serve`` with the function that answers; ``process.argv`` holds ``arguments``.
    """

    def __init__(self, script: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [compute_driver_executable()[0], "-e", SERVE + script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ask(self, question: object) -> Any:
        """The program's answer.

        Raises:
            ExtensionError: the script threw an error, or it has ended.
        """
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the program ended"}')
        if "error" in answer:
            raise ExtensionError(answer["error"])
        return answer["value"]
