"""What GitHub reads is of the form it asks for; it calls make, and actions of one commit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.lessons import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = {
    hook["id"]: hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
    if "files" in hook  # the others are those of make test
}


def run(hook: dict, files: list[Path]) -> subprocess.CompletedProcess:
    """Run a hook as pre-commit does, with the schemas that check-jsonschema carries: no network."""
    _, *words = hook["entry"].split()
    program = Path(sys.executable).parent / "check-jsonschema"
    return subprocess.run([program, *words, *files], capture_output=True, text=True)


@pytest.mark.parametrize("name", HOOKS)
def test_it_is_of_the_form_that_github_asks_for(name):
    every = [path for path in [ROOT / "CITATION.cff", *(ROOT / ".github").rglob("*.yml")]]
    files = [p for p in every if re.search(HOOKS[name]["files"], p.relative_to(ROOT).as_posix())]
    result = run(HOOKS[name], files)
    assert files and result.returncode == 0, result.stdout


def test_a_broken_workflow_is_found(tmp_path):
    broken = WORKFLOWS[0].read_text("utf-8").replace("runs-on:", "run-on:")
    (tmp_path / "broken.yml").write_text(broken, encoding="utf-8")
    assert run(HOOKS["workflows"], [tmp_path / "broken.yml"]).returncode != 0


def test_it_calls_commands_that_are_there_and_actions_of_one_commit():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        for target in re.findall(r"(?m)run: make ([a-z-]+)", text):
            assert f"make {target} " in told, f"{path.name}: make {target}"
        for action in re.findall(r"uses: (?!\./)(\S+)", text):
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), f"{path.name}: {action}"
