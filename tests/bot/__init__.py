"""Tests of the resident's doors."""
