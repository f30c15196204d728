"""Kills at random moments, faults of the machine, mutated inputs: nothing may be lost, uncaught or silently wrong."""
