"""What preferring courses a learner is likely to finish costs and brings: `python -m benchmarks.finish_weight [--seed 7] [--json OUT]`.

On the sample world, the newest course of each learner held out: NDCG@10 and the mean chance to finish of slates, by weight of the
term, after the policy and before it. The chance is that of a model that never saw the held-out attempts.
"""

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from benchmarks.datasets import describe
from benchmarks.figures import write_json
from benchmarks.rerank import K, Scored
from benchmarks.sample_world import ENDS_AT, loaded
from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.completion.feature_table import build_table
from recsys.completion.model import FinishModel
from recsys.data.dataset import Dataset
from recsys.data.splits import Split, leave_last
from recsys.evaluation.slate_metrics import relative_loss
from recsys.ranking.blend import HybridModel
from recsys.ranking.topk import Ranking, top_k
from recsys.rerank.policy import Policy
from recsys.rerank.policy_ranker import PolicyRanker
from recsys.serving.completion import FinishPredictor
from recsys.serving.scoring import spread_of
from recsys.types import Interaction, Item, Learner
from webapp.extensions import db
from webapp.models.user import Profile
from webapp.recommender.training.attempts import activity_frame, attempts_frame
from webapp.recommender.training.dataset import catalog_items, interactions_frame
from webapp.sample.load import LEARNERS, SEED

WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class World:
    """What training reads, and what learners state: (level, weekly minutes) by id."""

    interactions: pd.DataFrame
    items: list[Item]
    attempts: pd.DataFrame
    activity: pd.DataFrame
    stated: dict[str, tuple[str | None, int | None]]


def world(directory: Path, learners: int, seed: int) -> World:
    with loaded(directory, learners, seed):
        rows = db.session.execute(select(Profile.user_id, Profile.level, Profile.weekly_minutes))
        stated = {str(user): (level, weekly) for user, level, weekly in rows}
        return World(interactions_frame(), catalog_items(), attempts_frame(), activity_frame(), stated)


def known_attempts(found: World, split: Split) -> Attempts:
    """All attempts but those at the held-out courses."""
    users, ids, test = split.train.user_ids, [item.item_id for item in split.train.items], split.test
    held = {
        (users[user], ids[item]) for row, user in enumerate(split.test_rows) for item in test.items[test.indptr[row] : test.indptr[row + 1]]
    }
    pairs = zip(found.attempts["user_id"].astype(str), found.attempts["item_id"].astype(str), strict=True)
    return attempts_from_frame(found.attempts[[pair not in held for pair in pairs]], now=ENDS_AT.timestamp())


def per_learner(found: World, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Lift and chance of every item for each test learner, (n, items) each."""
    attempts = known_attempts(found, split)
    finishing = FinishPredictor.of(FinishModel().fit(build_table(attempts, split.train.items, activity=found.activity)), split.train.items)
    moments = {str(user): part.to_numpy() for user, part in found.activity.groupby("user_id")["timestamp"]}
    code = {user: number for number, user in enumerate(attempts.user_ids)}
    lifts, chances = [], []
    for row in split.test_rows:
        user = split.train.user_ids[row]
        level, weekly = found.stated.get(user, (None, None))
        own = _of(attempts, code.get(user, -1))
        done = [attempts.item_ids[item] for item in own.item[own.finished & (own.known < own.now)]]
        history = tuple(Interaction(item, kind="complete") for item in done)
        lifts.append(finishing.lift(Learner(history=history, level=level, weekly_minutes=weekly)))
        chances.append(finishing.probabilities(own, activity=moments.get(user), weekly_minutes=weekly, level=level))
    return np.array(lifts), np.array(chances)


def _of(attempts: Attempts, user: int) -> Attempts:
    columns = ("user", "item", "start", "last", "known", "finished", "progress", "weekly", "level")
    return replace(attempts, **{name: getattr(attempts, name)[attempts.user == user] for name in columns})


def slates(scored: Scored, hybrid: HybridModel, policy: Policy | None, weight: float, lifts: np.ndarray) -> Ranking:
    """Slates with the term added to the scores; without a policy the best ten."""
    spreads = np.array([spread_of(row[np.isfinite(row)]) for row in scored.scores], np.float32)
    moved = replace(scored, scores=(scored.scores + np.float32(weight) * spreads[:, None] * lifts).astype(np.float32))
    if policy is None:
        return top_k(moved.scores, K)
    return moved.slates(PolicyRanker(hybrid, policy, 0).prepare(scored.split.train))


def measure(found: World) -> dict[str, Any]:
    """NDCG, the share of it lost and the mean chance to finish by weight, as `python -m recsys report` draws them."""
    split = leave_last(Dataset.from_frames(found.interactions, found.items))
    lifts, chances = per_learner(found, split)
    hybrid = HybridModel(seed=0).fit(split.train)
    scored = Scored.of(hybrid, split, {user: level for user, (level, _) in found.stated.items() if level})
    rows = []
    for name, policy in (("policy", Policy()), ("ranking alone", None)):
        base = scored.ndcg(slates(scored, hybrid, policy, 0.0, lifts))
        for weight in WEIGHTS:
            ranking = slates(scored, hybrid, policy, weight, lifts)
            ndcg, there = scored.ndcg(ranking), np.asarray(ranking) >= 0
            lost = relative_loss(ndcg, base, 0)
            chance = float(np.take_along_axis(chances, np.where(there, ranking, 0), axis=1)[there].mean())
            rows.append({"slates": name, "weight": weight, "ndcg": float(ndcg.mean()), "lost": lost.mean, "chance": chance})
            rows[-1]["lost_ci"] = [lost.low, lost.high]
    return {"data": describe("sample world", split, K, 0, "leave-last"), "weights": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--seed", type=int, default=SEED, help="of the sample world")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(world(Path(folder), options.learners, options.seed))
    for row in found["weights"]:
        low, high = row["lost_ci"]
        print(
            f"{row['slates']:<14} weight {row['weight']:<5} NDCG@10 {row['ndcg']:.4f}  lost {row['lost']:+.2%} ({low:+.2%} to {high:+.2%})"
            f"  mean chance to finish {row['chance']:.4f}"
        )
    if options.json:
        write_json(options.json, {"seed": options.seed, **found})


if __name__ == "__main__":
    main()
