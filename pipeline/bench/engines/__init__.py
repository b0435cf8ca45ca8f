"""The engines that `gabung bench engine` compares, a program each: `python -m pipeline.bench.engines.NAME` with the
arguments of `job.Place`. Each runs until it is ended, like a service."""
