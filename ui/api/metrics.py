"""What Prometheus may scrape of the service."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The counters of one service. Latencies are in seconds; `path` is the address as the API documents it, never as it was called."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        own: dict[str, Any] = {"registry": self.registry, "namespace": "judian"}
        self.requests = Counter("requests", "Requests answered", ("method", "path", "status"), **own)
        self.request_seconds = Histogram(
            "request_seconds", "Time from a request to the end of its response", ("path",), buckets=_SECONDS, **own
        )
        self.in_flight = Gauge("in_flight", "Requests being answered or waiting for it", **own)
        self.answers = Counter("answers", "Questions answered, by what answered", ("mode",), **own)
        self.answer_seconds = Histogram("answer_seconds", "Time of an answer, by what answered", ("mode",), buckets=_SECONDS, **own)
        self.stage_seconds = Histogram("stage_seconds", "Time of a stage of an answer", ("stage",), buckets=_SECONDS, **own)
        self.abstentions = Counter("abstentions", "Questions that the documents do not answer", **own)
        self.cache_hits = Counter("cache_hits", "What was found in a cache", ("cache",), **own)
        self.cache_misses = Counter("cache_misses", "What was not found in a cache", ("cache",), **own)
        self.llm_failures = Counter("llm_failures", "Questions on which a language model failed", **own)
        self.refusals = Counter("refusals", "Requests refused before they were read", ("reason",), **own)
        self.audit_failures = Counter("audit_failures", "Answers that could not be recorded", **own)

    def answered(self, mode: str, seconds: float, abstained: bool, stages: Mapping[str, float]) -> None:
        """Counts an answer; `stages` are in milliseconds, as answers tell them."""
        self.answers.labels(mode).inc()
        self.answer_seconds.labels(mode).observe(seconds)
        if abstained:
            self.abstentions.inc()
        for stage, milliseconds in stages.items():
            self.stage_seconds.labels(stage).observe(milliseconds / 1000)

    def cached(self, cache: str, hits: int, misses: int) -> None:
        self.cache_hits.labels(cache).inc(hits)
        self.cache_misses.labels(cache).inc(misses)

    def text(self) -> bytes:
        """In the Prometheus text format."""
        return generate_latest(self.registry)
