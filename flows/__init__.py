"""Prefect: the main job as a deployment.

Nothing here makes data. The flow asks :mod:`pipeline.job` what is left, submits one task
for each shard and half, shows progress and stops when asked; every decision about what is
done is read from the run directory, so that Prefect's state is only a view of it.

* :mod:`flows.generate_cf`: the flow `generate-cf`; also `python -m flows.generate_cf`.
* :mod:`flows.bench`: what its tasks share: the job, the models, the dashboard.
* :mod:`flows.lanes`: which half of which shard is submitted when.
* :mod:`flows.dashboard`: progress and the summary, as Prefect artifacts.
* :mod:`flows.bare_names`: lets `prefect deployment run generate-cf` find its deployment.
"""
