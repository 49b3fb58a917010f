"""The numbers contract: every lesson's recording against book/results.toml."""

import contract
import pytest

ENTRIES = contract.results()


@pytest.mark.parametrize("name", list(ENTRIES))
def test_recorded_numbers_hold(name):
    entry = ENTRIES[name]
    values = contract.glued(contract.read(contract.LESSONS / f"{name}.ipynb"))
    again = f"run `make record LESSON={name[:2]}`"
    for row in [entry, *entry["compare"]]:
        value = values.get(row["value"])
        assert value is not None, f"{name} glues no {row['value']}: {again}"
        assert round(value, 4) == row["figure"], (
            f"{name}: {row['value']} is not the recorded one: {again}"
        )
    band = entry["band"]
    assert len(set(band["seeds"])) >= 5, (
        f"{name}: fewer than five seeds: run `make band LESSON={name[:2]}`"
    )
    assert (band["low"], band["high"]) == contract.band(band["values"])
    assert band["low"] <= entry["figure"] <= band["high"], (
        f"{name}: {entry['value']} = {entry['figure']} lies outside its band {band['low']} to "
        f"{band['high']}: find out why before recording again"
    )


def test_baselines_stand_beside_every_network():
    for name, entry in ENTRIES.items():
        names = [row["name"] for row in entry["compare"]]
        assert "다수 범주" in names and "선형 기준선" in names, f"{name} lacks a baseline: {names}"


def test_a_number_outside_its_band_is_found():
    low, high = contract.band([0.70, 0.71, 0.72, 0.71, 0.70])
    assert low < 0.70 < 0.72 < high
    assert not low <= 0.60 <= high
