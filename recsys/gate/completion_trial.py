"""A candidate's chance to finish on trial, compared with the serving model's as fairly as there is evidence for.

As with rankings (recsys.gate.ranking_trial), the serving model has seen the outcomes its successor is judged on. Fair are:

1. News: attempts begun after the serving model was trained, and decided by now. It answers as it stands, against the new recipe fitted
   on what was known by then.
2. The same attempts: both were judged on the very same later attempts of the same data, each by what was known before them.
3. Separate measurements: each on later attempts of its own data; only their intervals are compared.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from recsys.completion.attempt_readers import Source
from recsys.completion.model import FinishModel
from recsys.errors import DataError
from recsys.gate.completion_verdict import ChanceVerdict, compare_apart, compare_paired, judge_chances
from recsys.gate.ranking_trial import Incumbent
from recsys.pipelines.completion import Finishing, Floats, Judged, worth_judging

CHANCES_FILE = "chances.npy"  # what was stated of each judged attempt, by time: no ids

NEWS = "on {n:,} attempts begun after the serving model was trained, the new one fitted on what was known by then"
SAME = "on the same {n:,} later attempts"
SEPARATE = "from two separate measurements"
_UNKNOWN = "The chance to finish was not compared: {why}."


def try_chances(found: Finishing | None, source: Source | None, incumbent: Incumbent | None, seed: int) -> ChanceVerdict:
    """What the gate says of the candidate `found`, fitted on `source` (None: no attempts were given). It passes where there is nothing to
    compare, and says why."""
    if incumbent is None:
        return ChanceVerdict(True)
    if source is None or found is None:
        why = "the new model was trained without attempts" if source is None else "no outcome of the new model's attempts is known"
        return ChanceVerdict(True, (_UNKNOWN.format(why=why),))
    stated = incumbent.artifact.manifest.metrics.get("finishing")
    if not stated:
        return ChanceVerdict(True, (_UNKNOWN.format(why="the serving model has none"),))
    before = stated.get("judged")
    return (
        _news(source, incumbent, stated, seed)
        or _same_attempts(found.judged, before, incumbent, seed)
        or _separately(found.judged, before)
        or ChanceVerdict(True, (_UNKNOWN.format(why="too few later attempts are known to judge both"),))
    )


def _news(source: Source, incumbent: Incumbent, stated: Mapping[str, Any], seed: int) -> ChanceVerdict | None:
    moment, serving = stated.get("known_at"), incumbent.finishing
    if moment is None or serving is None:
        return None
    everything = source.table()
    late = everything.select((everything.start > moment) & np.isfinite(everything.outcome))
    if not worth_judging(late.outcome) or serving.features_ != late.features:
        return None
    try:
        new = FinishModel().fit(source.table(float(moment))).probability(late)
    except DataError:
        return None
    compared = compare_paired(late.outcome, new, serving.probability(late), late.learner, seed)
    return judge_chances(compared, NEWS.format(n=len(late)))


def _same_attempts(judged: Judged | None, before: Mapping[str, Any] | None, incumbent: Incumbent, seed: int) -> ChanceVerdict | None:
    if judged is None or not before or before.get("fingerprint") != judged.report["fingerprint"]:
        return None
    serving = _stored(incumbent.artifact.directory / CHANCES_FILE)
    if serving is None or serving.shape != judged.stated.shape:
        return None
    compared = compare_paired(judged.test.outcome, judged.stated, serving, judged.test.learner, seed)
    return judge_chances(compared, SAME.format(n=len(serving)))


def _separately(judged: Judged | None, before: Mapping[str, Any] | None) -> ChanceVerdict | None:
    return judge_chances(compare_apart(judged.report, before), SEPARATE) if judged and before else None


def _stored(path: Path) -> Floats | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, ValueError):
        return None
