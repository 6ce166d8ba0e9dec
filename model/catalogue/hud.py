"""The HUD itself, written by the scheduler for each attempt."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, TS, B, C, G, H, N, family

FAMILIES = (
    family("hud_source_success", G, NONE, "source target", "1 when the last read of a source succeeded, else 0.", "hud", "law 2"),
    family("hud_source_duration_seconds", G, SEC, "source target", "How long the last read of a source took.", "hud", "law 2"),
    family("hud_exposition_skipped_lines", G, N, "", "Lines of the last exposition that could not be read, when there were any.", "proxy", "law 2"),
    family("hud_store_bytes", G, B, "", "What the store takes on disk, measured every 30 s.", "hud", "law 7"),
    family("hud_disk_free_bytes", G, B, "", "What is free on the disk that holds the store, measured every 30 s.", "hud", "law 7"),
    family("hud_resident_memory_bytes", G, B, "", "The collector process' resident memory, measured every 30 s.", "hud", "law 7"),
    family("hud_commit_delay_seconds", G, SEC, "", "How long the reads of a commit had waited for it, the one that waited longest.", "hud", "law 5"),
    family("hud_change_to_pixel_seconds", H, SEC, "process", "From the time of the newest sample to the paint that shows it, as each open page's browser measured.", "hud", "RFC success metrics"),
    family("hud_first_paint_seconds", H, SEC, "process", "From the start of a page's load to its first figure, as each browser measured.", "hud", "RFC technical metrics"),
    family("hud_api_request_duration_seconds", H, SEC, "process", "How long answers under /api took to be made.", "hud", "RFC technical metrics"),
    family("hud_page_seconds_total", C, SEC, "process", "For how long pages were open and wanted a websocket, all pages together.", "hud", "RFC technical metrics"),
    family("hud_page_connected_seconds_total", C, SEC, "process", "For how much of that they had one.", "hud", "RFC technical metrics"),
    family("hud_page_heap_bytes", G, B, "process", "The largest JavaScript heap that an open page reported in the last minute.", "hud", "RFC technical metrics"),
    family("hud_memory_bytes", G, B, "process", "What the collector and each web process take of memory, shared pages counted by share (PSS).", "hud", "RFC technical metrics"),
    family("hud_viewers", G, N, "", "Browsers that showed a page since midnight UTC.", "hud", "RFC success metrics"),
    family("hud_source_samples", G, N, "source target", "Samples in the last read of a source.", "hud", "law 2"),
    family("hud_source_attempted_at_seconds", G, TS, "source target", "When a source was tried last, by the dashboard's clock.", "hud", "law 2"),
    family("hud_source_read_at_seconds", G, TS, "source target", "When a source was last read well; 0: never.", "hud", "law 2"),
    family("hud_source_failures", G, N, "source target", "Failed reads of a source since its last good one.", "hud", "law 2"),
    family("hud_prometheus_targets", G, N, "kind", "Targets that are read through a Prometheus, by the kind of source that they are.", "prometheus", "external D"),
)
