"""How fast our parts are beside torch's own, measured in one run: ``python -m benchmarks``."""
