"""The whole, from the command line to the files that it leaves."""
