"""The Admin API (RFC view 5; contracts section 6)."""

from __future__ import annotations

from model.catalogue.family import NONE, PER_SECOND, TS, G, I, family

FAMILIES = (
    family("prism_namespace_info", I, NONE, "namespace owner status patterns", "1 per namespace; patterns is a comma-separated list.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_created_timestamp_seconds", G, TS, "namespace", "When a namespace was created.", "admin", "RFC view 5; contracts 6"),
    family("prism_namespace_max_rps", G, PER_SECOND, "namespace", "A namespace's configured limit.", "admin", "RFC view 5; contracts 6"),
)
