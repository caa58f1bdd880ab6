"""The model family; one contract (`base`), one file each."""

from recsys.candidates.als import AlsModel
from recsys.candidates.bag_of_words_similarity import CourseSimilarityModel
from recsys.candidates.base import Model
from recsys.candidates.content import ContentModel
from recsys.candidates.directed_ridge import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_knn import ItemKnnModel
from recsys.candidates.kmeans import KMeansModel, KMeansPcaModel
from recsys.candidates.lsa import LsaModel
from recsys.candidates.nmf import NmfModel
from recsys.candidates.pair_to_item_transitions import PairModel
from recsys.candidates.popularity import PopularityModel
from recsys.candidates.same_creator_series import SeriesModel
from recsys.candidates.skill_transitions import SkillsModel
from recsys.candidates.topic_profile import UserProfileModel
from recsys.candidates.transitions import TransitionModel
from recsys.candidates.trending import TrendingModel
from recsys.candidates.user_knn import UserKnnModel

MODELS: dict[str, type[Model]] = {
    model.name: model
    for model in (
        PopularityModel,
        TrendingModel,
        UserKnnModel,
        ItemKnnModel,
        EaseModel,
        TransitionModel,
        DirectedModel,
        PairModel,
        ContentModel,
        CourseSimilarityModel,
        LsaModel,
        UserProfileModel,
        SkillsModel,
        SeriesModel,
        KMeansModel,
        KMeansPcaModel,
        NmfModel,
        AlsModel,
    )
}
