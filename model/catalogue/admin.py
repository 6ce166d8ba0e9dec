"""The Admin API (RFC view 5; contracts section 6)."""

from __future__ import annotations

from model.catalogue.family import NONE, PER_SECOND, TS, G, I, family

FAMILIES = (
    family("prism_namespace_info", I, NONE, "namespace owner status patterns backends", "1 per namespace; patterns and their backends are comma-separated lists.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_created_timestamp_seconds", G, TS, "namespace", "When a namespace was created.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_max_rps", G, PER_SECOND, "namespace", "A namespace's configured limit.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_max_read_rps", G, PER_SECOND, "namespace", "Its limit of reads, where reads and writes are limited apart.", "admin", "contracts 6"),
    family("prism_namespace_max_write_rps", G, PER_SECOND, "namespace", "Its limit of writes, where reads and writes are limited apart.", "admin", "contracts 6"),
)
