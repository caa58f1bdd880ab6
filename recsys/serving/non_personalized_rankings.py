"""Non-personalized rankings: the same for everybody (popular, trending), ordered once for a catalog and picked from for each reader."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from recsys.serving.catalog import Catalog
from recsys.types import Reason, ReasonKind, Recommendation


@dataclass(frozen=True)
class NonPersonalizedRanking:
    """Items that somebody took, the highest score first, equal ones by position; of twins the best alone, with the ids of all."""

    recommendations: Sequence[Recommendation]
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog, scores: npt.NDArray[np.float32], source: str, kind: ReasonKind) -> "NonPersonalizedRanking":
        """A ranking by `scores` of trained items; 0 is for what nobody took. Twins of which one was taken by nobody are left out."""
        values = np.zeros(len(catalog), np.float32)
        values[catalog.known] = scores[catalog.trained[catalog.known]]
        groups: dict[str, tuple[str, ...]] = {}
        for twins in catalog.duplicate_groups:
            best = int(twins[values[twins].argmax()])
            most = values[best] if (values[twins] > 0).all() else 0
            groups[catalog.ids[best]] = tuple(catalog.ids[position] for position in twins)
            values[twins] = 0
            values[best] = most
        order = (-values).argsort(kind="stable")[: np.count_nonzero(values > 0)]
        made = ((catalog.ids[position], float(values[position])) for position in order)
        return cls([Recommendation(item_id, score, (Reason(source, kind, score),)) for item_id, score in made], groups)

    def first(self, k: int, *hidden: Collection[str]) -> list[Recommendation]:
        """The first k that are in none of the collections, nor any twin of theirs."""
        chosen: list[Recommendation] = []
        for recommendation in self.recommendations:
            if len(chosen) >= k:
                break
            same = self.twins.get(recommendation.item_id, (recommendation.item_id,))
            if not any(item_id in ids for ids in hidden for item_id in same):
                chosen.append(recommendation)
        return chosen
