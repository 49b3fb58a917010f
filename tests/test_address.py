"""One address and one version, in _config.yml; `make address`, `make version` write the rest."""

import re
import shutil

import pytest

from tools import address, lessons, setup_cell
from tools.lessons import ROOT


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Every file that holds the address or the version, in a folder of its own."""
    for path in {*address.places(), *(ROOT / name for name in address.VERSION_PLACES)}:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setenv("COURSE_SOURCES", "")
    monkeypatch.setattr(lessons, "SETUP_CELL", tmp_path / "lessons" / "setup_cell.py")
    return tmp_path


def files(folder):
    return {path: path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_one_address():
    url = address.current()
    for path in address.places():
        found = set(re.findall(r"https://github\.com/_[^/\s\"]+/[\w.-]+", path.read_text("utf-8")))
        assert found <= {url}, f"{path}: {found}: run `make address URL=…`"


def test_the_address_stands_where_people_meet_it():
    for name in ("_config.yml", "CITATION.cff", "lessons/setup_cell.py"):
        assert address.current() in (ROOT / name).read_text("utf-8"), name
    form = (ROOT / ".github" / "ISSUE_TEMPLATE" / "problem.yml").read_text("utf-8")
    assert address.current() in form


def test_make_address_writes_it_everywhere(checkout):
    old = address.current()
    address.write_address("https://github.com/only-in-this-test/course.git")
    assert address.current() == "https://github.com/only-in-this-test/course"
    left = [path for path in address.places() if old in path.read_text("utf-8")]
    assert not left
    assert setup_cell.write() == [], "the notebooks hold the set-up cell with the new address"


@pytest.mark.parametrize(
    "url", ["", "http://github.com/a/b", "https://github.com/a", "https://github.com/_a/b"]
)
def test_a_bad_address_is_refused(url):
    with pytest.raises(SystemExit, match="Not an address"):
        address.write_address(url)


def test_one_version():
    assert address.VERSION.fullmatch(address.version()), "the Colab buttons open a tag"
    for name, before in address.VERSION_PLACES.items():
        found = re.findall(rf"(?m)^{re.escape(before)}(v[\d.]+)", (ROOT / name).read_text("utf-8"))
        assert found == [address.version()], f"{name}: run `make version VERSION=…`"


def test_make_version_writes_it_everywhere(checkout):
    was = files(checkout)
    old = address.version()
    address.write_version("v12.3.4")
    assert address.version() == "v12.3.4"
    for name, before in address.VERSION_PLACES.items():
        assert f"\n{before}v12.3.4" in (checkout / name).read_text("utf-8"), name
    for path in setup_cell.places():
        assert 'VERSION = \\"v12.3.4\\"' in path.read_text("utf-8"), path.name
    address.write_version(old)
    assert files(checkout) == was, "nothing but the version was written"


@pytest.mark.parametrize("tag", ["", "1.0.0", "v1", "main", "v1.0.0-rc"])
def test_a_bad_version_is_refused(tag):
    with pytest.raises(SystemExit, match="Not a version"):
        address.write_version(tag)
