"""Fine-tuning of SDXL on pictures with captions: LoRA, or all weights of the UNet.

* :mod:`~pipeline.training.sdxl.config`: the settings.
* :mod:`~pipeline.training.sdxl.examples`: a picture with its caption; crops.
* :mod:`~pipeline.training.sdxl.cache`: latents and text embeddings on disk.
* :mod:`~pipeline.training.sdxl.encoders`: the autoencoder and the text encoders.
* :mod:`~pipeline.training.sdxl.draws`: which example comes when, with which noise.
* :mod:`~pipeline.training.sdxl.objective`: the loss and its weights.
* :mod:`~pipeline.training.sdxl.network`: what is trained, and its moving average.
* :mod:`~pipeline.training.sdxl.checkpoint`: states on disk, whole or not at all.
* :mod:`~pipeline.training.sdxl.validation`: the grid of fixed prompts and seeds.
* :mod:`~pipeline.training.sdxl.export`: what the renderer loads.
* :mod:`~pipeline.training.sdxl.optimiser`: AdamW, its learning rate, its state.
* :mod:`~pipeline.training.sdxl.session`: the accelerator, the lock, the journal.
* :mod:`~pipeline.training.sdxl.loop`: the training itself.
* :mod:`~pipeline.training.sdxl.outcome`: what it starts from and what it has made.

Where the pictures and the model come from is not known here: :mod:`pipeline.training.sdxl.run`
opens both.
"""
