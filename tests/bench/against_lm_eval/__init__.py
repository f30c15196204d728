"""The same model on the same texts, scored by the harness and by lm-evaluation-harness: parity and speed."""
