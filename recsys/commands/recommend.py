"""python -m recsys recommend."""

import argparse
import json
from pathlib import Path

from recsys.commands.arguments import add_k, add_seed, print_refused_model
from recsys.pipelines.recommend import describe, finish_chances, open_model, recommend


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("recommend", help="recommend for a history")
    parser.add_argument("--model", type=Path, required=True, help="an artifact, or a directory of artifacts")
    parser.add_argument("--history", default="", help="item ids, oldest first, separated by commas")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_k(parser)
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print a slate."""
    recommender = open_model(options.model, print_refused_model)
    history = [item_id.strip() for item_id in options.history.split(",") if item_id.strip()]
    slate = recommend(recommender, history, options.k, options.seed)
    if options.json:
        finish = {item_id: {"finish": round(chance.probability, 6)} for item_id, chance in finish_chances(recommender, slate).items()}
        print(json.dumps([{"item_id": r.item_id, "score": round(r.score, 6), **finish.get(r.item_id, {})} for r in slate]))
    else:
        print(describe(recommender, slate))
