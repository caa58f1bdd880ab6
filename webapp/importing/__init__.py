"""Import of files: known layouts, checked row by row, written in bulk."""
