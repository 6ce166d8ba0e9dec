"""Everything that is said of a kind of source, in one record."""

from __future__ import annotations

from dataclasses import dataclass

from model.addresses import AddressSetting
from model.catalogue.family import MetricFamily

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One kind of source.

    `name` is its key everywhere: in `[sources.<name>]`, in a source's key `<name>@host:port`, in the store. `title`
    heads its families in docs/metrics.md. `subject` and `unseen` make the sentence of one that is lost: "<subject>
    cannot be reached: <unseen> not seen". `label` is what the top bar and the list of sources call it; '' for its name.

    `collectors` is `module:function` of a function (settings, stored events) -> collectors; it is imported only where
    one of the `addresses` is set. The first of these names the source.
    """

    name: str
    title: str
    subject: str
    unseen: str
    collectors: str
    addresses: tuple[AddressSetting, ...]
    interval_seconds: float
    timeout_seconds: float
    families: tuple[MetricFamily, ...] = ()
    max_bytes: int = 32 * MIB
    label: str = ""
    exposition: bool = False
    """One answer reports all that it counts, by names that `[aliases.metrics]` can map: a series that such an answer
    lacked had counted nothing yet. The others are read in several calls, of which one may fail alone."""
    grpc: bool = False
    """A target that says no scheme is asked by gRPC."""
    over_several_reads: bool = False
    """It is asked a part of its questions at a time: one read cannot show all that it reports."""
    is_what_it_offers: bool = False
    """Whoever answers at its address without what is asked for is somebody else, not one that lacks it."""
    asked: str = ""
    """How a source of this kind is asked, in the words of its own interface."""
    server: str = ""
    """What it is called where it is the server of a backend, which reports the families of `servers` too."""

    @property
    def key_setting(self) -> str:
        """The setting that holds a key for it; '' for one that is identified by `[sources.<name>]` only."""
        return next((one.key_setting for one in self.addresses if one.key_setting), "")

    @property
    def setting(self) -> str:
        """The environment's name of the setting that names it."""
        return self.addresses[0].variable

    @property
    def shown(self) -> str:
        """What the screen calls it."""
        return self.label or self.name
