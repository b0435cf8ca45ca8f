"""A kind of source to copy. See ../README.md."""
