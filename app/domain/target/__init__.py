"""Target (目标): a figure of clause 3.7 that was seen near its limit or above it. Rules R-01, R-03.

One stream a figure: `R-01-2025Q2-M01`, a cause in a quarter; `R-03-2025`, the cost of a year. Rules
look whenever a figure moves: early warning ──▶ exceeded. An alert is never taken back; when its
figure moves on, in either direction, that is one more fact.
"""
