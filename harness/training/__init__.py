"""The torch side: network to model, the loop, one step, batches, precision, checkpoints, FLOPs, attribution.

May import `outputs`, `api`, `system`. No other room imports torch when it is imported itself.
"""
