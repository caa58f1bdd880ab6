"""python -m recsys train."""

import argparse
import sys
from pathlib import Path

from recsys.commands.arguments import add_seed, print_problems, print_progress
from recsys.completion.attempt_readers import accepted_csv_columns, read_attempts
from recsys.data.layouts import read_catalog, read_interactions
from recsys.pipelines.counterfactual import read_log
from recsys.pipelines.train import PromotionMode, train
from recsys.registry.lineage import file_source
from recsys.registry.manifest import read_manifest
from recsys.report.sentences import click_fit_sentence, gate_sentences


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("train", help="fit the blend and store it")
    parser.add_argument("--interactions", type=Path, required=True, help="CSV: user_id,item_id[,timestamp][,weight], or a known layout")
    parser.add_argument("--items", type=Path, help="CSV: item_id[,title,description,tags,level,duration_minutes,…]")
    parser.add_argument(
        "--attempts", type=Path, help=f"CSV that the chance to finish is learned from, with some of {', '.join(accepted_csv_columns())}"
    )
    parser.add_argument(
        "--slates",
        type=Path,
        help="log of served slates for the blend to learn from too, as `counterfactual --log` reads it, with served_at",
    )
    parser.add_argument("--out", type=Path, required=True, help="directory of artifacts; a new one is added")
    parser.add_argument("--no-evaluation", action="store_true", help="skip measuring on held-out courses")
    parser.add_argument(
        "--promotion",
        choices=[how.value for how in PromotionMode],
        default=PromotionMode.GATE.value,
        help="let it serve if the gate does, always, or never (default: %(default)s)",
    )
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train, and print where the artifact lies; on standard error, whether it serves and why."""
    catalog = read_catalog(options.items) if options.items else None
    interactions = read_interactions(options.interactions)
    sources = [file_source(options.interactions, len(interactions))]
    if catalog is not None:
        sources.append(file_source(options.items, catalog.rows))
        print_problems(options.items, catalog.problems)
    attempts = read_attempts(options.attempts) if options.attempts else None
    if attempts is not None:
        sources.append(file_source(options.attempts, len(attempts.attempts)))
        print_problems(options.attempts, attempts.problems)
    slates = read_log(options.slates) if options.slates else None
    if slates is not None:
        sources.append(file_source(options.slates, len(slates.slate)))
    directory = train(
        interactions,
        catalog,
        options.out,
        seed=options.seed,
        progress=print_progress,
        evaluate=not options.no_evaluation,
        sources=sources,
        slates=slates,
        attempts=attempts.attempts if attempts else None,
        promotion=PromotionMode(options.promotion),
        by="command line",
    )
    manifest = read_manifest(directory)
    if slates is not None:
        print(f"{options.slates.name}: {click_fit_sentence(manifest.training['slates'])}", file=sys.stderr)
    gate = manifest.gate
    # The gate spoke of the models before this one, so its words come first.
    outcome = "The new model serves from now on." if gate["promote"] else "The new model was held back."
    print(" ".join([*gate_sentences(gate), outcome]), file=sys.stderr)
    print(directory)
