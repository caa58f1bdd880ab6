"""The chance to finish on real data and on the sample world: python benchmarks/finishing.py [--mars DIR] [--oulad DIR] [--sample N].

Prints each source's table and writes all figures as JSON. `--sample` makes the sample world with N learners in a folder of its own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.figures import write_json  # noqa: E402 - the repository is not installed
from recsys.completion.attempt_readers import AttemptSource, read_source  # noqa: E402
from recsys.pipelines.completion import describe_completion, evaluate_completion  # noqa: E402


def main() -> None:
    """Measure every source asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mars", type=Path, help="folder of mars-en")
    parser.add_argument("--oulad", type=Path, help="folder of OULAD")
    parser.add_argument("--sample", type=int, metavar="N", help="learners of a sample world made for this")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    sources = [read_source(folder) for folder in (options.mars, options.oulad) if folder]
    if options.sample:
        with tempfile.TemporaryDirectory() as folder:
            sources.append(sample_world(Path(folder), options.sample))
    reports = measure(sources, options.seed)
    if options.json:
        write_json(options.json, reports)


def measure(sources: Sequence[AttemptSource], seed: int) -> dict[str, Any]:
    """A report by the name of each source, printed as it is there."""
    reports = {}
    for source in sources:
        reports[source.name] = evaluate_completion(source, seed)
        print(describe_completion(reports[source.name]) + "\n", flush=True)
    return reports


def sample_world(folder: Path, learners: int) -> AttemptSource:
    """Enrollments, activity and catalog of a fresh sample world in `folder`."""
    os.environ["WAYMARK_INSTANCE_DIR"] = str(folder)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    for command in (["db", "upgrade"], ["data", "sample", "--learners", str(learners)]):
        subprocess.run([*flask, *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    # Late on purpose: the application reads its settings when it is imported.
    from webapp.factory import create_app  # noqa: PLC0415
    from webapp.recommender.training.attempts import activity_frame, read_attempts  # noqa: PLC0415
    from webapp.recommender.training.dataset import catalog_items  # noqa: PLC0415
    from webapp.support.clock import now  # noqa: PLC0415
    from webapp.transactions import unit_of_work  # noqa: PLC0415

    with create_app().app_context(), unit_of_work(writes=False):
        return AttemptSource("sample world", read_attempts(now()), tuple(catalog_items()), activity_frame())


if __name__ == "__main__":
    main()
