"""Adapters that tell of what passes through them. They are put around others where telemetry is on, and nowhere else."""
