"""A local Functions host: loads function_app.py as Azure does, and fails where Azure fails.

It follows `func start` and the Python worker for HTTP, timer and Event Hub triggers. One difference is deliberate: a bad
app ends the process with the reason, where `func` stays up without functions.
"""
