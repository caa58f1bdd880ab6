"""Measuring: metrics, protocols, significance and reports."""
