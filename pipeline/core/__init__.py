"""The vocabulary: records, the stage contract, errors, ids and seeds, protocols, draws, scores."""
