"""The numbers contract: every lesson's recording against book/results.toml."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import contract, lessons

ENTRIES = contract.results()


def problems(name, entry, values):
    """What is wrong between a contract entry and the values a recording glued, a line each."""
    again = f"run `make record LESSON={name[:2]}`"
    found = []
    for row in [entry, *entry["compare"]]:
        value = values.get(row["value"])
        if value is None:
            found.append(f"{name} glues no {row['value']}: {again}")
        elif round(value, 4) != row.get("figure"):
            found.append(f"{name}: {row['value']} is not the recorded one: {again}")
    names = [row["name"] for row in entry["compare"]]
    # A scale of its own means errors, not accuracy: no majority there, a rule of thumb instead.
    if not {"상식 기준선" if "scale" in entry else "다수 범주", "선형 기준선"} <= set(names):
        found.append(f"{name} lacks a baseline beside its network: {names}")
    band = entry.get("band")
    if band is None or len(set(band["seeds"])) < 5 or len(band["values"]) != len(band["seeds"]):
        return [*found, f"{name}: fewer than five seeds: run `make band LESSON={name[:2]}`"]
    if (band["low"], band["high"]) != contract.band(list(band["values"])):
        found.append(f"{name}: the band's bounds do not follow from its values")
    if not band["low"] <= entry["figure"] <= band["high"]:
        found.append(
            f"{name}: {entry['value']} = {entry['figure']} lies outside its band {band['low']} to "
            f"{band['high']}: find out why before recording again"
        )
    return found


def unmarked(entry, notebook):
    """The text that a recording on other data than its lesson is written for has to show."""
    other = contract.stand_in(notebook, entry)
    shown = [
        "".join(output.get("data", {}).get("text/markdown", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    return None if other is None or any(other in text for text in shown) else other


def recording(name):
    return lessons.read(lessons.recording(lessons.LESSONS / f"{name}.ipynb"))


def glued(name):
    return contract.glued(recording(name))


@pytest.mark.parametrize("name", list(ENTRIES))
def test_recorded_numbers_hold(name):
    assert not problems(name, ENTRIES[name], glued(name))


@pytest.mark.parametrize("name", list(ENTRIES))
def test_a_recording_on_other_data_says_so(name):
    notebook = recording(name)
    chooses = any("data.available(" in cell.source for cell in notebook.cells)
    assert chooses == ("stand_in" in ENTRIES[name]), "name its stand_in in book/results.toml"
    assert unmarked(ENTRIES[name], notebook) is None


def test_an_unmarked_recording_on_other_data_is_found():
    entry = {"stand_in": {"for": "jena.zip", "text": "뉴욕의 날씨"}}
    cell = new_code_cell("report.say(…)")
    notebook = new_notebook(cells=[cell])
    notebook.metadata["course"] = {"record": {"data": {"nyc.csv": "0"}}}
    assert unmarked(entry, notebook) == "뉴욕의 날씨"
    cell.outputs = [new_output("display_data", {"text/markdown": "이 기록은 뉴욕의 날씨로 …"})]
    assert unmarked(entry, notebook) is None
    assert contract.stand_in(notebook, entry) == "뉴욕의 날씨"
    notebook.metadata["course"]["record"]["data"] = {"jena.zip": "0"}
    assert contract.stand_in(notebook, entry) is None


def test_every_network_of_the_book_has_an_entry():
    trained = [
        path.stem
        for path in lessons.in_book()
        if any(
            "band" in cell.metadata.get("tags", [])
            for cell in lessons.read(lessons.recording(path)).cells
        )
    ]
    assert trained == list(ENTRIES)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda entry, values: values.update(test_accuracy=0.5), "not the recorded one"),
        (lambda entry, values: values.pop("linear_accuracy"), "glues no linear_accuracy"),
        (lambda entry, values: entry.update(compare=entry["compare"][:1]), "lacks a baseline"),
        (lambda entry, values: entry["band"].update(seeds=[1, 1, 1, 1, 1]), "five seeds"),
        (lambda entry, values: entry["band"].update(high=0.99), "do not follow"),
        (
            lambda entry, values: (entry.update(figure=0.5), values.update(test_accuracy=0.5)),
            "outside its band",
        ),
    ],
)
def test_a_broken_contract_is_found(spoil, message):
    name = "01_reuters_dense"
    entry, values = copy.deepcopy(ENTRIES[name].unwrap()), dict(glued(name))
    spoil(entry, values)
    assert any(message in line for line in problems(name, entry, values))
