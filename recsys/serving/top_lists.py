"""Top lists from scores: what must not be shown is masked, the best are taken, each with the parts of its score."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.serving.catalog import Catalog
from recsys.serving.scoring import CatalogScores, Scorer
from recsys.serving.slate_composition import blocked
from recsys.types import Recommendation

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ListPicker:
    """Picks from the catalog of a scorer; immutable."""

    scorer: Scorer

    @property
    def catalog(self) -> Catalog:
        """The catalog that lists are picked from."""
        return self.scorer.catalog

    def positions_of(self, item_ids: Iterable[str]) -> npt.NDArray[np.int64]:
        """Positions of those of the items that are in the catalog, in no order."""
        return np.array([position for position in map(self.catalog.positions.get, item_ids) if position is not None], np.int64)

    def masked_scores(
        self, values: Vector, hidden: Iterable[str], segments: Collection[str] = (), settled: npt.NDArray[np.int64] | None = None
    ) -> Vector:
        """`values` with -inf for hidden items (those at the positions `settled` too) and those that rules block; of twins the best stays,
        and none where one is hidden."""
        masked = values.astype(np.float32, copy=True)
        masked[self.positions_of(hidden)] = -np.inf
        if settled is not None:
            masked[settled] = -np.inf
        if self.scorer.policy.rules:
            masked[self.rule_blocked_positions(segments)] = -np.inf
        kernels.mask_all_but_group_best(masked, *self.catalog.duplicate_groups_csr)
        return masked

    def rule_blocked_positions(self, segments: Collection[str] = ()) -> npt.NDArray[np.int64]:
        """Positions of what rules keep out of every list."""
        return blocked(self.catalog, self.scorer.policy, segments)

    def best(self, scored: CatalogScores, order: Vector, k: int) -> list[Recommendation]:
        """The k items that stand highest in `order`, with reasons."""
        return self.recommendations(scored, top_positions(order, k))

    def recommendations(self, scored: CatalogScores, positions: Sequence[int]) -> list[Recommendation]:
        """The items at these positions with score and reasons."""
        reasons = self.scorer.reasons(scored, positions)
        return [Recommendation(self.catalog.ids[p], float(scored.values[p]), r) for p, r in zip(positions, reasons, strict=True)]


def masked_unless(condition: npt.NDArray[np.bool_], order: Vector) -> Vector:
    """`order` with -inf where the condition does not hold."""
    return np.where(condition, order, -np.inf).astype(np.float32)


def top_positions(order: Vector, k: int) -> list[int]:
    """Positions of the best k finite entries of `order`, equal ones by position."""
    best = kernels.largest(order, k)
    positions: list[int] = best[(-order[best]).argsort(kind="stable")].tolist()
    return positions
