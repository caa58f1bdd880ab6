"""K-means: clusters of learners, and popularity inside each."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from recsys.candidates.base import Model
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.features.course_features import CourseFeatures
from recsys.features.truncated_svd import Dense, right_singular_vectors, unit_length
from recsys.threads import one_thread
from recsys.types import ReasonKind

_RANK = 32  # dimensions of a history where items have no topics
_MOST_CLUSTERS = 200
_SAMPLE = 20_000  # learners the centroids are computed from
_EXPLAINED = 0.9  # share of the variance that PCA keeps


class KMeansModel(Model):
    """Popularity among the learners of a cluster; clusters by k-means over learner profiles.

    MacQueen, Some methods for classification and analysis of multivariate observations (1967), started by k-means++ (Arthur &
    Vassilvitskii, SODA 2007). A profile is the sum of the topic vectors of a learner's courses, scaled to length 1; where
    fewer than half of all events are with courses that have topics, the history in 32 dimensions of its SVD takes their place.
    `clusters` = 0 chooses √(n / 2) for n learners (Mardia, Kent & Bibby 1979), at most 200. Every learner, seen in training or
    not, belongs to the nearest centroid; a score is the share of the cluster that took the item, drawn towards the share of
    all learners as by `prior` learners more. Learners without a profile get the share of all.
    """

    name: ClassVar[str] = "kmeans"
    reason: ClassVar[ReasonKind] = ReasonKind.POPULAR
    learned: ClassVar[tuple[str, ...]] = ("places_", "mean_", "axes_", "centroids_", "shares_")
    places_: Dense  # (n_items, dimensions): what taking an item adds to a profile
    mean_: Dense  # (dimensions,)
    axes_: Dense  # (dimensions, components): from profiles to what is clustered
    centroids_: Dense  # (clusters, components)
    shares_: Dense  # (clusters + 1, n_items); the last row is of all learners

    def __init__(self, clusters: int = 0, prior: float = 20.0, seed: int = 0) -> None:
        self.clusters = clusters
        self.prior = prior
        self.seed = seed

    def fit(self, dataset: Dataset) -> Self:
        """Place learners, cluster a sample of them, count in all clusters."""
        histories = dataset.histories
        self.places_ = item_vectors(dataset, self.seed)
        with one_thread():
            profiles = self._profiles(histories)
            known = np.flatnonzero(profiles.any(axis=1))
            sample = np.sort(np.random.default_rng(self.seed).permutation(known)[:_SAMPLE])
            self.mean_, self.axes_ = self.axes(profiles[sample])
            self.centroids_ = self._centroids(self._project(profiles[sample]))
        taken = histories.matrix()
        overall = np.asarray(taken.sum(axis=0)).ravel() / max(np.count_nonzero(np.diff(taken.indptr)), 1)
        member = self._nearest_cluster(histories)
        counts = [np.asarray(taken[member == c].sum(axis=0)).ravel() for c in range(len(self.centroids_))]
        sizes = np.bincount(member, minlength=len(counts) + 1)[:-1]
        rows = [(n + self.prior * overall) / (size + self.prior) for n, size in zip(counts, sizes, strict=True)]
        self.shares_ = np.array([*rows, overall], np.float32)
        return self

    def axes(self, profiles: Dense) -> tuple[Dense, Dense]:
        """What to subtract from profiles and the axes to look along, (dimensions, components); here all, unchanged."""
        dimensions = profiles.shape[1]
        return np.zeros(dimensions, np.float32), np.eye(dimensions, dtype=np.float32)

    def assign(self, histories: Histories) -> npt.NDArray[np.int64]:
        """The cluster of each row, the number of clusters where a history has no profile."""
        self.require_fitted()
        return self._nearest_cluster(histories)

    def _nearest_cluster(self, histories: Histories) -> npt.NDArray[np.int64]:
        count = len(self.centroids_)
        profiles = self._profiles(histories)
        if not count:
            return np.zeros(len(histories), np.int64)
        away = np.square(self.centroids_).sum(axis=1) - 2 * (self._project(profiles) @ self.centroids_.T)
        return np.where(profiles.any(axis=1), away.argmin(axis=1), count).astype(np.int64)

    def score(self, histories: Histories) -> Dense:
        """The shares of each learner's cluster."""
        member = self.assign(histories)
        return np.asarray(self.shares_[member], np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"clusters": self.clusters, "prior": self.prior, "seed": self.seed}

    def _profiles(self, histories: Histories) -> Dense:
        return unit_length(np.asarray(histories.matrix() @ self.places_, np.float32))

    def _project(self, profiles: Dense) -> Dense:
        return np.asarray((profiles - self.mean_) @ self.axes_, np.float32)

    def _centroids(self, points: Dense) -> Dense:
        wanted = self.clusters or min(_MOST_CLUSTERS, max(2, round(np.sqrt(len(points) / 2))))
        distinct = len(np.unique(points.round(4), axis=0)) if len(points) else 0
        if distinct < 2:
            return points[:distinct]
        # Late on purpose: scikit-learn costs a second that a process serving stored clusters need not spend.
        from sklearn.cluster import KMeans  # noqa: PLC0415

        solver = KMeans(min(wanted, distinct), n_init=1, random_state=self.seed)
        return np.asarray(solver.fit(points).cluster_centers_, np.float32)


class KMeansPcaModel(KMeansModel):
    """The same on principal components of the profiles, as many as hold nine tenths of their variance.

    Ding & He, K-means clustering via principal component analysis (ICML 2004): components leave out directions that only
    blur the clusters.
    """

    name: ClassVar[str] = "kmeans_pca"

    def axes(self, profiles: Dense) -> tuple[Dense, Dense]:
        """The mean profile and the leading principal axes."""
        if not profiles.size:
            return super().axes(profiles)
        mean = profiles.mean(axis=0, dtype=np.float64)
        variances, vectors = np.linalg.eigh(np.cov(profiles - mean, rowvar=False, ddof=0).reshape(profiles.shape[1], -1))
        largest = np.argsort(-variances, kind="stable")
        held = np.cumsum(variances[largest]) / max(variances.sum(), np.finfo(np.float64).tiny)
        count = min(int(np.searchsorted(held, _EXPLAINED)) + 1, len(largest))
        return mean.astype(np.float32), np.asarray(vectors[:, largest[:count]], np.float32)


def item_vectors(dataset: Dataset, seed: int) -> Dense:
    """What taking each item adds to a profile: its topics, or its place in the SVD of histories; see KMeansModel."""
    topics = CourseFeatures.of(dataset.items).topics
    described = np.diff(topics.indptr) > 0
    taken = dataset.histories.matrix()
    if described[taken.indices].mean() >= 0.5 if taken.nnz else described.any():
        return np.asarray(topics.toarray(), np.float32)
    return np.ascontiguousarray(right_singular_vectors(taken, _RANK, seed).T)
