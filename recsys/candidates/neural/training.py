"""Training loop of all nets, and weights between torch and arrays."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from recsys.candidates.neural.batches import Batch, Ints, deduplicated_positive_histories, epoch_batches, pad
from recsys.candidates.neural.spec import TrainingSpec
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.splits import Split, leave_last, random_holdout
from recsys.errors import ArtifactError
from recsys.faults import Fault

_HELD_LEARNERS = 2_000
_FEWEST_HELD = 20  # held-out courses below which stopping early would be a lottery
_BLIND_EPOCHS = 20
_REFIT_SHARE = 0.02  # more held out than this is worth a second training with it
_FEWEST_STEPS = 16  # a pass, however few learners there are
_CLIP = 5.0
LEARNERS_ONLY = "learners"  # prefix of weights that belong to single learners; they are never stored


@dataclass(frozen=True)
class TrainingResult:
    """Flat weights, passes made, and why training ended: `best`, `epochs`, `seconds` or `nothing`."""

    weights: npt.NDArray[np.float32]
    epochs: int
    stopped: str


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Torch on `count` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def hold_out(dataset: Dataset, seed: int) -> Split:
    """Courses to judge passes on: the newest, or a random tenth where order means nothing, of up to 2,000 learners."""
    rows = np.sort(np.random.default_rng(seed).permutation(dataset.n_users)[:_HELD_LEARNERS]).astype(np.int64)
    return leave_last(dataset, rows) if dataset.ordered else random_holdout(dataset, 0.1, seed, rows)


def train(spec: TrainingSpec, dataset: Dataset) -> TrainingResult:
    """Train with courses held out to find the number of passes; then, where those were many, again with them."""
    if not (dataset.histories.weights > 0).any():
        return _Run(spec, dataset, deadline=0.0).result("nothing")
    deadline = time.monotonic() + spec.seconds
    split = hold_out(dataset, spec.seed)
    if len(split.test.items) < _FEWEST_HELD:
        run = _Run(spec, dataset, deadline)
        return run.result(run.train_epochs(min(spec.epochs, _BLIND_EPOCHS)))
    run = _Run(spec, split.train, deadline)
    stopped = run.train_epochs(spec.epochs, split)
    if len(split.test.items) <= _REFIT_SHARE * len(dataset.histories.items) or stopped == "seconds":
        return run.result(stopped)
    whole = _Run(spec, dataset, deadline)
    ended = whole.train_epochs(run.best_epoch)
    return whole.result(stopped) if ended != "seconds" else run.result("seconds")


class _Run:
    """A training run of one net."""

    def __init__(self, spec: TrainingSpec, dataset: Dataset, deadline: float) -> None:
        self.spec, self.deadline = spec, deadline
        self.events = deduplicated_positive_histories(dataset.histories)
        self.rng = np.random.default_rng(spec.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.net = spec.build(dataset.n_users)
            self.state = torch.random.get_rng_state()
        self.size = max(1, min(spec.batch, dataset.n_users // _FEWEST_STEPS))
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=spec.learning_rate, weight_decay=spec.decay)
        self.epochs, self.best_epoch, self.best = 0, 0, -1.0
        self.kept: dict[str, Any] = {}

    def train_epochs(self, epochs: int, split: Split | None = None) -> str:
        """Up to `epochs` passes; with a split the best ones are kept. Returns why it ended."""
        with torch_threads(self.spec.threads), torch.random.fork_rng(devices=[]):
            torch.random.set_rng_state(self.state)
            while self.epochs < epochs:
                whole = self._train_epoch_until_deadline()
                self._fit_history_map()
                if split is not None:
                    self._keep_if_better(split)
                if not whole:
                    return "seconds"
                if split is not None and self.epochs - self.best_epoch >= self.spec.patience:
                    return "best"
        return "epochs"

    def result(self, stopped: str) -> TrainingResult:
        """The kept weights, or the current ones where nothing was judged."""
        state = self.kept or self.net.state_dict()
        return TrainingResult(_flatten_parameters(state), self.best_epoch or self.epochs, stopped)

    def _train_epoch_until_deadline(self) -> bool:
        """One pass over all learners; False when time ran out on the way."""
        self.net.train()
        self.epochs += 1
        for batch in epoch_batches(self.events, self.spec.feeding, self.spec.ordered, self.spec.max_length, self.size, self.rng):
            self.optimizer.zero_grad()
            loss = self.net.loss(*_tensors(batch))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), _CLIP)
            self.optimizer.step()
            if time.monotonic() > self.deadline:
                return False
        return True

    def _fit_history_map(self) -> None:
        """Let the net derive from its weights what it needs to score by history."""
        if hasattr(self.net, "fit_history_map"):
            known, lengths = pad(self.events, self.spec.max_length)
            self.net.fit_history_map(torch.from_numpy(known), torch.from_numpy(lengths))

    def _keep_if_better(self, split: Split) -> None:
        """Keep the weights where they rank the held-out courses better than those kept so far."""
        gain = _held_out_ndcg(self.net, split, self.spec)
        if gain > self.best:
            self.best, self.best_epoch = gain, self.epochs
            self.kept = {name: value.detach().clone() for name, value in self.net.state_dict().items()}


def restore_net(build: Callable[[int], Any], weights: npt.NDArray[np.float32], name: str) -> Any:
    """The net that `build` makes with stored weights, ready to score. Raises ArtifactError, with the model's name, when these are of
    another net."""
    net = build(0)
    stored = [value for key, value in net.state_dict().items() if not key.startswith(LEARNERS_ONLY)]
    sizes = [value.numel() for value in stored]
    if sum(sizes) != len(weights):
        raise ArtifactError(Fault.NET_MISFIT, model=name, found=len(weights), expected=sum(sizes))
    for value, part in zip(stored, torch.from_numpy(np.array(weights, np.float32)).split(sizes), strict=True):
        value.copy_(part.view_as(value))
    net.eval()
    return net


def run_net(net: Any, known: Ints, lengths: Ints, count: int) -> npt.NDArray[np.float32]:
    """Scores (rows, n_items) of padded histories."""
    with torch_threads(count), torch.no_grad():
        return np.asarray(net.scores(torch.from_numpy(known), torch.from_numpy(lengths)).numpy(), np.float32)


def _flatten_parameters(state: dict[str, Any]) -> npt.NDArray[np.float32]:
    parts = [value.detach().numpy().ravel() for name, value in state.items() if not name.startswith(LEARNERS_ONLY)]
    return np.concatenate(parts).astype(np.float32)


def _tensors(batch: Batch) -> tuple[Any, ...]:
    return tuple(torch.from_numpy(part) for part in (batch.known, batch.lengths, batch.wanted, batch.rows))


def _held_out_ndcg(net: Any, split: Split, spec: TrainingSpec) -> float:
    """Mean of 1 / log2(1 + rank) over held-out courses, known ones masked: NDCG without a cutoff, so that few learners suffice."""
    net.eval()
    total = 0.0
    events = deduplicated_positive_histories(split.train.histories.select(split.test_rows))
    for start in range(0, len(events), 500):
        part = slice(start, start + 500)
        seen, wanted = events.select(part), split.test.select(part)
        scores = run_net(net, *pad(seen, spec.max_length), spec.threads)
        scores[seen.rows, seen.items] = -np.inf
        total += float(_gains(scores, wanted).sum())
    return total / len(split.test.items)


def _gains(scores: npt.NDArray[np.float32], wanted: Histories) -> npt.NDArray[np.float64]:
    scored = scores[wanted.rows]
    own = scored[np.arange(len(scored)), wanted.items][:, None]
    rank = 1 + (scored > own).sum(axis=1) + ((scored == own).sum(axis=1) - 1) / 2
    return np.asarray(1 / np.log2(1 + rank), np.float64)
