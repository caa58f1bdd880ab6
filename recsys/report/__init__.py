"""Pages of evaluations: HTML sections, plots and the words in them."""
