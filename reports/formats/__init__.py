"""Tables as CSV, Markdown and LaTeX, and on a terminal.

May import `analysis`, `evidence`, `text` and `harness`; neither plots nor the page.
"""
