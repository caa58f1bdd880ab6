"""Where the simulated learners live."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models.user import Profile, Role, User
from webapp.policies import System
from webapp.sample.load import load_sample
from webapp.sample.time_zones import zone_by_study_hour


@pytest.mark.parametrize("hour", range(24))
def test_who_sits_down_at_an_hour_does_so_in_the_evening(hour: int) -> None:
    zones = {zone_by_study_hour(hour, number) for number in range(12)}
    assert zones <= available_timezones()
    local = {datetime(2026, 1, 15, hour, tzinfo=UTC).astimezone(ZoneInfo(zone)).hour for zone in zones}
    assert local <= {17, 18, 19, 20, 21}


def test_the_sample_learners_live_in_many_zones(db_session: Session) -> None:
    load_sample(System(), learners=60, seed=3, password="sample-password")
    zones = db_session.scalars(select(Profile.timezone).join(User).where(User.role == Role.LEARNER)).all()
    assert len(set(zones)) >= 12
    assert "UTC" not in zones
