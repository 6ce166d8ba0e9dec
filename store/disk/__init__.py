"""Bytes on disk: the pickle-free diskcache, chunks, tables, the manifest."""
