"""Skill transitions: courses whose skills follow those a learner has."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recsys.candidates.item_item_base import Dense, ItemItemModel, cross_product
from recsys.candidates.nearest_items import nearest
from recsys.data.dataset import Dataset
from recsys.data.histories import prefixes
from recsys.errors import MisfitError
from recsys.faults import Fault
from recsys.features.course_features import CourseFeatures
from recsys.threads import one_thread
from recsys.types import ReasonKind

_FADE = 1.0  # power by which a step between two courses of a history counts less


class SkillsModel(ItemItemModel):
    """weights[j, i] = t(j) · M · diag(p^(-rarity)) · t(i) · (1 + learners of i)^demand: how well course i continues course j.

    t are the skills a course teaches, summing to 1 (topics where the catalog names no skills). M[a, b] is the chance that b is
    taught when a was: counted over courses that followed within `steps` in a history (over all pairs of a history where order
    means nothing), and, as `prior` such pairs more, over skills taught by the same course. p is the share of skill b in the
    catalog: what everything teaches continues nothing in particular. Many courses teach the same, and `demand` says where it is
    learned. A Markov chain over skills instead of courses, as in Rendle et al. (WWW 2010); courses nobody has taken are reached
    by what they teach. `goal` asks the same for named skills.
    """

    name: ClassVar[str] = "skills"
    reason: ClassVar[ReasonKind] = ReasonKind.SIMILAR_CONTENT
    learned: ClassVar[tuple[str, ...]] = ("weights_", "continues_", "teaches_")
    continues_: Dense  # (skills, skills): M · diag(p^(-rarity))
    teaches_: sparse.csr_matrix  # (n_items, skills), rows sum to (1 + learners)^demand

    def __init__(
        self,
        power: float = 0.8,
        k: int = 200,
        steps: int = 5,
        prior: float = 20.0,
        rarity: float = 0.5,
        demand: float = 0.5,
        max_skills: int = 3_000,
    ) -> None:
        self.power = power
        self.k = k
        self.steps = steps
        self.prior = prior
        self.rarity = rarity
        self.demand = demand
        self.max_skills = max_skills

    def fit(self, dataset: Dataset) -> Self:
        """Count which skill goes with and after which, then compare all courses."""
        labels, self.skills_ = skill_table(dataset, self.max_skills)
        taught = _sum_to_one(labels)
        demand = np.power(1 + dataset.popularity, self.demand).astype(np.float32)
        self.teaches_ = sparse.csr_matrix(sparse.diags(demand) @ taught, dtype=np.float32)
        with one_thread():
            followed = self._count_transitions(dataset, taught)
            together = np.asarray((taught.T @ labels).toarray(), np.float32)
            total = followed.sum(axis=1, keepdims=True) + np.float32(self.prior)
            chance = (followed + np.float32(self.prior) * _normalize_rows(together)) / total
            share = np.maximum(np.asarray(taught.sum(axis=0)).ravel() / max(dataset.n_items, 1), 1e-6)
            self.continues_ = np.asarray(chance * np.power(share, -self.rarity), np.float32)
            self.weights_ = nearest(taught @ self.continues_, self.teaches_, self.k)
        return self

    def goal_scores(self, skills: Mapping[str, float]) -> npt.NDArray[np.float32]:
        """Scores (n_items,) of items for skills wanted or held, by weight; unknown skills count nothing."""
        self.require_fitted()
        position = {name: index for index, name in enumerate(self.skills_)}
        wanted = np.zeros(len(self.skills_), np.float32)
        for name, weight in skills.items():
            if name in position:
                wanted[position[name]] = weight
        return np.asarray(self.teaches_ @ (wanted @ self.continues_), np.float32)

    def _count_transitions(self, dataset: Dataset, taught: sparse.csr_matrix) -> Dense:
        """How often skill b was taught by a course after (or with) one that taught a, a course counting 1 in all."""
        if not taught.nnz:
            return np.zeros((taught.shape[1],) * 2, np.float32)
        events = dataset.histories.keep(dataset.histories.weights > 0)
        if dataset.ordered:
            before, after = prefixes(events, self.steps, _FADE)
            return cross_product(before @ taught, after @ taught)
        taken = events.matrix()
        learned = taken @ taught
        # Less what a course shares with itself.
        itself = taught.T @ sparse.diags(dataset.popularity.astype(np.float32)) @ taught
        return np.asarray(np.maximum(cross_product(learned, learned) - itself.toarray(), 0), np.float32)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("power", "k", "steps", "prior", "rarity", "demand", "max_skills")
        return {name: getattr(self, name) for name in names}

    def json_state(self) -> dict[str, Any]:
        """The names of the skills."""
        return {"skills": list(self.skills_)}

    def restore(self, values: dict[str, Any]) -> None:
        """Take back the names. Raises MisfitError when they do not fit the arrays."""
        self.skills_ = tuple(values["skills"])
        if len(self.skills_) != len(self.continues_):
            raise MisfitError(Fault.SKILLS_MISFIT, skills=len(self.skills_), rows=len(self.continues_))


def skill_table(dataset: Dataset, most: int) -> tuple[sparse.csr_matrix, tuple[str, ...]]:
    """Items × skills of 0 and 1 and the names of the columns: the `most` skills that most items teach.

    Topics stand in where no item names a skill.
    """
    features = CourseFeatures.of(dataset.items)
    labels, names = (features.skills, features.skill_names) if features.skill_names else (features.topics, features.topic_names)
    often = np.asarray(labels.sum(axis=0)).ravel()
    kept = np.sort(np.argsort(-often, kind="stable")[:most])
    return sparse.csr_matrix(labels[:, kept]), tuple(names[i] for i in kept)


def _sum_to_one(labels: sparse.csr_matrix) -> sparse.csr_matrix:
    scale = 1 / np.maximum(np.asarray(labels.sum(axis=1)).ravel(), 1)
    return sparse.csr_matrix(sparse.diags(scale.astype(np.float32)) @ labels, dtype=np.float32)


def _normalize_rows(rows: Dense) -> Dense:
    return np.asarray(rows / np.maximum(rows.sum(axis=1, keepdims=True), np.float32(1e-9)), np.float32)
