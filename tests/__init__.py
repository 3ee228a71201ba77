"""The tests: unit (mirrors the packages), integration, e2e, and benchmarks under bench."""
