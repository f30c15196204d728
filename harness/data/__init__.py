"""Where rows come from (hub, folder, sample), and how they become examples, limits applied.

May import `outputs`, `api`, `system`, `errors`.
"""
