# The dashboard with its collector (the default command), or any one of its processes: see deploy/full-stack.yml.
# No digest is known for a machine that fetches nothing; pin yours with --build-arg BASE=python:3.13-slim-bookworm@sha256:…
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
COPY requirements.lock /build/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements.lock

FROM ${BASE}
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/prism-hud
COPY aggregators aggregators
COPY assets assets
COPY collectors collectors
COPY components components
COPY model model
COPY pages pages
COPY proto proto
COPY simulator simulator
COPY store store
COPY web web
COPY app.py gunicorn.conf.py pyproject.toml ./
RUN python -OO -m compileall -q . /opt/venv/lib \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin hud \
    && install -d -o hud -g hud -m 0700 /var/lib/prism-hud
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HUD_HOST=0.0.0.0 \
    HUD_PORT=8095 \
    HUD_CACHE_DIR=/var/lib/prism-hud
USER 10001:10001
VOLUME /var/lib/prism-hud
EXPOSE 8095
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['HUD_PORT']}/healthz\", timeout=2)"]
CMD ["python", "-OO", "app.py"]
