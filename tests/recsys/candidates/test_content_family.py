"""Models that judge courses by what they say of themselves."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from recsys.candidates.bag_of_words_similarity import CourseSimilarityModel
from recsys.candidates.base import Model
from recsys.candidates.lsa import LsaModel
from recsys.candidates.nearest_items import nearest
from recsys.candidates.same_creator_series import SeriesModel
from recsys.candidates.skill_transitions import SkillsModel
from recsys.candidates.topic_profile import UserProfileModel
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.types import Item
from tests.recsys import worlds
from tests.recsys.candidates.conformance import ModelConformance


def catalog_only(*items: Item) -> Dataset:
    return Dataset.from_frames(pd.DataFrame({"user_id": [], "item_id": []}), items)


class TestUserProfile(ModelConformance):
    kind = UserProfileModel

    def test_the_profile_is_weighed_by_what_was_done(self) -> None:
        data = catalog_only(Item("d", topics=("data",)), Item("a", topics=("art",)), Item("both", topics=("data", "art")))
        history = Histories.from_lists([[0, 1]], 3, [[3.0, 1.0]])
        scores = UserProfileModel(power=0.0).fit(data).score(history)[0]
        assert scores == pytest.approx([3, 1, 4 / np.sqrt(2)])


class TestCourseSimilarity(ModelConformance):
    kind = CourseSimilarityModel

    def test_cosine_of_counts(self) -> None:
        data = catalog_only(Item("x", description="apple apple pear"), Item("y", description="apple plum"), Item("z", description="fig"))
        weights = CourseSimilarityModel().fit(data).weights_.toarray()
        # Terms of x: apple 2, pear, and the pairs apple apple, apple pear; of y: apple, plum, apple plum.
        assert weights[0, 1] == pytest.approx(2 / np.sqrt(7 * 3))
        assert weights[0, 0] == 0
        assert not weights[2].any()


class TestLsa(ModelConformance):
    kind = LsaModel

    def test_courses_are_alike_without_a_word_in_common(self) -> None:
        data = catalog_only(
            Item("cars", description="car engine"),
            Item("autos", description="automobile"),
            Item("bridge", description="car automobile engine"),
            Item("far", description="poem rhyme"),
            Item("verse", description="poem verse"),
        )
        alike = LsaModel(rank=2).fit(data).weights_.toarray()
        assert alike[0, 1] > 0.9
        assert alike[0, 3] == pytest.approx(0, abs=1e-5)

    def test_places_a_course_nobody_has_seen(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, LsaModel)
        likeness = model.similarity([Item("new", title="Pandas in notebooks"), Item("blank")])
        assert likeness[0, data.item_index("a0")] > likeness[0, data.item_index("b0")]
        assert not likeness[1].any()


class TestSkills(ModelConformance):
    kind = SkillsModel

    @pytest.fixture(scope="class")
    @classmethod
    def path(cls) -> Dataset:
        """Python is followed by statistics, statistics by learning; nobody has taken `new`, and painting leads nowhere."""
        skills = {"py1": "python", "py2": "python", "st1": "statistics", "new": "statistics", "ml1": "learning", "art": "painting"}
        taken = [(f"u{n}", item, step) for n in range(30) for step, item in enumerate([f"py{1 + n % 2}", "st1", "ml1"])]
        items = [Item(item, skills=(skill,)) for item, skill in skills.items()]
        return Dataset.from_frames(pd.DataFrame(taken, columns=["user_id", "item_id", "timestamp"]), items)

    def test_the_next_skill_is_reached_through_a_course_nobody_took(self, path: Dataset) -> None:
        scores = SkillsModel(prior=1.0, demand=0.0).fit(path).score(self.rows(path, "py1"))[0]
        new, before, art = (scores[path.item_index(i)] for i in ("new", "py2", "art"))
        assert new > before > art == 0
        assert new == pytest.approx(scores[path.item_index("st1")])

    def test_of_courses_that_teach_the_same_the_one_in_demand_leads(self, path: Dataset) -> None:
        scores = SkillsModel().fit(path).score(self.rows(path, "py1"))[0]
        assert scores[path.item_index("st1")] > scores[path.item_index("new")] > 0

    def test_a_goal_is_met_by_what_teaches_it(self, path: Dataset) -> None:
        model = SkillsModel(prior=1.0, demand=0.0).fit(path)
        assert model.goal_scores({"painting": 1.0, "alchemy": 5.0}).argmax() == path.item_index("art")
        assert not model.goal_scores({"alchemy": 1.0}).any()

    def test_without_order_skills_go_with_each_other_both_ways(self) -> None:
        items = [Item("p", skills=("python",)), Item("s", skills=("statistics",)), Item("a", skills=("art",))]
        taken = [(f"u{n}", item) for n in range(20) for item in ("p", "s")]
        data = Dataset.from_frames(pd.DataFrame(taken, columns=["user_id", "item_id"]), items)
        assert not data.ordered
        model = SkillsModel().fit(data)
        weights = model.weights_.toarray()
        assert weights[0, 1] == pytest.approx(weights[1, 0])
        assert weights[0, 1] > 0
        assert not weights[2].any()


def test_nearest_keeps_the_closest_of_each_target() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], np.float32)
    found = nearest(vectors, vectors, 1).toarray()
    assert found[1, 0] == pytest.approx(0.9)
    assert found[0, 1] == pytest.approx(0.9)
    assert found[1, 2] == pytest.approx(0.1)
    assert not found[:, 3].any()
    assert np.count_nonzero(found) == 3


class TestSeries(ModelConformance):
    kind = SeriesModel

    @classmethod
    def world(cls) -> Dataset:
        return Dataset.from_frames(worlds.interactions(), published(worlds.items()))

    def test_a_lesson_nobody_took_follows_the_one_before_it(self) -> None:
        rows = [(f"u{learner}", f"c{learner % 4 + step}", step) for learner in range(40) for step in range(3)]
        lessons = published([Item(f"c{n}") for n in range(9)])
        data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), lessons)
        chance = chances(SeriesModel(steps=2, decay=0.5), data)
        # Of three lessons in a row two are steps of one place, and one, worth a half, is a step of two places.
        assert chance[7, 8] == pytest.approx(2 / 2.5)
        assert chance[6, 8] == pytest.approx(0.5 / 2.5)
        assert not chance[8].any()

    def test_a_chance_is_counted_where_there_is_such_a_neighbor(self) -> None:
        rows = [("u", "c0", 0), ("u", "c1", 1), ("u", "c3", 2), ("v", "c2", 0), ("v", "c3", 1)]
        data = Dataset.from_frames(
            pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), published([Item(f"c{n}") for n in range(4)])
        )
        chance = chances(SeriesModel(steps=1), data)
        # Steps start from c0, c1 and c2: all have one place further, c2 has not two.
        assert chance[0, 1] == pytest.approx(2 / 3)
        assert chance[0, 2] == pytest.approx(1 / 2)

    def test_likely_neighbors_share_a_subject(self) -> None:
        subjects = [Item(f"c{n}", topics=("even",) if n % 2 == 0 else ("odd",)) for n in range(8)]
        rows = [(f"u{learner}", f"c{learner % 4 + 2 * step}", step) for learner in range(40) for step in range(2)]
        data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), published(subjects))
        chance = chances(SeriesModel(), data)
        assert chance[5, 7] == pytest.approx(1)
        assert np.count_nonzero(chance[5]) == 1

    def test_other_creators_and_undated_courses_are_no_neighbors(self) -> None:
        rows = [(f"u{n}", course, step) for n in range(9) for step, course in enumerate(("mine", "theirs", "undated", "mine too"))]
        items = [Item("mine", creator="a", published=1.0), Item("theirs", creator="b", published=2.0)]
        items += [Item("undated", creator="a"), Item("mine too", creator="a", published=3.0)]
        chance = chances(SeriesModel(), Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items))
        assert np.argwhere(chance).tolist() == [[0, 3]]

    def test_courses_published_at_once_have_no_order_among_them(self) -> None:
        rows = [(f"u{n}", course, step) for n in range(9) for step, course in enumerate("abc")]
        items = [Item("a", published=1.0), Item("b", published=1.0), Item("c", published=2.0)]
        chance = chances(SeriesModel(), Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items))
        assert np.argwhere(chance).tolist() == [[0, 2], [1, 2]]

    def test_without_order_both_neighbors_are_as_near(self) -> None:
        rng = np.random.default_rng(0)
        starts = rng.integers(7, size=200)
        rows = [(f"u{n}", f"c{start + step}") for n, start in enumerate(starts) for step in rng.permutation(2)]
        data = Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id"]), published([Item(f"c{n}") for n in range(9)]))
        assert not data.ordered
        chance = chances(SeriesModel(), data)
        assert chance[4, 5] == pytest.approx(chance[4, 3], rel=0.2)


def chances(model: SeriesModel, data: Dataset) -> npt.NDArray[np.float32]:
    """Scores of all courses after each course alone."""
    return model.fit(data).with_recency_power(0.0).score(Histories.from_lists([[item] for item in range(data.n_items)], data.n_items))


def published(items: Sequence[Item]) -> list[Item]:
    """The items as published one a day, those of a creator (the first letter of the id) in order."""
    return [replace(item, creator=item.item_id[0], published=86_400.0 * day) for day, item in enumerate(items)]
