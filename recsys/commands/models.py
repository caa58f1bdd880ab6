"""python -m recsys models."""

import argparse
from pathlib import Path

from recsys.errors import ArtifactError
from recsys.pipelines.recommend import require_servable
from recsys.registry.manifest import Manifest
from recsys.registry.promotion import Promotion, Promotions, open_serving, promote, read_promotions, roll_back, set_removal_protection
from recsys.registry.store import Artifact, list_artifacts
from recsys.report.sentences import promotion_note

_BY = "command line"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("models", help="which models there are and which one serves")
    actions = parser.add_subparsers(dest="action", required=True)
    actions_help = {
        "list": "all models, newest first, and what served when",
        "promote": "let a model serve from now on",
        "rollback": "let the model serve that did so before",
        "pin": "keep a model from being removed",
        "unpin": "let a model go when it is old",
    }
    for action, words in actions_help.items():
        one = actions.add_parser(action, help=words)
        one.add_argument("--root", type=Path, required=True, help="directory of artifacts")
        if action in ("promote", "pin", "unpin"):
            one.add_argument("name", help="name of the artifact")
        if action in ("promote", "rollback"):
            one.add_argument("--why", default="", help="the reason, kept with the decision")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """List, promote, roll back, pin."""
    if options.action == "list":
        print(listing(options.root))
    elif options.action == "promote":
        print(_promotion_line(promote(options.root, options.name, options.why, _BY, require_servable)))
    elif options.action == "rollback":
        print(_promotion_line(roll_back(options.root, options.why, _BY, require_servable)))
    else:
        set_removal_protection(options.root, options.name, pinned=options.action == "pin")
        print(f"{options.name} is {'kept' if options.action == 'pin' else 'no longer kept'}")


def listing(root: Path) -> str:
    """Every artifact with its figures and standing, then the promotions. Raises ArtifactError when none is usable."""
    refused: list[str] = []
    serving = open_serving(root, require_servable, lambda path, error: refused.append(f"refused: {path.name}: {error}")).name
    try:
        promotions = read_promotions(root)
    except ArtifactError:  # told among the refused
        promotions = Promotions()
    lines = [_line(artifact, serving, promotions) for artifact in list_artifacts(root)]
    return "\n".join([*lines, *refused, *(_promotion_line(entry) for entry in promotions.history)])


def _line(artifact: Artifact, serving: str, promotions: Promotions) -> str:
    manifest = artifact.manifest
    standing = [
        "serving" if artifact.name == serving else "",
        "held back" if manifest.gate.get("promote") is False else "",
        "pinned" if artifact.name in promotions.pinned else "",
    ]
    figures = f"{manifest.data.get('n_interactions', 0):>10,} interactions  ndcg {_ndcg(manifest)}"
    return f"{artifact.name}  {figures}  {', '.join(filter(None, standing))}".rstrip()


def _ndcg(manifest: Manifest) -> str:
    value = manifest.metrics.get("models", {}).get(manifest.model, {}).get("ndcg")
    return "–" if value is None else f"{value:.4f}"


def _promotion_line(entry: Promotion) -> str:
    step = "back to" if entry.rollback else "promoted"
    note = promotion_note(entry)
    return f"{entry.at[:19]} {step} {entry.name} by {entry.by}{f': {note}' if note else ''}"
