"""Numbers and tables as plain texts.

May import `harness`.
"""
