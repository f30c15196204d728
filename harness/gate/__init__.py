"""The gate: whether a run is worse than a reference, in quality and in cost, as a check that CI can rest on.

May import every room of the engine but the command line.
"""
