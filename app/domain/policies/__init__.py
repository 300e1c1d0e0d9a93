"""Policies: when this happens to one aggregate, ask that of another, in the same turn.

A policy is pure: it is handed an event and the world as it stands with it, and answers with
orders. It never runs on a rebuild; what it led to stands in the log.
"""
