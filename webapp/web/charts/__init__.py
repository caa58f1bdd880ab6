"""Charts: where each mark of a drawing stands, computed here; templates/_macros/ writes them as SVG."""
