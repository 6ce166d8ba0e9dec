"""View pattern detail: page and text."""
