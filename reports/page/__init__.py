"""The HTML page, and its templates.

May import `plots` and what is below them.
"""
