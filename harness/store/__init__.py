"""A run on disk: records, predictions, examples, and which results count.

May import `outputs`, `api`, `system`, `errors`.
"""
