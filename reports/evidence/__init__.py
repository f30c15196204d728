"""What a report rests on: the results and the predictions of runs."""
