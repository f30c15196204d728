"""Interpolated Kneser-Ney models: of sequences of numbers, and of texts. May import `harness` and NumPy alone."""
