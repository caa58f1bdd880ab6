"""Parts of an artifact that are not the blend's."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.data.state_store import load_state, save_state
from recsys.errors import ArtifactError
from recsys.registry.manifest import MANIFEST_FILE, Manifest
from recsys.registry.store import write_artifact
from recsys.serving.bundle import Bundle
from recsys.serving.recommender import Recommender
from recsys.types import Item

NEW = Item("new", title="Typography", description="color, layout grids and drawing")
Rebuild = Callable[[Callable[[Path], None]], Path]


@pytest.fixture
def rebuild(artifact: Path, tmp_path: Path) -> Rebuild:
    """Stores the artifact again with its files changed."""

    def changed(change: Callable[[Path], None]) -> Path:
        def write(directory: Path) -> None:
            shutil.copytree(artifact, directory, dirs_exist_ok=True)
            (directory / MANIFEST_FILE).unlink()
            change(directory)

        return write_artifact(tmp_path, Manifest("hybrid", {}, "2026-01-02T03:04:05+00:00"), write).directory

    return changed


def texts_with_the_content_source(directory: Path) -> None:
    """As artifacts were stored when that source kept the vectors."""
    content, texts = directory / "hybrid/content", directory / "texts"
    (weights, stored), (vectors, vocabulary) = load_state(content), load_state(texts)
    arrays = {name: array.copy() for name, array in {**weights, **vectors}.items()}
    save_state(content, arrays, {**stored, **vocabulary})
    shutil.rmtree(texts)


def without_texts(directory: Path) -> None:
    shutil.rmtree(directory / "texts")
    shutil.rmtree(directory / "hybrid/content")
    arrays, stored = load_state(directory / "hybrid")
    kept = [signal["source"] != "content" for signal in stored["signals"]]
    arrays["weights_"] = arrays["weights_"][kept]
    signals = [signal for signal in stored["signals"] if signal["source"] != "content"]
    sources = [name for name in stored["sources"] if name != "content"]
    save_state(directory / "hybrid", {n: np.array(a) for n, a in arrays.items()}, {**stored, "signals": signals, "sources": sources})


@pytest.mark.parametrize("change", [texts_with_the_content_source, without_texts])
def test_a_new_course_is_placed_wherever_the_texts_lie(artifact: Path, rebuild: Rebuild, change: Callable[[Path], None]) -> None:
    now, before = (Recommender.load(directory) for directory in (artifact, rebuild(change)))
    found, expected = (r.with_catalog([*r.items, NEW]).similar("new", 5) for r in (before, now))
    assert found == expected
    assert all(one.item_id.startswith("design") for one in found)


def test_counts_are_learners(artifact: Path) -> None:
    bundle = Bundle.open(artifact)
    assert bundle.counts.sum() > 0
    assert np.log1p(bundle.counts) == pytest.approx(bundle.popularity, abs=1e-5)
    assert (bundle.trending <= bundle.popularity + 1e-5).all()


@pytest.mark.parametrize("part", ["popularity", "trending", "texts"])
def test_parts_of_other_items_are_refused(rebuild: Rebuild, part: str) -> None:
    def shorten(directory: Path) -> None:
        arrays, stored = load_state(directory / part)
        name = "vectors_" if part == "texts" else "scores_"
        save_state(directory / part, {**{n: a.copy() for n, a in arrays.items()}, name: arrays[name][:-1].copy()}, stored)

    with pytest.raises(ArtifactError, match="different numbers of items"):
        Bundle.open(rebuild(shorten))


def test_a_source_of_other_items_is_refused_before_anybody_asks(rebuild: Rebuild) -> None:
    def shorten(directory: Path) -> None:
        arrays, stored = load_state(directory / "hybrid/ease")
        save_state(directory / "hybrid/ease", {"weights_": arrays["weights_"][:0].copy()}, stored)

    with pytest.raises(ArtifactError, match="does not fit its items"):
        Recommender.load(rebuild(shorten))


def test_a_source_that_scores_what_is_no_number_is_refused(rebuild: Rebuild) -> None:
    def spoil(directory: Path) -> None:
        arrays, stored = load_state(directory / "hybrid/ease")
        save_state(directory / "hybrid/ease", {"weights_": np.full_like(arrays["weights_"], np.nan)}, stored)

    with pytest.raises(ArtifactError, match="no number"):
        Recommender.load(rebuild(spoil))
