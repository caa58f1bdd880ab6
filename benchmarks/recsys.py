"""Our models against installable peers: same split, same machine, one run, every competitor in a process of its own.

    make bench-recsys                                        # MOOCCubeX, every peer
    python -m benchmarks.recsys --data ibm-capstone --splits 5 --peers none
    python -m benchmarks.recsys --data interactions.csv --items items.csv --peers implicit --json out.json

Named data sets are looked for below the folder in WAYMARK_BENCH_DATA. Full ranking, courses of the training part masked. Peers
are tuned on courses held out of the training part, over the grids in benchmarks/peers/run_*.py, for `--budget` seconds a model;
our single models have their defaults, the hybrid tunes itself inside its fit.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.competition import Arena, Failed, Setting, models_of
from benchmarks.datasets import KNOWN, RequestError, find_source, write_split
from benchmarks.environments import PEERS, Peer, PeerError, prepare
from benchmarks.figures import write_json
from benchmarks.standings import Standings, over_splits
from recsys.errors import DataError
from recsys.pipelines.evaluate import HYBRID, POLICY, parse_models

OUT = Path(__file__).parent / "out"


def main() -> int:
    options = _arguments()
    try:
        source = find_source(options.data, options.items, options.split, options.sample)
        models, names = _models(options.models), _peers(options.peers)
    except (RequestError, DataError) as error:
        print(error, file=sys.stderr)
        return 2
    broken: dict[str, str] = {}
    peers = _ready(names, broken)
    all_standings = []
    for seed in range(options.seed, options.seed + options.splits):
        setting = Setting(options.k, seed, options.threads, options.budget, options.limit, options.net_seconds)
        split = source.split(seed)
        folder = OUT / f"{source.name}{'' if source.sample is None else f'-{source.sample}'}-{seed}"
        write_split(split, folder, seed)
        standings = Standings(Arena(split, source, folder, setting), failed=dict(broken))
        _compete(standings, models, peers, options.only)
        print(standings.table() + "\n", flush=True)
        all_standings.append(standings)
    _report(all_standings, options)
    return 0


def _compete(standings: Standings, models: tuple[str, ...], peers: list[Peer], only: str) -> None:
    arena = standings.arena
    for model in models:
        _one(standings, model, lambda model=model: arena.ours(model))
    for peer in peers:
        try:
            offered = models_of(peer, arena.setting.environment())
        except PeerError as error:
            standings.failed[peer.name] = str(error)
            continue
        for model in offered:
            if not only or f"{peer.name}:{model}" in only.split(","):
                _one(standings, f"{peer.name} {model}", lambda peer=peer, model=model: arena.peer(peer, model))


def _one(standings: Standings, name: str, run) -> None:  # type: ignore[no-untyped-def]
    print(f"{name} …", end=" ", file=sys.stderr, flush=True)
    try:
        scored = run()
        standings.scored[name] = scored
        print(f"{scored.figures['ndcg']:.4f} in {scored.figures['fit_seconds']:.1f} s", file=sys.stderr, flush=True)
    except Failed as error:
        standings.failed[name] = str(error)
        print(f"failed: {error}", file=sys.stderr, flush=True)


def _report(all_standings: list[Standings], options: argparse.Namespace) -> None:
    document = all_standings[0].to_json()
    if len(all_standings) > 1:
        text, rows = over_splits(all_standings)
        print(text)
        document = {"splits": [standings.to_json() for standings in all_standings], "over_splits": rows}
    out = options.json or OUT / f"{options.data.split('/')[-1].split('.')[0]}.json"
    write_json(out, document)
    print(f"Figures in {out}", file=sys.stderr)
    if options.markdown:
        options.markdown.write_text("\n".join(standings.markdown() for standings in all_standings), "utf-8")


def _ready(names: tuple[str, ...], broken: dict[str, str]) -> list[Peer]:
    peers = []
    for name in names:
        print(f"{name}: preparing its environment", file=sys.stderr, flush=True)
        try:
            peers.append(prepare(name))
        except PeerError as error:
            broken[name] = str(error)
            print(error, file=sys.stderr, flush=True)
    return peers


def _models(text: str) -> tuple[str, ...]:
    """`all` leaves out re-ranking, which has a benchmark of its own, and puts the hybrid first."""
    if text == "none":
        return ()
    names = parse_models(text)
    return (HYBRID, *(n for n in names if n not in (HYBRID, POLICY))) if text == "all" else names


def _peers(text: str) -> tuple[str, ...]:
    names = {"all": PEERS, "none": ()}.get(text, tuple(n.strip() for n in text.split(",") if n.strip()))
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise RequestError(f"Unknown peer {', '.join(unknown)}; known are {', '.join(PEERS)}")
    return names


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recsys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="mooccubex", help=f"{', '.join(KNOWN)}, or a file of interactions (default: %(default)s)")
    parser.add_argument("--items", type=Path, help="the catalog that goes with a file")
    parser.add_argument("--split", choices=("auto", "leave-last", "random", "time"), default="auto")
    parser.add_argument("--sample", type=int, help="measure on that many learners, drawn once")
    parser.add_argument("--models", default="all", help="ours: all, none, or names separated by commas")
    parser.add_argument("--peers", default="all", help=f"all, none, or some of {', '.join(PEERS)}")
    parser.add_argument("--only", default="", help="some models of peers, such as implicit:als-128,lenskit:ease")
    parser.add_argument("--splits", type=int, default=1, help="repeat on that many splits, seeds counting up from --seed")
    parser.add_argument("--budget", type=float, default=120, help="seconds to tune each model of a peer (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a competitor is stopped (default: %(default)s)")
    parser.add_argument("--net-seconds", type=float, default=900, help="seconds a net of a peer may train (default: %(default)s)")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count() or 1, help="for loops outside BLAS, which has one (default: all cores)"
    )
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where to write the figures (default: benchmarks/out/DATA.json)")
    parser.add_argument("--markdown", type=Path, help="write the tables here as Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
