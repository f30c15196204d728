"""From predictions to metric values: GLUE's, SQuAD's, any module of `evaluate`; scores of tasks and suites.

May import `outputs`, `api`, `errors`.
"""
