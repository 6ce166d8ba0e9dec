"""How a pattern is, by gRPC: Prism's own service first, then grpc.health.v1 (contracts 5.1 to 5.3)."""

from __future__ import annotations

import grpc

from collectors.core.grpc_calls import CallError
from collectors.core.redact import redact
from collectors.patterns.health_calls import LIFECYCLE, STANDARD, Health, HealthCalls
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind

DRIVER_NAMES = {"postgresql": "postgres", "postgres": "postgresql", "in-memory": "memstore", "memory": "memstore"}
"""What else a driver may be called in grpc.health.v1 than its pattern is called here."""
_REFUSALS = (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED)


class GrpcHealth:
    """One pattern at `host:port`, or one service of `host:port/service`."""

    def __init__(self, name: str, target: str, options: SourceOptions, aliases: Aliases) -> None:
        self._name = name
        address, slash, service = target.partition("/")
        self._calls = HealthCalls(address, options.timeout_seconds, options)
        self._only = service if slash else None
        self._names = aliases.of_service(LIFECYCLE)
        self._lifecycle: tuple[str, ...] = self._names

    def ask(self) -> Health:
        """One read. Raises CollectError."""
        self._calls.begin()
        try:
            return self._first_answer()
        except CollectError:
            self._lifecycle = self._names  # whoever comes back may be another build
            raise

    def close(self) -> None:
        """Close the connection."""
        self._calls.close()

    def _first_answer(self) -> Health:
        """Lifecycle first: it knows DEGRADED. Then the standard service by driver name, then as a whole."""
        if self._only is not None:
            return self._named(self._only)
        refusal: CallError | None = None
        if self._lifecycle:
            try:
                health = self._calls.lifecycle(self._lifecycle)
                self._lifecycle = (health.service,)
                return health
            except CallError as error:
                if error.code is grpc.StatusCode.UNIMPLEMENTED:
                    self._lifecycle = ()
                elif error.code in _REFUSALS:
                    refusal = error
                else:
                    raise
        return self._standard(refusal)

    def _standard(self, refusal: CallError | None) -> Health:
        """What the standard service says; `refusal` is how Lifecycle refused, None where there is no Lifecycle.

        Prism's own drivers, whose server as a whole is always SERVING, refuse nobody: of a server that does, the whole
        is believed.
        """
        names = [self._name, DRIVER_NAMES.get(self._name.lower(), "")]
        for service in dict.fromkeys([*names, ""]):
            try:
                return self._calls.standard(service, believed=refusal is not None)
            except CallError as error:
                if error.code is grpc.StatusCode.NOT_FOUND:
                    continue
                if refusal is not None:
                    raise refusal from None
                if error.code is grpc.StatusCode.UNIMPLEMENTED:
                    raise CollectError(ErrorKind.NOT_OFFERED, "offers no health service") from None
                raise
        raise refusal or CollectError(ErrorKind.NOT_OFFERED, "its health service does not know this pattern")

    def _named(self, service: str) -> Health:
        """The one service that the settings name, and no other."""
        try:
            return self._calls.standard(service, believed=True)
        except CallError as error:
            if error.code is grpc.StatusCode.UNIMPLEMENTED:
                raise CollectError(ErrorKind.NOT_OFFERED, f"offers no {STANDARD}") from None
            if error.code is grpc.StatusCode.NOT_FOUND:
                raise CollectError(ErrorKind.NOT_OFFERED, f"its health service knows no {redact(service)!r}") from None
            raise
