"""What is asked: trials and their keys, the grid, estimates of time, the dry run.

May import `data`, `store`, the catalog and what is below them.
"""
