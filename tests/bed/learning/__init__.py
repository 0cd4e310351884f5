"""Learns from letters with a known answer what no rule says: `python -m tests.bed.learning -h`."""
