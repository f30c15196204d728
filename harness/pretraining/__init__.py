"""Pretraining: a corpus becomes packed windows of tokens, and a network learns to predict words from them.

May import `training`, `data`, `api`, `system` and `errors`.
"""
