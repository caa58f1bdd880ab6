"""The recommender on a world whose right answers are obvious."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from recsys.errors import ArtifactError
from recsys.pipelines.train import train
from recsys.rerank.policy import Policy
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Item, Learner, ReasonKind, Recommendation
from tests.recsys.serving.conftest import DAY, PER_FIELD, world_events, world_items

PLAIN = Policy(prerequisite_penalty=3.0, diversity=0, niche_share=0, level_calibration=0, explore_slots=0)


def took(*ids: str, **known: object) -> Learner:
    return Learner(history=tuple(Interaction(i, timestamp=2e9 + n) for n, i in enumerate(ids)), **known)  # type: ignore[arg-type]


def ids(slate: Sequence[Recommendation]) -> list[str]:
    return [r.item_id for r in slate]


def fields(slate: Sequence[Recommendation]) -> list[str]:
    return [r.item_id.split("-")[0] for r in slate]


def place(recommender: Recommender, learner: Learner, item_id: str) -> float:
    return recommender.for_learner(learner).scores()[item_id]


LEARNERS = {
    "visitor": Learner(),
    "cold": Learner(
        topics=("design", "cloud"), goal="artist", goal_skills={"color": 1.0, "docker": 0.5}, level="beginner", weekly_minutes=30
    ),
    "one course": took("cloud-1"),
    "experienced": took("design-0", "design-1", "design-2", topics=("data",), level="advanced"),
    "disliking": Learner(history=(Interaction("data-1"), Interaction("data-2", -1.0, kind="dismiss"))),
    "viewing": Learner(history=(Interaction("cloud-2", 0.1, kind="view"),)),
    "unknown history": took("gone", "cloud-1"),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_every_list_keeps_its_promises(recommender: Recommender, name: str) -> None:
    learner = LEARNERS[name]
    hidden = {"data-5", "cloud-5"}
    personal = recommender.for_learner(learner)
    lists = {
        "recommend": personal.recommend(8, exclude=hidden),
        "similar": recommender.similar("cloud-1", 8, hidden),
        "because": personal.because("cloud-1", 8, hidden),
        "next_for_goal": personal.next_for_goal(8, hidden),
        "trending": recommender.trending(8, hidden),
        "popular": recommender.popular(8, hidden),
        "new": personal.newly_published(8, hidden),
    }
    for kind, slate in lists.items():
        assert len(slate) <= 8, kind
        assert len(set(ids(slate))) == len(slate), kind
        assert not hidden & set(ids(slate)), kind
        for found in slate:
            assert sum(r.weight for r in found.reasons) == pytest.approx(found.score, abs=1e-4), kind
            assert 0 < found.propensity <= 1, kind
    assert len(lists["recommend"]) == 8


def test_history_decides_for_those_who_have_one(recommender: Recommender) -> None:
    plain = recommender.with_policy(PLAIN)
    for field in ("data", "design", "cloud"):
        slate = plain.for_learner(took(f"{field}-0", f"{field}-1", f"{field}-2")).recommend(4)
        assert fields(slate) == [field] * 4
        assert slate[0].reasons[0].evidence in {f"{field}-0", f"{field}-1", f"{field}-2"}


def test_what_was_taken_dismissed_or_excluded_is_not_shown(recommender: Recommender) -> None:
    learner = replace(took("data-1"), excluded=frozenset({"data-2"}))
    learner = replace(learner, history=(*learner.history, Interaction("data-4", -1.0, kind="dismiss")))
    personal = recommender.for_learner(learner)
    for slate in (personal.recommend(99), personal.because("data-1", 99), personal.newly_published(99)):
        assert not {"data-1", "data-2", "data-4"} & set(ids(slate))


def test_a_viewed_course_is_a_hint_and_may_still_be_shown(recommender: Recommender) -> None:
    viewing = Learner(history=(Interaction("cloud-2", 0.1, kind="view"),))
    assert "cloud-2" in ids(recommender.for_learner(viewing).recommend(24))
    assert place(recommender, viewing, "cloud-4") > place(recommender, Learner(), "cloud-4")


def test_a_visitor_gets_what_many_take_across_fields(recommender: Recommender) -> None:
    slate = recommender.for_learner(Learner()).recommend(8)
    assert slate[0].item_id == recommender.popular(1)[0].item_id
    first, *others = slate[0].reasons
    assert {first.kind, *(r.kind for r in others)} <= {ReasonKind.POPULAR, ReasonKind.TRENDING, ReasonKind.BASELINE}
    assert first.kind is not ReasonKind.BASELINE
    assert len(set(fields(slate))) >= 2


def test_two_interests_and_a_goal_make_a_home_at_once(recommender: Recommender) -> None:
    learner = Learner(topics=("design", "cloud"), goal="operator", goal_skills={"docker": 1.0}, level="beginner")
    slate = recommender.for_learner(learner).recommend(6)
    assert set(fields(slate)) == {"design", "cloud"}
    found = {reason.kind for r in slate for reason in r.reasons[:2]}
    assert {ReasonKind.INTEREST, ReasonKind.GOAL_SKILL} <= found
    assert slate[0].item_id.startswith("cloud")
    assert {r.evidence for x in slate for r in x.reasons if r.kind is ReasonKind.GOAL_SKILL} == {"docker"}


def test_what_is_stated_gives_way_to_what_is_done_but_stays(recommender: Recommender) -> None:
    interested = {"topics": ("design",)}
    gains = []
    for history in ((), ("data-1",), ("data-1", "data-2", "data-4", "data-5")):
        gains.append(place(recommender, took(*history, **interested), "design-1") - place(recommender, took(*history), "design-1"))
    assert gains[0] > 0
    assert gains[2] > 0
    assert (
        fields(recommender.with_policy(PLAIN).for_learner(took("data-1", "data-2", "data-4", "data-5", **interested)).recommend(2))
        == ["data"] * 2
    )


def test_courses_in_another_language_stand_behind_the_others_and_say_nothing_of_it(recommender: Recommender) -> None:
    french = [replace(item, language="fr" if item.item_id.startswith("data") else "en") for item in world_items()]
    bound = recommender.with_catalog(french)
    for history in ((), ("data-1", "cloud-1"), ("cloud-1", "cloud-2", "cloud-4", "cloud-5", "cloud-6")):
        learner = took(*history)
        reader = replace(learner, languages=("en",))
        drop = {i: place(bound, learner, i) - place(bound, reader, i) for i in ("data-3", "data-7", "cloud-7", "design-7")}
        reads_french = "data-1" in history
        assert (drop["data-3"] > 1) is (drop["data-7"] > 1) is not reads_french
        assert drop["cloud-7"] == drop["design-7"] == 0
    slate = bound.with_policy(PLAIN).for_learner(Learner(languages=("en",))).recommend(24)
    assert fields(slate)[:14].count("data") == 0
    last = next(r for r in slate if r.item_id == "data-7")
    assert [r.weight < 0 for r in last.reasons if r.kind is ReasonKind.LANGUAGE] == [True]
    assert sum(r.weight for r in last.reasons) == pytest.approx(last.score, abs=1e-3)


def test_a_dislike_lowers_its_neighbors_at_once(recommender: Recommender) -> None:
    before = took("data-1", "design-1")
    after = replace(before, history=(*before.history, Interaction("data-2", -1.0, kind="thumbs_down")))
    drop = {i.item_id: place(recommender, before, i.item_id) - place(recommender, after, i.item_id) for i in world_items()}
    near = [drop[f"data-{n}"] for n in range(PER_FIELD) if n != 2]
    far = [drop[f"design-{n}"] for n in range(PER_FIELD)]
    assert min(near) > max(far)
    assert "data-2" not in ids(recommender.for_learner(after).recommend(24))
    shown = next(r for r in recommender.for_learner(after).recommend(24) if r.item_id == "data-4")
    assert shown.reasons[-1].kind is ReasonKind.LESS_LIKE_THIS
    assert shown.reasons[-1].weight < 0


@pytest.mark.parametrize("item_id", ["data-2", "fresh"])
def test_a_dislike_lowers_the_course_itself_most(recommender: Recommender, item_id: str) -> None:
    now = recommender.with_catalog([*world_items(), fresh_course()])
    before, against = took("data-1", "design-1"), Interaction(item_id, -1.0, kind="thumbs_down")
    first = now.for_learner(before).scores()
    second = now.for_learner(replace(before, history=(*before.history, against))).scores()
    drop = {name: first[name] - second[name] for name in first}
    assert max(drop, key=drop.__getitem__) == item_id
    assert sorted(drop.values())[-2] > 0


def test_taking_a_course_changes_the_next_call(recommender: Recommender) -> None:
    plain = recommender.with_policy(PLAIN)
    assert fields(plain.for_learner(took("data-1")).recommend(3)) == ["data"] * 3
    assert "cloud" in fields(plain.for_learner(took("data-1", "cloud-1")).recommend(3))


def fresh_course(item_id: str = "fresh", field: str = "cloud") -> Item:
    text = "containers clusters deployment docker lesson"
    return Item(item_id, f"{field} afresh: {item_id}", text, topics=(field,), skills=("docker",), published=9 * DAY)


def test_a_course_published_a_second_ago_takes_part_everywhere(recommender: Recommender) -> None:
    now = recommender.with_catalog([*world_items(), fresh_course()])
    fan = took("cloud-1", "cloud-2")
    assert "fresh" in ids(now.for_learner(fan).recommend(24))
    assert "fresh" in ids(now.for_learner(fan).newly_published(24))
    assert "fresh" in ids(now.similar("cloud-1", 12))
    assert fields(now.similar("fresh", 3)) == ["cloud"] * 3
    assert "fresh" in ids(now.for_learner(Learner(goal="x", goal_skills={"docker": 1.0})).next_for_goal(5))
    assert place(now, fan, "fresh") > place(now, took("design-1", "design-2"), "fresh")
    shown = next(r for r in now.for_learner(fan).recommend(24) if r.item_id == "fresh")
    assert ReasonKind.NEW in {r.kind for r in shown.reasons}


@pytest.mark.parametrize(("days", "new"), [(-61, False), (-59, True), (0.5, True), (2, False), (3_650, False)])
def test_a_course_dated_after_the_present_is_not_new_but_takes_part(recommender: Recommender, days: float, new: bool) -> None:
    now = 1_000 * DAY
    dated = replace(fresh_course(), published=now + days * DAY)
    lists = recommender.with_catalog([*world_items(), dated], now=now).for_learner(took("cloud-1", "cloud-2"))
    assert ("fresh" in ids(lists.newly_published(24))) is new
    assert "fresh" in ids(lists.recommend(24))


def test_having_taken_a_new_course_counts_by_its_content(recommender: Recommender) -> None:
    now = recommender.with_catalog([*world_items(), fresh_course()])
    slate = now.with_policy(PLAIN).for_learner(took("fresh")).recommend(3)
    assert fields(slate) == ["cloud"] * 3
    assert slate[0].reasons[0].evidence == "fresh"
    assert slate[0].reasons[0].kind is ReasonKind.SIMILAR_CONTENT


def test_nobody_is_said_to_have_taken_what_nobody_took(tmp_path: Path) -> None:
    data = next(item for item in world_items() if item.item_id == "data-0")
    untaken = replace(data, item_id="data-old", title="data course of old", published=-200 * DAY)
    model = Recommender.load(train(world_events(), [*world_items(), untaken], tmp_path, evaluate=False))
    found = next(r for r in model.for_learner(took("data-1", "data-2")).recommend(25) if r.item_id == "data-old")
    assert ReasonKind.TAKEN_TOGETHER not in {reason.kind for reason in found.reasons}
    assert ReasonKind.SIMILAR_CONTENT in {reason.kind for reason in found.reasons}
    assert sum(reason.weight for reason in found.reasons) == pytest.approx(found.score, abs=1e-4)


def test_a_course_nobody_took_is_placed_by_its_text_as_it_is_now(tmp_path: Path) -> None:
    untaken = replace(fresh_course("untaken"), published=400 * DAY)
    model = Recommender.load(train(world_events(), [*world_items(), untaken], tmp_path, evaluate=False))
    rewritten = replace(untaken, title="Color afresh", description="layout grids drawing typography", topics=(), skills=())
    for course, field in ((untaken, "cloud"), (rewritten, "design")):
        assert fields(model.with_catalog([*world_items(), course]).similar("untaken", 3)) == [field] * 3


def test_an_archived_course_is_never_returned_but_its_learners_are_known(recommender: Recommender) -> None:
    now = recommender.with_catalog([i for i in world_items() if i.item_id != "cloud-2"])
    fan = took("cloud-2", "cloud-1")
    lists = (
        now.for_learner(fan).recommend(99),
        now.popular(99),
        now.trending(99),
        now.similar("cloud-1", 99),
        now.for_learner(fan).because("cloud-2", 99),
    )
    for slate in lists:
        assert slate
        assert "cloud-2" not in ids(slate)
    assert fields(now.with_policy(PLAIN).for_learner(took("cloud-2")).recommend(3)) == ["cloud"] * 3


def test_an_empty_catalog_gives_empty_lists(recommender: Recommender) -> None:
    empty = recommender.with_catalog([])
    assert empty.for_learner(took("data-1")).recommend(5) == []
    assert empty.popular(5) == empty.similar("data-1", 5) == empty.for_learner(Learner()).newly_published(5) == []


def test_more_than_the_catalog_holds_gives_all_of_it(recommender: Recommender) -> None:
    assert sorted(ids(recommender.for_learner(Learner()).recommend(1_000))) == sorted(i.item_id for i in world_items())
    assert recommender.for_learner(Learner()).recommend(0) == []


def test_new_courses_are_explored_with_their_propensity(recommender: Recommender) -> None:
    newcomers = [replace(fresh_course(f"fresh-{n}"), published=199 * DAY) for n in range(4)]
    now = recommender.with_policy(replace(PLAIN, explore_slots=1)).with_catalog([*world_items(), *newcomers], now=200 * DAY)
    fan = took("cloud-1", "cloud-2")
    slates = [now.for_learner(fan).recommend(5, seed=seed) for seed in range(40)]
    explored = [(n, r) for slate in slates for n, r in enumerate(slate) if r.propensity < 1]
    assert len(explored) == 40
    assert {n for n, _ in explored} == {3}
    assert len({r.item_id for _, r in explored}) > 1
    assert all(r.item_id.startswith("fresh") for _, r in explored)
    assert now.for_learner(fan).recommend(5, seed=7) == slates[7]


@pytest.mark.parametrize("slots", [1, 2])
def test_a_propensity_is_how_often_the_item_is_shown_in_that_place(recommender: Recommender, slots: int) -> None:
    newcomers = [replace(fresh_course(f"fresh-{n}"), published=199 * DAY) for n in range(4)]
    now = recommender.with_policy(replace(PLAIN, explore_slots=slots)).with_catalog(
        [*world_items(), *newcomers], now=200 * DAY, exposure={"fresh-0": (60, 12), "fresh-1": (30, 3), "fresh-2": (90, 9)}
    )
    fan = now.for_learner(took("cloud-1", "cloud-2"))
    slates = [fan.recommend(6, seed=seed) for seed in range(1_500)]
    for place in range(6):
        shown = Counter(slate[place].item_id for slate in slates)
        stated = {slate[place].item_id: slate[place].propensity for slate in slates}
        assert {i: n / len(slates) for i, n in shown.items()} == pytest.approx(stated, abs=0.04), place
        assert (len(shown) > 1) == (place in (3, 5)[:slots])


def test_exploration_ends_at_the_cap_and_spares_those_it_does_not_concern(recommender: Recommender) -> None:
    newcomers = [replace(fresh_course(f"fresh-{n}"), published=199 * DAY) for n in range(4)]
    catalog = [*world_items(), *newcomers]
    policy = replace(PLAIN, explore_slots=1)
    tired = recommender.with_policy(policy).with_catalog(catalog, now=200 * DAY, exposure={i.item_id: (10_000, 0) for i in newcomers})
    lively = recommender.with_policy(policy).with_catalog(catalog, now=200 * DAY)
    others = took("data-1", "data-2", "data-4")
    for seed in range(5):
        assert all(r.propensity == 1 for r in tired.for_learner(took("cloud-1", "cloud-2")).recommend(5, seed=seed))
        assert all(r.propensity == 1 for r in lively.for_learner(others).recommend(5, seed=seed))
        assert all(r.propensity == 1 for r in lively.for_learner(took("cloud-1", "cloud-2")).recommend(4, seed=seed))


def test_unmet_prerequisites_wait(recommender: Recommender) -> None:
    plain = recommender.with_policy(PLAIN)
    goal = {"goal": "analyst", "goal_skills": {"statistics": 1.0}}
    before = ids(plain.for_learner(took("data-2", **goal)).next_for_goal(8))
    after = ids(plain.for_learner(took("data-2", "data-0", **goal)).next_for_goal(8))
    assert before[-1] == "data-3"
    assert after.index("data-3") < len(after) - 1


def test_the_goal_shelf_teaches_what_is_lacking(recommender: Recommender) -> None:
    learner = Learner(goal="analyst", goal_skills={"statistics": 1.0, "python": 0.8}, held_skills=frozenset({"python"}))
    slate = recommender.for_learner(learner).next_for_goal(24)
    assert {r.item_id for r in slate} == {f"data-{n}" for n in range(1, PER_FIELD, 2)}
    assert all(any(x.kind is ReasonKind.GOAL_SKILL and x.evidence == "statistics" for x in r.reasons) for r in slate)
    assert recommender.for_learner(took("data-1")).next_for_goal(5) == []


def test_similar_and_because_stay_on_the_subject(recommender: Recommender) -> None:
    assert fields(recommender.similar("design-2", 4)) == ["design"] * 4
    assert set(fields(recommender.for_learner(took("data-1", "design-2")).because("design-2", 4))) == {"design"}
    assert recommender.similar("nowhere", 4) == []
    assert recommender.for_learner(Learner()).because("nowhere", 4) == []
    assert recommender.similar("design-2", 1)[0].reasons[0].evidence == "design-2"


def test_because_holds_only_what_clearly_follows(recommender: Recommender) -> None:
    personal = recommender.for_learner(took("data-1", "design-2"))
    assert set(fields(personal.because("design-2", 24))) == {"design"}
    assert personal.because("design-2", 24, {f"design-{n}" for n in range(PER_FIELD)}) == []
    assert personal.because("design-2", 24, {f"design-{n}" for n in range(6)}, least=3) == []


def test_lists_of_one_learner_do_not_depend_on_what_was_asked_before(recommender: Recommender) -> None:
    learner = replace(took("data-1", "cloud-1", goal="x", goal_skills={"docker": 1.0}, topics=("design",)))
    learner = replace(learner, history=(*learner.history, Interaction("data-2", -1.0, kind="thumbs_down")))
    asked = recommender.for_learner(learner)
    first = [asked.because("cloud-1", 5), asked.next_for_goal(5), asked.newly_published(5), asked.recommend(5)]
    alone = [
        recommender.for_learner(learner).because("cloud-1", 5),
        recommender.for_learner(learner).next_for_goal(5),
        recommender.for_learner(learner).newly_published(5),
        recommender.for_learner(learner).recommend(5),
    ]
    assert first == alone


def test_popular_courses_are_those_of_the_largest_field(recommender: Recommender) -> None:
    slate = recommender.popular(5)
    assert fields(slate) == ["data"] * 5
    assert [r.score for r in slate] == sorted((r.score for r in slate), reverse=True)


def test_twins_under_two_ids_are_one_course(recommender: Recommender) -> None:
    twin = replace(world_items()[1], item_id="data-1-again", title="ＤＡＴＡ course  number １")
    now = recommender.with_catalog([*world_items(), twin])
    assert not {"data-1", "data-1-again"} & set(ids(now.for_learner(took("data-1")).recommend(99)))
    assert len({"data-1", "data-1-again"} & set(ids(now.for_learner(took("data-2")).recommend(99)))) == 1


def test_a_source_can_be_turned_down(recommender: Recommender) -> None:
    sources = {r.source for x in recommender.for_learner(took("data-1")).recommend(24) for r in x.reasons}
    popular = next(iter(sources & {"popularity", "trending"}), None)
    assert popular is not None
    without = recommender.with_policy(replace(PLAIN, source_weights={popular: 0.0}))
    assert popular not in {r.source for x in without.for_learner(took("data-1")).recommend(24) for r in x.reasons}


def test_threads_share_one_recommender(recommender: Recommender) -> None:
    expected = {name: recommender.for_learner(learner).recommend(6) for name, learner in LEARNERS.items()}
    found: list[bool] = []

    def ask(name: str) -> None:
        found.extend(recommender.for_learner(LEARNERS[name]).recommend(6) == expected[name] for _ in range(10))

    threads = [threading.Thread(target=ask, args=(name,)) for name in LEARNERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 10 * len(LEARNERS)


def test_a_loaded_artifact_answers_as_before(artifact: Path, recommender: Recommender) -> None:
    again = Recommender.load(artifact)
    assert again.manifest == recommender.manifest
    assert again.manifest.data["n_items"] == 24
    assert all(again.for_learner(x).recommend(8) == recommender.for_learner(x).recommend(8) for x in LEARNERS.values())


def test_a_directory_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError):
        Recommender.load(tmp_path)


def test_a_place_that_nothing_speaks_for_is_told_as_variety(recommender: Recommender) -> None:
    hardly_taken = {r.item_id for r in recommender.popular(99)[-2:]}
    slate = recommender.with_catalog([i for i in recommender.items if i.item_id in hardly_taken]).for_learner(Learner()).recommend(2)
    assert [r.reasons[0].kind for r in slate] == [ReasonKind.EXPLORE] * 2
    assert all(sum(reason.weight for reason in r.reasons) == pytest.approx(r.score, abs=1e-5) for r in slate)


def test_old_courses_that_left_the_history_still_meet_prerequisites(recommender: Recommender) -> None:
    lists, lacking = recommender.with_policy(PLAIN), took("data-1", "data-2")
    met = replace(lacking, taken=frozenset({"data-0"}))
    before, after = (ids(lists.for_learner(learner).recommend(24)).index("data-3") for learner in (lacking, met))
    assert after < before
    assert place(lists, met, "data-3") == place(lists, lacking, "data-3")  # a matter of order alone


def test_what_fits_comes_first_and_what_is_settled_or_unknown_keeps_its_order_at_the_end(recommender: Recommender) -> None:
    personal = recommender.for_learner(took("data-1", "data-2"))
    asked = ["nobody", "data-2", "design-4", "data-1", "data-5", "cloud-3", "gone"]
    arranged = [asked[place] for place in personal.argsort_item_ids_by_score(asked)]
    scores = personal.scores(asked)
    assert arranged[:3] == sorted(["design-4", "data-5", "cloud-3"], key=lambda item_id: -scores[item_id])
    assert arranged[3:] == ["nobody", "data-2", "data-1", "gone"]


def test_lists_for_everybody_hide_an_item_with_its_twins(recommender: Recommender) -> None:
    twin = replace(recommender.items[0], item_id="twin")
    lists = recommender.with_catalog([*recommender.items, twin])
    first = recommender.items[0].item_id
    assert first in ids(recommender.popular(24))
    assert not {first, "twin"} & set(ids(lists.popular(30)))  # nobody has taken the twin, so neither leads
    shown = ids(recommender.popular(5))
    assert ids(recommender.popular(3, shown[:2])) == shown[2:5]


def test_likeness_is_worked_out_once_and_is_that_of_the_catalog(recommender: Recommender) -> None:
    likeness = recommender._picker.scorer.likeness
    alike = likeness.of("data-1")
    assert alike is not None
    assert likeness.of("data-1") is alike is recommender.with_policy(Policy(version="other"))._picker.scorer.likeness.of("data-1")
    smaller = recommender.with_catalog(recommender.items[:12])._picker.scorer.likeness.of("data-1")
    assert smaller is not None
    assert smaller.items.max() < 12
