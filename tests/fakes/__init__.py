"""Models, tasks, checkpoints, a hub and analyses made up for tests."""

from pathlib import Path

FAKES = Path(__file__).parent
TOY = FAKES / "toy.py"
"""A plugin: a task, and models that learn nothing, fail, or take their time."""
