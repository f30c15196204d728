"""Scores on resamples, intervals, paired comparison, ranking, McNemar, calibration.

May import `metrics`, `store`, `outputs` and what is below them.
"""
