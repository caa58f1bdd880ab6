"""A policy is plain data and refuses nonsense."""

import json

import pytest

from recsys.errors import DataError
from recsys.rerank.policy import Policy


def test_a_policy_survives_json() -> None:
    policy = Policy(version="v2", diversity=0.7, level_mix={"beginner": 1.0}, source_weights={"ease": 0.5})
    assert Policy.from_json(json.loads(json.dumps(policy.to_json()))) == policy


@pytest.mark.parametrize(
    "values",
    [
        {"diversity": -0.1},
        {"niche_share": 1.5},
        {"explore_slots": -1},
        {"pool": 0},
        {"source_weights": {"ease": -1}},
        {"level_mix": {"beginner": -1}},
        {"colour": "red"},
        {"diversity": "much"},
        {"diversity": float("nan")},
        {"exposure_floor": 1.1},
        {"topic_cap": -0.1},
        {"popularity_bias": -1},
        {"finish_weight": -0.1},
        {"explore_cap": 2.5},
        {"level_mix": {"expert": 1.0}},
        {"level_mix": 3},
    ],
)
def test_unusable_values_are_refused(values: dict) -> None:
    with pytest.raises(DataError):
        Policy.from_json(values)


def test_a_policy_stored_before_newer_fields_existed_still_loads() -> None:
    old = {
        "version": "default-1", "diversity": 0.5, "niche_share": 0.25, "level_calibration": 0.2, "profile": 1.0, "negative": 1.0,
        "level_mix": {"beginner": 0.3, "intermediate": 0.4, "advanced": 0.3}, "prerequisite_penalty": 3.0, "explore_slots": 1,
        "explore_position": 3, "explore_cap": 200, "pool": 150, "source_weights": {"ease": 0.5},
    }  # fmt: skip
    policy = Policy.from_json(old)
    assert policy.diversity == 0.5
    assert policy.rules == ()
    assert policy.exposure_floor == Policy().exposure_floor
