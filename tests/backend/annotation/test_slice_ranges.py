import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.annotation.slice_ranges import common, read_cells, read_ranges, without, write_cells, write_ranges

slices = st.frozensets(st.integers(0, 300), max_size=40)
cells = st.dictionaries(st.integers(1, 254), slices.filter(bool), max_size=9)


@given(slices.filter(bool))
def test_ranges_read_back_what_was_written(numbers):
    assert read_ranges(write_ranges(numbers)) == numbers


@given(cells)
def test_cells_read_back_what_was_written(given_cells):
    assert read_cells(write_cells(given_cells)) == given_cells


@given(cells, cells)
def test_common_and_without_part_the_cells(one, other):
    def flat(some):
        return {(label, z) for label, held in some.items() for z in held}

    assert flat(common(one, other)) == flat(one) & flat(other)
    assert flat(without(one, other)) == flat(one) - flat(other)


def test_neighbours_become_one_range():
    assert write_ranges([5, 3, 4, 9]) == "3-5,9"
    assert write_cells({8: {3}, 1: {0, 1}, 2: set()}) == "1=0-1;8=3"


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "3-2", "1,,2", "1.5", "10000", "0-99999"])
def test_what_is_no_list_of_slices_is_refused(text):
    with pytest.raises(ValueError, match="need"):
        read_ranges(text)
