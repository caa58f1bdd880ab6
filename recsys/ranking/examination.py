"""Examination model (position bias): which places of a slate are looked at, and clicks weighed by it.

The position-based model (Richardson, Dominowska & Ragno 2007): a course is clicked if its place is looked at and the course
appeals, with chance examination[place] · appeal. Appeal is log-linear in the features the blend ranks by, up to a factor a slate
has for itself, so among the clicks of a slate each place has a share in proportion to examination · exp(features · w). That is a
conditional logit with a constant for every place: convex, where regression-EM (Wang et al., WSDM 2018) fits the same model through
a latent variable. As there, a course that stood high because its features are good is told from one that was clicked because it
stood high by courses of like features at other places.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys.ranking.softmax import Choices, fit_weights

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
_PENALTY = 3.0
MOST = 10.0
"""No click counts more than this many times one at the place that is looked at most."""


@dataclass(frozen=True)
class ShownSlates:
    """Slates by place, the first at the top: `features` (slates, places, n_features) float32, `usable` (slates, places) marks places
    that held something to choose, `clicked` (slates, places) those that were clicked, `score` (slates, places) what they were ranked
    by, 0 where that is not known."""

    features: npt.NDArray[np.float32]
    usable: Mask
    clicked: Mask
    score: Floats

    def take(self, slates: npt.NDArray[np.int64]) -> "ShownSlates":
        """The slates at these positions."""
        return ShownSlates(self.features[slates], self.usable[slates], self.clicked[slates], self.score[slates])


def examination_of(shown: ShownSlates) -> Floats:
    """The chance of each place to be looked at, over that of the place looked at most; (places,).

    The score that courses were ranked by stands beside the features: what else the ranking knew of their appeal must not pass for
    the work of their places. A power of the rank plus what each place has beyond it, all under a ridge: places with few clicks
    follow the curve of the others, and clicks that tell nothing leave all places alike.
    """
    slates, n_places, n_features = shown.features.shape
    own = np.concatenate([-np.log(np.arange(1, n_places + 1))[:, None], np.eye(n_places)], axis=1).astype(np.float32)
    places = np.broadcast_to(own, (slates, *own.shape))
    known = np.concatenate([shown.features, shown.score[:, :, None].astype(np.float32), places], axis=2)
    clicks, _ = weighted_choices(replace(shown, features=known), np.ones(n_places))
    free = np.full(known.shape[2], -np.inf)
    logs = own.astype(np.float64) @ fit_weights(clicks, _PENALTY, free)[n_features + 1 :] if len(clicks.chosen) else np.zeros(n_places)
    return np.asarray(np.exp(logs - logs.max()), np.float64)


def weighted_choices(shown: ShownSlates, examination: Floats) -> tuple[Choices, npt.NDArray[np.int64]]:
    """Every click as a choice among the places of its slate, weighing the inverse of the chance that it was looked at, and the
    slate of each. Weights are 1 on average.

    So a place's weighted share of clicks is that of its appeal (Joachims, Swaminathan & Schnabel, WSDM 2017), here in the
    softmax. Places looked at less than 1 / MOST as often as the first count as not seen: neither a click there nor its
    absence says anything, which bounds the weights without the bias of clipping them. Other clicks of the slate stay in the
    pool: only then is the sum over clicks right on average when a slate is clicked twice.
    """
    usable = shown.usable & (examination >= 1 / MOST)
    slate, place = np.nonzero(shown.clicked & usable & (usable.sum(axis=1) > 1)[:, None])
    weight = 1 / examination[place]
    weight = weight / weight.mean() if len(weight) else weight
    return Choices(shown.features[slate], place.astype(np.int64), usable[slate], weight), slate
