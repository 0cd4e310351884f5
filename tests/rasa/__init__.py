"""The Rasa world, tested from outside: over HTTP, with the trained model."""
