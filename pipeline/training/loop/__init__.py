"""What every training needs, whatever it trains.

* :mod:`~pipeline.training.loop.data_order`: which example comes when.
* :mod:`~pipeline.training.loop.optimiser`: AdamW, its learning rate, its state.
* :mod:`~pipeline.training.loop.average`: the moving average of the weights.
* :mod:`~pipeline.training.loop.checkpoint`: states on disk, whole or not at all.
* :mod:`~pipeline.training.loop.session`: the accelerator and the lock on the output folder.
* :mod:`~pipeline.training.loop.journal`: a line for every step.
"""
