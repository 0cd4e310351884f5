"""The professional's desk and the municipality's monitor."""
