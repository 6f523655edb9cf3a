"""What the service tells of itself.

`log` has lines of its own, `request_log` a line a request, and `metering` what Prometheus scrapes.
"""
