"""The gateway of a checkpoint: boards in, verdicts and flags here, batches out to the central office."""
