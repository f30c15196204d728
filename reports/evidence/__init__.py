"""What a report rests on: results, their predictions, and what must be said of them.

May import `harness` and `text`.
"""
