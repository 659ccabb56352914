"""A cloud and a whole car on one machine: what the demo shows and what the journey and attack tests drive."""
