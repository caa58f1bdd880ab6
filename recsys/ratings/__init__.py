"""The rating side: how much a learner will like a course they take, and whether they will finish it."""
