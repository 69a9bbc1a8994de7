"""Folding published events into view documents, in any order, any number of times."""
