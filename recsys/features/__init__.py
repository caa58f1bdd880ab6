"""Items as numbers: text and plain facts."""
