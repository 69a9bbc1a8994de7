"""The `cinema` command: what people ask of a running system, and what they tell it to do."""
