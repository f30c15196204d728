"""Pretrained checkpoints: where one lies, which files of it are read, and what is wrong with it.

Read without torch: what is wrong is known when a run starts.
"""
