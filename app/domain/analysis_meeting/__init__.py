"""Analysis meeting (分析会): QA convenes Sales and Engineering. Clause 3.3.

scheduled ──▶ recorded, with its minutes and what each department is to do.
"""
