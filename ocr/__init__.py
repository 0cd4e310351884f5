"""The reading room: answers "what stands on this paper?" and nothing else."""
