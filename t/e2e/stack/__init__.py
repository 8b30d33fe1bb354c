"""Starts what a site behind mcache needs: memcached, the backend, nginx. The one place that knows
how; the tests, scripts/demo and scripts/siege all start their site here."""

from stack.browser import Browser
from stack.running import Stack, default_module, stop_on_signals
from stack.waiting import wait_for

__all__ = ["Browser", "Stack", "default_module", "stop_on_signals", "wait_for"]
