"""Doing a plan: jobs, local workers, one trial from rows to result, the measurement of speed, events.

May import `plan`, `training` and what is below them.
"""
