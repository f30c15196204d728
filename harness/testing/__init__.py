"""Conformance checks for plugins, to be called from their own tests.

May import `plan`, `metrics`, `data`, `store` and what is below them.
"""
