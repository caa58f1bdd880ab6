"""The promotion gate: a trial of the new model against the serving one, and the verdict."""
