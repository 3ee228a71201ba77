"""What the smaller commands do: plan, doctor, inspect, replay, refilter, mine-causal."""
