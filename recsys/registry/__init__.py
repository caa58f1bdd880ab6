"""Stored models: manifest, checksums, retention."""
