"""The nets themselves: modules of torch with `scores(known, lengths)`, `loss(known, lengths, wanted, rows)` and `width`, the
numbers held per score. Imported only when a model is fitted or scores."""
