"""Fine-tuning CLIP-like models on the shards.

* :mod:`~pipeline.training.vlm.finetune.config`: the settings.
* :mod:`~pipeline.training.vlm.finetune.model`: CLIP, SigLIP or a model of open_clip, its weights
  that are trained, and how it is written.
* :mod:`~pipeline.training.vlm.finetune.batches`: batches without end, with a place to go on from.
* :mod:`~pipeline.training.vlm.finetune.validation`: losses and accuracies by kind.
* :mod:`~pipeline.training.vlm.finetune.trainer`: the training.
* :mod:`~pipeline.training.vlm.finetune.curves`: its course as a picture.
"""
