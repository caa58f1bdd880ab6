"""Stored models: manifest with lineage, checksums, which one serves, retention."""
