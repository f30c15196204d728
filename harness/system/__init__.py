"""The machine: cores, locks, memory, devices, clocks, files written whole.

May import `errors` alone.
"""
