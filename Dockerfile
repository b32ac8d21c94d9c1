# The service in one image: the page is built with Node, the packages with pip, and neither tool is in the result.
# Python 3.11 on Debian 12, as the tests run; docs/setup.md says on which other systems and versions the service was tried.
FROM node:24-bookworm-slim AS page
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/yefang \
    && /opt/yefang/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/yefang --create-home yefang
WORKDIR /srv/yefang
COPY --from=packages /opt/yefang /opt/yefang
COPY alembic.ini pyproject.toml ./
COPY migrations ./migrations
COPY app ./app
COPY mobile_api_spec ./mobile_api_spec
RUN install --directory --owner=yefang var/photos var/keys
COPY --from=page /src/app/console/static ./app/console/static
COPY --from=page /src/app/phone/static ./app/phone/static
ENV PATH=/opt/yefang/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    YEFANG_HOST=0.0.0.0 \
    YEFANG_PORT=8000 \
    YEFANG_VAPID_KEY=/srv/yefang/var/keys/vapid.pem
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
