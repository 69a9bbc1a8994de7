"""Signing in with the process's own identity. A leaf, so that the read service has it too without the write side (docs/decisions/0044)."""
