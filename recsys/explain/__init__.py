"""Reasons from real contributions."""
