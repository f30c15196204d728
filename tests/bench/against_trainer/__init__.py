"""Ours against transformers' Trainer and a plain loop, in turn, on the same machine; see ``__main__``."""
