"""Tasks: GLUE, SQuAD, and the generated sample; one file a family.

May import `harness`, but not its command line.
"""
