import numpy as np
import pytest
from scipy import sparse

from recsys.features.truncated_svd import right_singular_vectors, unit_length


@pytest.mark.parametrize("shape", [(40, 30), (300, 260)])
def test_the_factors_are_those_of_the_whole_decomposition(shape: tuple[int, int]) -> None:
    X = sparse.random(*shape, density=0.2, random_state=0, format="csr", dtype=np.float32)
    found = right_singular_vectors(X, 5)
    expected = np.linalg.svd(X.toarray())[2][:5]
    assert found.shape == (5, shape[1])
    assert np.abs((found * expected).sum(axis=1)) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(found, right_singular_vectors(X, 5))


def test_directions_without_weight_are_left_out() -> None:
    X = sparse.csr_matrix(np.outer([1, 2, 3], [1, 1]).astype(np.float32))
    assert right_singular_vectors(X, 2) == pytest.approx(np.array([[1, 1]]) / np.sqrt(2))
    assert right_singular_vectors(sparse.csr_matrix((3, 4), dtype=np.float32), 2).shape == (0, 4)


def test_rows_of_zeros_have_no_length() -> None:
    assert unit_length(np.array([[3, 4], [0, 0]], np.float32)) == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))
