"""The published language: events, view documents and cache entries. A leaf: it imports pydantic alone."""
