"""What GitHub reads is of the form it asks for, and it calls actions of one commit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.lessons import ROOT

FILES = [ROOT / "CITATION.cff", *sorted((ROOT / ".github").rglob("*.yml"))]
HOOKS = {
    hook["id"]: hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
    if "files" in hook  # the others are those of make test
}


@pytest.mark.parametrize("name", HOOKS)
def test_it_is_of_the_form_that_github_asks_for(name):
    """As pre-commit does, with the schemas that check-jsonschema carries: no network."""
    program = Path(sys.executable).parent / "check-jsonschema"
    words = HOOKS[name]["entry"].split()[1:]
    files = [p for p in FILES if re.search(HOOKS[name]["files"], p.relative_to(ROOT).as_posix())]
    result = subprocess.run([program, *words, *files], capture_output=True, text=True)
    assert files and result.returncode == 0, result.stdout


def test_its_actions_are_of_one_commit():
    texts = [path.read_text("utf-8") for path in FILES]
    actions = [action for text in texts for action in re.findall(r"uses: (?!\./)(\S+)", text)]
    assert actions
    for action in actions:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), action
