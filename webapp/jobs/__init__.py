"""Background jobs: what there is, who may schedule, how a run is watched."""
