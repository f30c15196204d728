"""What follows from the evidence: comparisons, statistics, costs, conclusions, histories; as values, not as texts.

May import `evidence`, `text` and `harness`.
"""
