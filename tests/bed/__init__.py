"""The test bed: invented Dutch letters with their truth, a photo simulator, and a judge of readings."""
