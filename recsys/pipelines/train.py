"""From tables to a stored recommender that serves if the gate lets it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from recsys.candidates.cooccurrence import CooccurrenceCounts, carry_forward
from recsys.completion.attempt_readers import AttemptSource
from recsys.completion.attempts import Attempts
from recsys.data.dataset import Dataset
from recsys.data.items import CheckedItems, as_checked_items
from recsys.data.quality import QualityReport, check_quality
from recsys.data.slates import LoggedSlates
from recsys.errors import ArtifactError, DataError
from recsys.faults import Fault
from recsys.gate.codes import GateCode
from recsys.gate.completion_trial import CompletionCandidate, try_completion
from recsys.gate.completion_verdict import CompletionVerdict
from recsys.gate.incumbent import CHANCES_FILE, NDCG_FILE, Incumbent
from recsys.gate.ranking_trial import Trial, try_candidate, unmeasured_trial
from recsys.gate.ranking_verdict import Verdict
from recsys.pipelines.completion import train_completion
from recsys.pipelines.incumbent import incumbent_of
from recsys.progress_steps import Progress, StepCode, no_progress
from recsys.ranking.blend import HybridModel
from recsys.registry.lineage import Source, describe_data, describe_lineage, may_hold_erased_people
from recsys.registry.manifest import Manifest
from recsys.registry.promotion import promote, record_serving_artifact
from recsys.registry.retention import remove_artifact
from recsys.registry.store import write_artifact
from recsys.serving.bundle import bundle_writer
from recsys.threads import one_thread
from recsys.types import Item, Statement

_COUNTS_FOLDER = "gram"
_MOST_COUNTED = 20_000  # items up to which a dense matrix of pairs is kept (1.6 GB there)


class PromotionMode(StrEnum):
    """What becomes of a trained model."""

    GATE = "gate"  # it serves if it is no worse than the one that serves
    ALWAYS = "always"
    NEVER = "never"  # it is stored for comparing


def _keep_no_record(_directory: Path) -> None:
    """What is written down of a stored artifact where nothing is."""


@one_thread()
def train(
    interactions: pd.DataFrame,
    items: pd.DataFrame | Sequence[Item] | CheckedItems | None,
    out_dir: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    evaluate: bool = True,
    sources: Sequence[Source] = (),
    attempts: Attempts | None = None,
    activity: pd.DataFrame | None = None,
    promotion: PromotionMode = PromotionMode.GATE,
    by: str = "training",
    erasures: str | None = None,
    slates: LoggedSlates | None = None,
    record: Callable[[Path], None] = _keep_no_record,
) -> Path:
    """Check the data, measure the blend on held-out courses against the model that serves, fit it on everything, store it
    under `out_dir`, and let it serve if it may (`promotion`).

    `erasures` names the erasures of persons that `interactions` were read after (see `may_hold_erased_people`). A serving model of other
    erasures is replaced even by a worse one; `remove_made_before_erasures` then takes it away.

    `attempts`, with `activity` (user_id, timestamp) beside them, are what the chance to finish is learned from; without them, or
    where no outcome is known, the artifact has none. `slates` that were served teach the blend where they gain (`click_learning`).
    Returns the artifact's directory, which `record` is told of before it may serve; its manifest says under `gate` whether it serves and
    why. `progress` hears (share done, what is done now). Raises DataError on unusable data; nothing is left behind on any error.
    """
    tell = progress or no_progress
    started = perf_counter()
    tell(0.0, Statement(StepCode.CHECKING_DATA))
    dataset, quality = _checked(interactions, items)
    incumbent = incumbent_of(out_dir)
    tell(0.05, Statement(StepCode.MEASURING if evaluate else StepCode.NOT_MEASURING))
    trial = try_candidate(dataset, seed, incumbent, slates=slates) if evaluate else unmeasured_trial(incumbent)
    tell(0.5, Statement(StepCode.FITTING))
    counts, counted = _cooccurrence_counts(dataset, incumbent)
    hybrid = HybridModel(seed=seed).fit(dataset, counts.matrix if counts else None, slates)
    tell(0.85, Statement(StepCode.LEARNING_COMPLETION))
    learned = None if attempts is None else AttemptSource("attempts", attempts, dataset.items, activity)
    completion = None if learned is None else train_completion(learned, seed, evaluate=evaluate)
    chances = try_completion(completion, learned, incumbent, seed) if evaluate else CompletionVerdict(True)
    tell(0.9, Statement(StepCode.WRITING))
    manifest = Manifest(
        model=hybrid.name,
        params=hybrid.params(),
        created_at=datetime.now(UTC).isoformat(),
        data=describe_data(dataset, time.time()),
        metrics={**trial.report, **({"finishing": completion.report} if completion else {})},
        training=_describe_training(hybrid, seed, perf_counter() - started, counted),
        lineage=describe_lineage(sources, incumbent.artifact.name if incumbent else None, erasures),
        quality=quality.to_json(),
        gate=_decision(trial.verdict(seed), chances, trial, incumbent, promotion, erasures),
    )
    directory = _store(
        out_dir, manifest, bundle_writer(hybrid, dataset, completion.model if completion else None), trial, completion, counts
    )
    _record_and_promote(directory, manifest, by, record)
    tell(1.0, Statement(StepCode.DONE if manifest.gate["promote"] else StepCode.HELD_BACK))
    return directory


def _checked(interactions: pd.DataFrame, items: pd.DataFrame | Sequence[Item] | CheckedItems | None) -> tuple[Dataset, QualityReport]:
    """The data as models read them, and what is wrong with them; raises DataError on unusable data."""
    catalog = as_checked_items(items)
    dataset = Dataset.from_frames(interactions, catalog.items)
    if dataset.n_items == 0:
        raise DataError(Fault.NO_COURSE)
    return dataset, check_quality(dataset, interactions, time.time(), catalog)


def _describe_training(hybrid: HybridModel, seed: int, seconds: float, counted: Statement) -> dict[str, Any]:
    made = {"seed": seed, "seconds": round(seconds, 3), "found": hybrid.tuned_parameters(), "pairs": counted.to_json()}
    return {**made, "slates": hybrid.click_fit_.to_json()} if hybrid.click_fit_ else made


def _decision(
    verdict: Verdict, chances: CompletionVerdict, trial: Trial, incumbent: Incumbent | None, promotion: PromotionMode, erasures: str | None
) -> dict[str, Any]:
    """The gate's verdict and what was made of it, in plain values."""
    passed, reasons = verdict.promote and chances.passed, [*verdict.reasons, *chances.reasons]
    if promotion is PromotionMode.NEVER:
        reasons.append(Statement(GateCode.FOR_COMPARISON))
    elif promotion is PromotionMode.ALWAYS and not passed:
        reasons.append(Statement(GateCode.FORCED))
    serves = {PromotionMode.GATE: passed, PromotionMode.ALWAYS: True, PromotionMode.NEVER: False}[promotion]
    if promotion is PromotionMode.GATE and incumbent is not None and may_hold_erased_people(incumbent.artifact.manifest.lineage, erasures):
        serves = True
        reasons.append(Statement(GateCode.AFTER_ERASURE))
    against = incumbent.artifact.name if incumbent else None
    return {
        **verdict.to_json(),
        "chances": None if chances.compared is None else chances.compared.to_json(),
        "passed": passed,
        "promote": serves,
        "reasons": [reason.to_json() for reason in reasons],
        "compared": trial.compared.to_json() if trial.compared else None,
        "against": against,
    }


def _cooccurrence_counts(dataset: Dataset, incumbent: Incumbent | None) -> tuple[CooccurrenceCounts | None, Statement]:
    """Counts of pairs of items, carried forward from the serving model's where that is exact, and how they came about."""
    if dataset.n_items > _MOST_COUNTED:
        return None, Statement("not_kept")
    if incumbent is not None and (carried := _carry_counts_forward(dataset, incumbent)) is not None:
        return carried, Statement("carried_forward", {"artifact": incumbent.artifact.name})
    return CooccurrenceCounts.of(dataset.histories, [item.item_id for item in dataset.items]), Statement("counted_anew")


def _carry_counts_forward(dataset: Dataset, incumbent: Incumbent) -> CooccurrenceCounts | None:
    last = incumbent.artifact.manifest.data.get("last_time")
    if last is None:
        return None
    try:
        state = CooccurrenceCounts.load(incumbent.artifact.directory / _COUNTS_FOLDER)
    except ArtifactError:
        return None
    return carry_forward(state, dataset, float(last))


def _store(
    root: Path,
    manifest: Manifest,
    write_bundle: Callable[[Path], None],
    trial: Trial,
    completion: CompletionCandidate | None,
    counts: CooccurrenceCounts | None,
) -> Path:
    """Write the artifact beside the one that serves, which is named first: a newer one must not push it aside by its age."""

    def write(directory: Path) -> None:
        write_bundle(directory)
        np.save(directory / NDCG_FILE, trial.ndcg.astype(np.float64), allow_pickle=False)
        if completion is not None and completion.scored is not None:
            np.save(directory / CHANCES_FILE, completion.scored.stated, allow_pickle=False)
        if counts is not None:
            counts.save(directory / _COUNTS_FOLDER)

    if manifest.gate["against"] is not None:
        record_serving_artifact(root, "", "training", [Statement(GateCode.SERVED_BEFORE_PROMOTIONS).to_json()])
    return write_artifact(root, manifest, write).directory


def _record_and_promote(directory: Path, manifest: Manifest, by: str, record: Callable[[Path], None]) -> None:
    """Nobody serves, by promotion or by age, who is not written down where the caller keeps records."""
    try:
        record(directory)
    except BaseException:
        remove_artifact(directory)
        raise
    if manifest.gate["promote"]:
        promote(directory.parent, directory.name, "", by, reasons=manifest.gate["reasons"])
