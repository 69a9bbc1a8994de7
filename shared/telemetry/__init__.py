"""OpenTelemetry, for every process that wants it: settings, providers and exporters. A leaf, of which readsvc has a copy too.

Only `settings`, `traceparent`, `json_lines` and `start` may be imported by anybody. The others import OpenTelemetry, and
are imported by `start` alone, once an exporter is chosen; so a process whose telemetry is off needs none of its packages.
"""
