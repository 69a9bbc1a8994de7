"""Forgetting customers: where their ids rest, and putting pseudonyms in their place."""
