"""What is asked: GLUE, SQuAD, and the generated sample; one file a family."""
