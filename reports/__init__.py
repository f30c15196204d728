"""What is shown: tables, plots and pages, made from a run's files alone."""
