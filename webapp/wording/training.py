"""What a training comes to, in words."""

from webapp.support.messages import N_

NOBODY_YET = N_("Nobody has taken a course yet, so there is nothing to learn from.")
