"""Statistics of the evidence put together, and what can be concluded from them."""
