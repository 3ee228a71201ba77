"""Prefect: the main job and the fine-tuning of models, as deployments.

Nothing here makes data. The flow hands :mod:`pipeline.runs.run` an executor that submits one
task for each stage of each shard, shows progress and stops when asked; every decision about what is
done is read from the run directory, so that Prefect's state is only a view of it.

* :mod:`flows.generate_cf`: the flow `generate-cf`; also `python -m flows.generate_cf`.
* :mod:`flows.context`: what its tasks share: the job, the models, the progress.
* :mod:`flows.progress`: progress of the flows, sent to Prefect from a thread of its own.
* :mod:`flows.summary`: the page that a finished run leaves in Prefect.
* :mod:`flows.finetune_sdxl`: the flow `finetune-sdxl`; also `python -m flows.finetune_sdxl`.
* :mod:`flows.finetune_vlm`: the flow `finetune-vlm`; also `python -m flows.finetune_vlm`.
* :mod:`flows.training_summary`: the grids and the page that a training leaves there.
* :mod:`flows.bare_names`: lets `prefect deployment run generate-cf` find its deployment.
"""
