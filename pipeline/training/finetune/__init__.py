"""Fine-tuning of SDXL on pictures with captions: LoRA, or all weights of the UNet.

* :mod:`~pipeline.training.finetune.config`: the settings.
* :mod:`~pipeline.training.finetune.examples`: a picture with its caption; crops.
* :mod:`~pipeline.training.finetune.cache`: latents and text embeddings on disk.
* :mod:`~pipeline.training.finetune.encoders`: the autoencoder and the text encoders.
* :mod:`~pipeline.training.finetune.draws`: which example comes when, with which noise.
* :mod:`~pipeline.training.finetune.objective`: the loss and its weights.
* :mod:`~pipeline.training.finetune.network`: what is trained, and its moving average.
* :mod:`~pipeline.training.finetune.checkpoint`: states on disk, whole or not at all.
* :mod:`~pipeline.training.finetune.validation`: the grid of fixed prompts and seeds.
* :mod:`~pipeline.training.finetune.export`: what the renderer loads.
* :mod:`~pipeline.training.finetune.optimiser`: AdamW, its learning rate, its state.
* :mod:`~pipeline.training.finetune.session`: the accelerator, the lock, the journal.
* :mod:`~pipeline.training.finetune.loop`: the training itself.
* :mod:`~pipeline.training.finetune.outcome`: what it starts from and what it has made.

Where the pictures and the model come from is not known here: :mod:`pipeline.finetuning`
opens both.
"""
