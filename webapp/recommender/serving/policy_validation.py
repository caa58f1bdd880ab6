"""Settings of ranking policies, as the recommender reads them."""

from collections.abc import Mapping
from typing import Any

from recsys.errors import RecsysError
from recsys.rerank.policy import Policy
from recsys.types import Statement


def settings_problem(settings: Mapping[str, Any]) -> Statement | None:
    """What is wrong with settings of a policy; None where the recommender can use them."""
    try:
        Policy.from_json({**settings, "version": "draft"})
    except RecsysError as error:
        return error.statement
    return None
