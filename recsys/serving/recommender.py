"""The door to a trained recommender: load once, ask from many threads."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from recsys.registry.manifest import Manifest
from recsys.rerank.policy import Policy
from recsys.types import Item, Learner, Recommendation


class Recommender:
    """A trained artifact bound to a catalog and a policy; immutable, so threads may share it.

    `with_catalog` and `with_policy` return cheap copies that share the memory-mapped arrays. A visitor is `Learner()`.
    Every returned list holds at most k items, all of them in the catalog, none of them twice.
    """

    manifest: Manifest
    policy: Policy

    @classmethod
    def load(cls, directory: Path) -> "Recommender":
        """Verify and open the artifact in `directory`; its catalog is that of the training items.

        Raises ArtifactError when it is missing, damaged, foreign or of another format version.
        """
        raise NotImplementedError

    def with_catalog(
        self, items: Sequence[Item], *, now: float | None = None, exposure: Mapping[str, tuple[int, int]] | None = None
    ) -> "Recommender":
        """The same model for the items eligible now.

        Items unknown to the model take part by their content; trained items that are absent are never returned.
        `now` (seconds since the epoch, default: the latest `published`) decides what is new; `exposure` gives
        (times shown, times taken) of new items, which steers and ends their exploration.
        """
        raise NotImplementedError

    def with_policy(self, policy: Policy) -> "Recommender":
        """The same model and catalog under another policy."""
        raise NotImplementedError

    def recommend(self, learner: Learner, k: int, *, seed: int = 0, exclude: Collection[str] = ()) -> list[Recommendation]:
        """The slate "recommended for you": ranked, re-ranked by the policy, with reasons that sum to each score."""
        raise NotImplementedError

    def similar(self, item_id: str, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items close to `item_id` by who takes them and by content; unknown ids give an empty list."""
        raise NotImplementedError

    def because(self, learner: Learner, item_id: str, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """What `item_id` of the learner's history leads to, ordered for this learner."""
        raise NotImplementedError

    def next_for_goal(self, learner: Learner, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Items that close the gap to the learner's goal, those first whose prerequisites are met; empty without a goal."""
        raise NotImplementedError

    def trending(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Much taken lately."""
        raise NotImplementedError

    def popular(self, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Taken by most learners."""
        raise NotImplementedError

    def new_for(self, learner: Learner, k: int, exclude: Collection[str] = ()) -> list[Recommendation]:
        """Newly published items, the closest to the learner first."""
        raise NotImplementedError
