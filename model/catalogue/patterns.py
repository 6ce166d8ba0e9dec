"""Pattern health over gRPC (RFC view 1, 3; contracts section 5)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, G, I, S, family

FAMILIES = (
    family("prism_pattern_status", S, NONE, "pattern status service", "1 for the status a pattern reports; service says which health service reported.", "patterns", "contracts 5.2, 5.3"),
    family("prism_pattern_message_info", I, NONE, "pattern message", "The words a pattern gave with its status, credentials removed.", "patterns", "contracts 5.3"),
    family("prism_pattern_detail", G, NONE, "pattern key", "A numeric entry of a pattern's health details.", "patterns", "contracts 5.4"),
    family("prism_pattern_detail_info", I, NONE, "pattern key value", "A textual entry of a pattern's health details, credentials removed.", "patterns", "contracts 5.4"),
    family("prism_pattern_check_duration_seconds", G, SEC, "pattern", "How long the health call took.", "patterns", "contracts 5.3"),
)
