"""Cause catalogue (故障原因目录): the words in which failures are counted. Clauses 3.3, 3.7.

One stream. define ──▶ merge into another | retire. A three-strikes rule fires only when everyone
uses the same word for the same cause, so causes are governed, and merged where two mean one.
"""
