"""The kinds of answer, one module each, without torch: everything that depends on the kind.

May import `api` and `errors` alone.
"""
