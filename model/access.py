"""How a source is reached: encryption, identity, redirects and proxies. Nothing here is ever shown or logged."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class Access(BaseModel):
    """The same words for every kind of source; what a kind has no use for is refused where it is read."""

    model_config = ConfigDict(extra="forbid")

    tls: bool = False
    """For gRPC, whose targets say no scheme; HTTP sources say it with https://."""
    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's."""
    cert_file: Path | None = None
    """Our own certificate (PEM), for a source that asks who we are (mTLS)."""
    key_file: Path | None = None
    """Its key; by default it stands in `cert_file` too."""
    server_name: str = ""
    """The name in the source's certificate, where it is not the one it is reached by."""
    bearer_token: SecretStr = SecretStr("")
    bearer_token_file: Path | None = None
    """Read anew for each request, since tokens are rotated."""
    username: str = ""
    password: SecretStr = Field(default=SecretStr(""))
    follow_redirects: bool = False
    """Else a redirect is an error: whoever answers for a source should be named in the settings."""
    environment_proxy: bool = True
    """HTTP_PROXY, HTTPS_PROXY and NO_PROXY are followed; this machine itself is always reached directly."""

    @field_validator("ca_file", "cert_file", "key_file", "bearer_token_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"{value} is not a file")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Access:
        if self.key_file and not self.cert_file:
            raise ValueError("key_file needs cert_file")
        if self.bearer_token.get_secret_value() and self.bearer_token_file:
            raise ValueError("bearer_token and bearer_token_file: only one of them")
        if self.username and (self.bearer_token.get_secret_value() or self.bearer_token_file):
            raise ValueError("username and a bearer token: only one of them")
        return self

    def anonymous(self) -> Access:
        """The same way there without saying who we are: for a host that something else than the settings named."""
        kept = ("ca_file", "follow_redirects", "environment_proxy")
        return Access(**{name: getattr(self, name) for name in kept})

    @property
    def token(self) -> str:
        """The bearer token as it is now; '' for none. Raises OSError when its file cannot be read."""
        if self.bearer_token_file is not None:
            return self.bearer_token_file.read_text(encoding="utf-8").strip()
        return self.bearer_token.get_secret_value()
