"""The largest values, whatever the processor makes of equal ones."""

import numpy as np
import pytest

from recsys.data.top_values import ascending_indices_of_largest, largest_indices_per_row


@pytest.mark.parametrize("levels", [3, 1_000_000])
def test_of_equal_values_the_first_are_taken(levels: int) -> None:
    values = (np.random.default_rng(levels).integers(0, levels, (6, 500)) / levels).astype(np.float32)
    values[0] = -np.inf
    wanted = np.sort(np.argsort(-values, axis=1, kind="stable")[:, :20], axis=1)
    assert np.array_equal(largest_indices_per_row(values, 20), wanted)
    assert all(np.array_equal(ascending_indices_of_largest(row, 20), expected) for row, expected in zip(values, wanted, strict=True))
    assert np.array_equal(largest_indices_per_row(values, 500), np.tile(np.arange(500), (6, 1)))
