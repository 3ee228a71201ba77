"""CLIP and SigLIP: pictures and texts in one space."""
