"""Kills at random moments, faults of the machine, and mutated inputs: nothing may be lost, uncaught or silently wrong."""
