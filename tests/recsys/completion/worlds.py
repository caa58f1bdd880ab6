"""Small and simulated worlds of attempts."""

import numpy as np
import pandas as pd

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.completion.feature_table import FinishTable
from recsys.completion.features import Feature, Group
from recsys.types import FinishReasonKind, Item

DAY = 86_400.0

ITEMS = (
    Item("basics", topics=("data",), skills=("sql",), level="beginner", duration_minutes=120),
    Item("joins", topics=("data",), skills=("sql",), level="intermediate", duration_minutes=240, prerequisites=("basics",)),
    Item("models", topics=("data",), skills=("regression",), level="advanced", duration_minutes=480, prerequisites=("basics", "joins")),
    Item("sketching", topics=("design",), skills=("drawing",), level="beginner", duration_minutes=60),
)


def attempts(*rows: dict, **options) -> Attempts:
    """Attempts of rows whose times are days; a row without an end is open."""
    frame = pd.DataFrame(rows)
    for name in ("timestamp", "ended", "last_active"):
        if name in frame:
            frame[name] = frame[name].astype(float) * DAY
    if "now" in options:
        options["now"] *= DAY
    return attempts_from_frame(frame, **{"mature_days": 0, **options})


def row(user: str, item: str, start: float, end: float | None = None, completed: bool = False, **more) -> dict:
    """One attempt; with an end that was not completed it was dropped."""
    known = {"dropped": end is not None and not completed, "ended": np.nan if end is None else end}
    return {"user_id": user, "item_id": item, "timestamp": start, "completed": completed, **known, **more}


def random_attempts(n_users: int = 40, seed: int = 3) -> Attempts:
    """Attempts of many kinds at distinct moments over 200 days: finished, dropped, silent and open."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(n_users):
        for item in rng.permutation(len(ITEMS))[: 1 + rng.integers(len(ITEMS))]:
            start, span = float(rng.uniform(0, 200)), float(rng.exponential(15))
            how = rng.integers(3)
            ended = how < 2 and start + span < 200
            made = row(f"u{user}", ITEMS[item].item_id, start, start + span if ended else None, bool(how == 0 and ended))
            made |= {
                "last_active": min(start + span, 200.0),
                "progress": float(rng.uniform(0.1, 0.9)),
                "weekly_minutes": 60 * (1 + user % 4),
            }
            rows.append(made)
    return attempts(*rows, now=200)


TRUTH_FEATURES = (
    Feature("record", Group.LEARNER, FinishReasonKind.TRACK_RECORD),
    Feature("length", Group.COURSE, FinishReasonKind.LENGTH),
    Feature("noise", Group.PAIR, FinishReasonKind.CIRCUMSTANCE),
)


def true_log_odds(values: np.ndarray) -> np.ndarray:
    """2 · record - |length| + 0.5, nothing of the noise."""
    return 2 * values[:, 0] - np.abs(values[:, 1]) + 0.5


def simulated_table(n: int, seed: int, known_share: float = 1.0) -> FinishTable:
    """Outcomes drawn from `true_log_odds`; a share of `noise` is unknown."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 3))
    values[rng.random(n) < 0.2, 2] = np.nan
    outcome = (rng.random(n) < 1 / (1 + np.exp(-true_log_odds(values)))).astype(float)
    outcome[rng.random(n) > known_share] = np.nan
    items = tuple(f"c{i}" for i in rng.integers(0, 20, n))
    evidence = np.where(outcome == 1, np.inf, outcome)
    return FinishTable(TRUTH_FEATURES, values, items, outcome, evidence, np.arange(n, dtype=float), rng.integers(0, n // 3 + 1, n))
