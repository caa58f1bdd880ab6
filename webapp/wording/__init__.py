"""Sentences made of codes and parameters; nothing below this room writes what people read."""
