"""What the writer does: intake, chunks, retention, backfill."""
