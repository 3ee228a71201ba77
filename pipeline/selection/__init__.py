"""Which drawn pictures a set keeps: bands of scores, the choice among candidates, calibration."""
