"""What an error of TLS means: whom we do not trust, who does not trust us, and who speaks something else."""

from __future__ import annotations

from collectors.core.redact import redact
from model.sources import CollectError, ErrorKind

_ASKS_WHO = ("ALERT", "PEER_DID_NOT_RETURN")
_ABOUT_US = ("CERTIFICATE", "UNKNOWN_CA", "UNKNOWN CA", "ACCESS_DENIED", "ACCESS DENIED")
_SOMETHING_ELSE = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH", "HTTP_REQUEST")


def failed_encryption(said: str) -> CollectError:
    """The error for OpenSSL's words. An alert is the other side's: what it says of certificates is about ours."""
    words, upper = redact(said), said.upper()
    if any(sign in upper for sign in _ASKS_WHO) and any(sign in upper for sign in _ABOUT_US):
        return CollectError(ErrorKind.UNAUTHENTICATED, f"it does not take our certificate, or wants one: {words}")
    if "CERTIFICATE" in upper:
        return CollectError(ErrorKind.REFUSED, f"its certificate is not trusted: {words}")
    if any(sign in upper for sign in _SOMETHING_ELSE):
        return CollectError(ErrorKind.WRONG_PROTOCOL, f"does not speak TLS: {words}")
    return CollectError(ErrorKind.WRONG_PROTOCOL, f"no encrypted connection: {words}")
