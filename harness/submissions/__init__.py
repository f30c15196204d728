"""Files of predictions: formats, safe reading, scoring, writing, entering a leaderboard.

May import `statistics`, `plan` and what is below them.
"""
