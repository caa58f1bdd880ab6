"""What a learner turned down falls, and less so what is like it."""

from dataclasses import replace

import pytest

from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Item, Learner
from tests.recsys.serving.conftest import world_items

BEFORE = Learner(history=(Interaction("data-1"), Interaction("design-1")))
FRESH = Item("fresh", "containers afresh", "containers clusters deployment docker lesson", topics=("cloud",), skills=("docker",))


@pytest.mark.parametrize("item_id", ["data-2", "cloud-5", "fresh"])
def test_the_course_itself_falls_most(recommender: Recommender, item_id: str) -> None:
    now = recommender.with_catalog([*world_items(), FRESH])
    after = replace(BEFORE, history=(*BEFORE.history, Interaction(item_id, -1.0, kind="thumbs_down")))
    first, second = now.for_learner(BEFORE).scores(), now.for_learner(after).scores()
    falls = sorted(((first[name] - second[name], name) for name in first), reverse=True)
    assert falls[0][1] == item_id
    assert falls[0][0] > falls[1][0] > 0
