"""How the schema came to be, a file a step in versions/; applied at start by run.py."""
