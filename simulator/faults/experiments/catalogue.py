"""Every fault experiment, by its id."""

from __future__ import annotations

from simulator.faults.experiments.around import AROUND, two_at_once
from simulator.faults.experiments.experiment import Experiment
from simulator.faults.experiments.serving import SERVING

_SINGLE = {one.id: one for one in (*SERVING, *AROUND)}
EXPERIMENTS: dict[str, Experiment] = {**_SINGLE, **{one.id: one for one in two_at_once(_SINGLE)}}
