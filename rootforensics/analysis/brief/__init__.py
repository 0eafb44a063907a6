"""The brief: what happened, what is open and what comes first, for whoever reads nothing else."""
