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
    ],
)
def test_unusable_values_are_refused(values: dict) -> None:
    with pytest.raises(DataError):
        Policy.from_json(values)
