"""The few classes that must live inside Rasa: doors, stores, the reader of words and the second look."""
