"""Measurements: each prints ratios within one run; absolute rates drift with the machine."""
