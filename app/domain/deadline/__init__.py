"""Deadline (时限): what was to be done by an instant and was not.

Limits run in the register of deadlines: an event that starts one names its end, another one
stops it. One that nobody stopped in time is missed, once: the clock asks, and one event says so.
"""
