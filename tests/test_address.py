"""One address and one version, in _config.yml; `make address`, `make version` write the rest."""

import re
import shutil

import pytest
import small

from tools import address, derive
from tools.lessons import COURSE, ROOT, Course

REPEATING = {path for pattern in address.REPEAT_THE_ADDRESS for path in ROOT.glob(pattern)}


@pytest.fixture
def checkout(tmp_path):
    """Every file that holds the address or the version, beside a small lesson."""
    course = small.course(tmp_path)
    for path in REPEATING:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    derive.write_all(course, derive.derived(course))
    return Course(tmp_path)


def files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_text("utf-8") for path in paths if "coursekit" not in path.parts}


def test_one_address_and_one_version_stand_where_people_meet_them():
    for path in [*REPEATING, *COURSE.notebooks()]:
        found = re.findall(r"https://github\.com/_[^/\s\"\\]+/[\w.-]+", path.read_text("utf-8"))
        assert {*found} <= {address.current()}, f"{path}: {found}: run `make address URL=…`"
    form = ".github/ISSUE_TEMPLATE/problem.yml"
    for name in ("_config.yml", "CITATION.cff", "lessons/setup_cell.py", form):
        assert address.current() in (ROOT / name).read_text("utf-8"), name
    assert address.VERSION.fullmatch(address.version()), "the Colab buttons open a tag"
    for name in address.REPEAT_THE_VERSION:
        found = re.findall(r"\bv\d+\.\d+\.\d+", (ROOT / name).read_text("utf-8"))
        assert found == [address.version()], f"{name}: run `make version VERSION=…`"


def test_make_address_writes_it_everywhere(checkout):
    old = address.current()
    address.write("https://github.com/only-in-this-test/course.git", checkout)
    assert address.current(checkout) == "https://github.com/only-in-this-test/course"
    assert not [path for path, text in files(checkout.root).items() if old in text]
    assert derive.derived(Course(checkout.root)) == {}, "the notebooks hold it, too"


def test_make_version_writes_it_everywhere_and_nothing_else(checkout):
    was, old = files(checkout.root), address.version(checkout)
    address.write("v12.3.4", checkout)
    assert address.version(checkout) == "v12.3.4"
    now = files(checkout.root)
    for name in address.REPEAT_THE_VERSION:
        assert now[checkout.root / name] == was[checkout.root / name].replace(old, "v12.3.4")
    for path in checkout.notebooks():
        assert 'VERSION = \\"v12.3.4\\"' in now[path], path.name
    address.write(old, Course(checkout.root))
    assert files(checkout.root) == was


WRONG = ["", "1.0.0", "v1", "main", "v1.0.0-rc", "http://github.com/a/b"]


@pytest.mark.parametrize("new", [*WRONG, "https://github.com/a", "https://github.com/_a/b"])
def test_what_is_no_version_and_no_address_is_refused(new):
    with pytest.raises(SystemExit, match="Neither a version nor the address"):
        address.write(new)
