"""Models: from a majority vote and the from-scratch Transformer to any pretrained checkpoint.

May import `harness`, but not its command line.
"""
