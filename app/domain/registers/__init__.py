"""Registers: what decisions and policies must know across streams, folded from the log.

A register stands above the aggregates' events and below their decisions.
"""
