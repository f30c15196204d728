"""The command line: commands, options, progress, console output.

The composition root: it alone may import all four packages.
"""
