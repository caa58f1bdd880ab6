"""What the job that prunes does, in the unit of work of a test."""

from webapp.services.housekeeping import find_old_rows, remove_rows


def prune_records() -> int:
    """Remove all that is old; how many rows."""
    return sum(map(remove_rows, find_old_rows()))
