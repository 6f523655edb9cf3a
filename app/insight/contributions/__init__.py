"""What raised or lowered a score: `shapley` values, exact over all `coalitions` of the inputs."""
