"""Fine-tuning of SDXL on pictures with captions: LoRA, or all weights of the UNet.

* :mod:`~pipeline.training.sdxl.config`: the settings.
* :mod:`~pipeline.training.sdxl.examples`: a picture with its caption; crops.
* :mod:`~pipeline.training.sdxl.cache`: latents and text embeddings on disk.
* :mod:`~pipeline.training.sdxl.encoders`: the autoencoder and the text encoders.
* :mod:`~pipeline.training.sdxl.data`: the cached examples, and the batch of every step.
* :mod:`~pipeline.training.sdxl.batch`: examples with their noise.
* :mod:`~pipeline.training.sdxl.objective`: the loss and its weights.
* :mod:`~pipeline.training.sdxl.network`: what is trained.
* :mod:`~pipeline.training.sdxl.validation`: the grid of fixed prompts and seeds.
* :mod:`~pipeline.training.sdxl.export`: what the renderer loads.
* :mod:`~pipeline.training.sdxl.trainer`: the training itself.
* :mod:`~pipeline.training.sdxl.outcome`: what it starts from and what it has made.

Order of the data, checkpoints, optimiser and average are in :mod:`pipeline.training.loop`. Where
the pictures and the model come from is known to :mod:`pipeline.training.sdxl.run` alone.
"""
