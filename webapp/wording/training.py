"""What a training comes to, in words."""

NOBODY_YET = "Nobody has taken a course yet, so there is nothing to learn from."
