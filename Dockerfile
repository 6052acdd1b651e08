# syntax=docker/dockerfile:1
# One image for every kind of process; the command decides which. docker-compose.yml shows them together.

# ---------------------------------------------------------------------------- the console, the widget, the loader
FROM node:24-slim AS frontend
WORKDIR /src/web/frontend
COPY web/frontend/package.json web/frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY web/frontend/ ./
RUN npm run build

# ---------------------------------------------------------------------------- Python and its packages
FROM python:3.11-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Torch for processors only: the usual build brings gigabytes for graphics cards.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /srv/parley
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt ./
RUN pip install --no-deps --extra-index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.txt)" \
 && pip install "$(grep '^setuptools==' requirements.txt)"
COPY pyproject.toml README.md LICENSE celeryconfig.py ./
COPY models/ models/
COPY workers/ workers/
COPY cli/ cli/
COPY web/ web/
# The pins bind what is installed; tools for tests stay out.
RUN pip install --constraint requirements.txt --no-build-isolation --editable ".[s3]"

# ---------------------------------------------------------------------------- what runs
FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home parley \
 && install --directory --owner=parley --mode=700 /var/lib/parley/media
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PARLEY_HOST=0.0.0.0 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /srv/parley /srv/parley
COPY --from=frontend /src/web/static/dist /srv/parley/web/static/dist
WORKDIR /srv/parley
USER parley
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "-m", "web"]
