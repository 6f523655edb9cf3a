"""What can be said of a model and of its scores."""
