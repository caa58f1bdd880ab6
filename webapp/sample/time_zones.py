"""Time zones of the simulated learners: there it is evening when they usually sit down."""

_EVENING = 19.0  # o'clock
_WEST = 9  # hours behind UTC: nobody lives further west
# By hours ahead of UTC, in winter.
_ZONES = {
    -8: ("America/Los_Angeles", "America/Vancouver"),
    -6: ("America/Chicago", "America/Mexico_City"),
    -5: ("America/New_York", "America/Bogota", "America/Lima"),
    -3: ("America/Sao_Paulo", "America/Argentina/Buenos_Aires"),
    0: ("Europe/London", "Europe/Lisbon", "Africa/Accra"),
    1: ("Europe/Berlin", "Europe/Madrid", "Europe/Warsaw", "Africa/Lagos"),
    2: ("Europe/Athens", "Africa/Cairo", "Africa/Johannesburg", "Europe/Bucharest"),
    3: ("Europe/Istanbul", "Africa/Nairobi", "Africa/Addis_Ababa"),
    4: ("Asia/Dubai", "Asia/Tbilisi"),
    5: ("Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata"),
    6: ("Asia/Dhaka", "Asia/Bishkek"),
    7: ("Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta"),
    8: ("Asia/Singapore", "Asia/Shanghai", "Asia/Manila", "Australia/Perth"),
    9: ("Asia/Tokyo", "Asia/Seoul"),
    10: ("Australia/Brisbane", "Australia/Sydney"),
    12: ("Pacific/Auckland",),
}


def zone_by_study_hour(hour: float, number: int) -> str:
    """The zone of learner `number`, who usually sits down at this hour (UTC)."""
    wanted = (_EVENING - hour + _WEST) % 24 - _WEST
    ahead = min(_ZONES, key=lambda hours: abs(hours - wanted))
    return _ZONES[ahead][number % len(_ZONES[ahead])]
