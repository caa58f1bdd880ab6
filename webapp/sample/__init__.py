"""The sample world: an original catalog, invented people, and half a year of simulated learning."""
