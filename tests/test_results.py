"""The results page stands on the recordings: every number of a row is one of a notebook."""

import doctest

import small

from tools import results


def test_the_examples_of_the_bounds_hold():
    assert doctest.testmod(results) == (0, 2)


def test_a_row_has_the_numbers_of_the_recording_and_of_its_seeds(tmp_path):
    [row] = results.rows(small.course(tmp_path))
    assert (row.ours, row.compare) == (0.542, {"다수 범주": 0.2, "선형 기준선": 0.4})
    assert row.seeds == [0.53, 0.54, 0.55, 0.54, 0.54] and row.band == (0.5188, 0.5612)
    assert round(row.mean, 9) == 0.54 and (row.source, row.cite) == (0.5, "somebody")
    assert (row.title, row.metric, row.scale) == ("작은 단원", "시험 정확도", "정확도")
