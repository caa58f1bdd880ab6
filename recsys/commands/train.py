"""python -m recsys train."""

import argparse
from pathlib import Path

from recsys.commands.arguments import add_seed, tell
from recsys.data.layouts import read_interactions, read_items
from recsys.pipelines.train import train


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("train", help="fit the blend and store it")
    parser.add_argument("--interactions", type=Path, required=True, help="CSV: user_id,item_id[,timestamp][,weight], or a known layout")
    parser.add_argument("--items", type=Path, help="CSV: item_id[,title,description,tags,level,duration_minutes,…]")
    parser.add_argument("--out", type=Path, required=True, help="directory of artifacts; a new one is added")
    parser.add_argument("--no-evaluation", action="store_true", help="skip measuring on held-out courses")
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train, and print where the artifact lies."""
    items = read_items(options.items) if options.items else None
    interactions = read_interactions(options.interactions)
    print(train(interactions, items, options.out, seed=options.seed, progress=tell, evaluate=not options.no_evaluation))
