"""Sign-in: who is asking, proved by an OpenID provider, a bearer token or a proxy in front, and what they may do."""
