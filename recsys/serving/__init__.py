"""A loaded model that answers requests."""
