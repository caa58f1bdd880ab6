"""How the report says names and numbers."""

_LABELS = {
    "hybrid": "Hybrid",
    "hybrid_policy": "Hybrid with policy",
    "hybrid_collaborative": "Hybrid without content",
    "als": "ALS",
    "nmf": "NMF",
    "ease": "EASE",
    "item_knn": "Item-KNN",
    "user_knn": "User-KNN",
    "transitions": "Transitions",
    "directed": "Directed ridge",
    "content": "Content",
    "ndcg": "NDCG",
    "mrr": "MRR",
    "map": "MAP",
    "score_us_per_user": "µs a learner",
    "peak_mb": "peak MB",
}


def label(name: str) -> str:
    """What people call a model or metric."""
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def capitalized(name: str) -> str:
    """The name with a capital at its beginning, the rest as it is."""
    return name[:1].upper() + name[1:]


def label_in_sentence(name: str) -> str:
    """`label` in the middle of a sentence."""
    said = label(name)
    return said if said[:2].isupper() else said[:1].lower() + said[1:]


def decimal(value: float | None, places: int = 3) -> str:
    """A plain number; a dash where there is none."""
    return "–" if value is None else f"{value:.{places}f}".replace("-", "−")


def signed(value: float | None, places: int = 3) -> str:
    """A difference with its sign; none where it rounds to zero."""
    if value is None:
        return "–"
    said = f"{value:+.{places}f}".replace("-", "−")
    return said if said.strip("+−0.") else said[1:]


def percent(value: float | None, places: int = 1) -> str:
    """A share as percent; without a sign where it rounds to zero."""
    if value is None:
        return "–"
    said = f"{value * 100:.{places}f}".replace("-", "−")
    return f"{said if said.strip('−0.') else said.removeprefix('−')}\u00a0%"


def points(value: float | None) -> str:
    """A difference of shares, given in hundredths."""
    if value is None:
        return "–"
    said = f"{value:.0f}"
    return f"{said} point" if said == "1" else f"{said} points"


def count(value: float) -> str:
    """A whole number with thousands apart."""
    return f"{value:,.0f}"


def short(value: float) -> str:
    """An axis label: as few digits as say the value."""
    if value and (abs(value) >= 10_000 or abs(value) < 0.001):
        return f"{value / 1000:g}k".replace("-", "−") if abs(value) >= 10_000 else f"{value:g}".replace("-", "−")
    return f"{value:.4f}".rstrip("0").rstrip(".").replace("-", "−")


def interval(bounds: list[float] | None, places: int = 3, sign: bool = False) -> str:
    """An interval as text, `.312 to .345`."""
    if not bounds:
        return "–"
    say = signed if sign else decimal
    return f"{say(bounds[0], places)} to {say(bounds[1], places)}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"
