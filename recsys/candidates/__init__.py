"""The model family; one contract (`base`), one file each."""

from recsys.candidates.base import Model
from recsys.candidates.content import ContentModel
from recsys.candidates.directed import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_knn import ItemKnnModel
from recsys.candidates.popularity import PopularityModel
from recsys.candidates.transitions import TransitionModel
from recsys.candidates.trending import TrendingModel

MODELS: dict[str, type[Model]] = {
    model.name: model
    for model in (
        PopularityModel,
        TrendingModel,
        ItemKnnModel,
        EaseModel,
        TransitionModel,
        DirectedModel,
        ContentModel,
    )
}
