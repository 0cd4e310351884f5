"""Rasa's hands: each action name is one use case of the core."""
