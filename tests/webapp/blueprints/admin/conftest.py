"""The small trained model, for the pages that tell about it."""

from tests.webapp.recommender.conftest import artifact, courses, live, models_dir

__all__ = ["artifact", "courses", "live", "models_dir"]
