"""Compiled loops: they find what plain code finds, also where no code can be kept."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from recsys import kernels

_USE = """
import numpy as np
from recsys import kernels
root = np.empty((1, 1), np.float32)
kernels.signal_scales(np.full((1, 1, 4), 2, np.float32), root, whole := root.copy())
print(root.item(), whole.item())
"""


def test_where_no_code_can_be_kept_each_process_compiles_for_itself() -> None:
    nowhere = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    done = subprocess.run([sys.executable, "-c", _USE], env=nowhere, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0.5 0.125\n", "")


VALUES = {
    "even": np.random.default_rng(1).normal(size=500),
    "skewed": np.exp(np.random.default_rng(2).normal(size=500) * 12),
    "ties": np.random.default_rng(3).integers(0, 4, 500),
    "all the same": np.full(60, 2.5),
    "masked": np.where(np.arange(300) % 3, np.random.default_rng(4).normal(size=300), -np.inf),
    "nothing left": np.full(40, -np.inf),
    "far apart": np.append(np.random.default_rng(5).normal(size=100), [3e38, -3e38]),
    "one": np.array([7.0]),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_largest_are_found_as_a_sort_finds_them(name: str) -> None:
    values = VALUES[name].astype(np.float32)
    ordered = np.sort(values)[::-1]
    for k in {1, 2, len(values) // 2, len(values)} - {0}:
        k = min(k, len(values))
        assert kernels.kth_largest(values, k) == ordered[k - 1]
        first = np.argsort(-values, kind="stable")[:k]
        assert kernels.largest(values, k).tolist() == sorted(first[np.isfinite(values[first])].tolist())
    assert kernels.largest(values, len(values) + 5).tolist() == np.flatnonzero(np.isfinite(values)).tolist()
    assert kernels.largest(values, 0).tolist() == []


@pytest.mark.parametrize("name", ["even", "ties", "all the same", "one"])
def test_deviations_are_those_of_all_and_of_the_largest(name: str) -> None:
    values = VALUES[name].astype(np.float32)
    k = (len(values) + 1) // 2
    assert kernels.standard_deviation_all_and_top_k(values, k) == pytest.approx((values.std(), np.sort(values)[-k:].std()), abs=1e-5)


def test_a_column_is_read_from_sparse_rows_in_any_order() -> None:
    matrix = sparse.random(40, 30, 0.2, "csr", np.float32, np.random.default_rng(6))
    matrix.indices[:], matrix.data[:] = matrix.indices[::-1].copy(), matrix.data[::-1].copy()
    matrix = sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), matrix.shape)
    for column in range(30):
        total = np.zeros(30, np.float32)
        kernels.add_column(total, matrix.indptr, matrix.indices, matrix.data, column)
        assert total == pytest.approx(matrix.toarray()[:30, column])


def test_of_a_group_the_best_stays_and_none_where_one_is_hidden() -> None:
    values = np.array([1, 5, 5, 2, 9, -np.inf, 3], np.float32)
    kernels.mask_all_but_group_best(values, np.array([0, 3, 5]), np.array([1, 0, 2, 4, 5]))
    assert values.tolist() == [-np.inf, 5, -np.inf, 2, -np.inf, -np.inf, 3]
