"""The sample file, and the program that made it."""
