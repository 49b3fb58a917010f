"""What GitHub reads is of the form it asks for; the workflows call make, and fixed actions."""

import re

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from tools.lessons import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")),
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


def check(schema, files):
    """check-jsonschema, with the schemas that it carries: no network."""
    return CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])


def steps():
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items():
            yield from ((f"{path.name}: {name}", step) for step in job.get("steps", []))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_it_is_of_the_form_that_github_asks_for(schema):
    assert SCHEMAS[schema]
    result = check(schema, SCHEMAS[schema])
    assert result.exit_code == 0, result.output


def test_a_broken_workflow_is_found(tmp_path):
    broken = WORKFLOWS[0].read_text("utf-8").replace("runs-on:", "run-on:")
    (tmp_path / "broken.yml").write_text(broken, encoding="utf-8")
    assert check("vendor.github-workflows", [tmp_path / "broken.yml"]).exit_code != 0


def test_every_action_is_of_one_commit():
    uses = [(place, step["uses"]) for place, step in steps() if "uses" in step]
    assert uses
    for place, action in uses:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action), f"{place}: {action}"


def test_the_targets_are_those_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    called = {
        target
        for _, step in steps()
        for target in re.findall(r"(?m)^ *make ([a-z-]+)", step.get("run", ""))
    }
    assert {"book", "test"} <= called
    for target in called:
        assert re.search(rf"(?m)^{target}: .*## ", makefile), f"make {target} is called"


def workflow(name):
    return yaml.safe_load((GITHUB / "workflows" / name).read_text("utf-8"))


def test_colab_is_tried_every_week_and_before_a_release():
    colab, publish = workflow("colab.yml"), workflow("publish.yml")["jobs"]
    assert re.fullmatch(r"\d+ \d+ \* \* \d", colab[True]["schedule"][0]["cron"])
    runs = [step.get("run") for step in colab["jobs"]["colab"]["steps"]]
    assert runs[-2:] == ["make colab-versions", "make colab"], "on what Colab has that day"
    assert publish["colab"]["uses"] == "./.github/workflows/colab.yml"
    assert {"test", "colab"} <= set(publish["publish"]["needs"])


def test_the_tested_pythons_are_the_oldest_and_the_newest_of_make():
    job = yaml.safe_load((GITHUB / "workflows" / "test.yml").read_text("utf-8"))["jobs"]["test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    low, high = re.search(r"\(3, (\d+)\) <= v <= \(3, (\d+)\)", makefile).groups()
    assert job["strategy"]["matrix"]["python-version"] == [f"3.{low}", f"3.{high}"]
