# The modern half of the house: pages, Telegram, reading, actions. Rasa has its own image (nlu_data/Dockerfile).
#   docker compose build

# --- front-end parts ---
FROM node:22-bookworm-slim AS front
WORKDIR /build
COPY package.json package-lock.json front.mjs ./
RUN npm ci --ignore-scripts --no-audit --no-fund && node front.mjs

# --- Python packages, checked by hash ---
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements/run.txt ./
RUN python -m venv /opt/briefbrug \
    && /opt/briefbrug/bin/pip install --no-cache-dir --require-hashes --no-deps -r run.txt

# --- what runs ---
FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Briefbrug" org.opencontainers.image.licenses="EUPL-1.2"
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-nld espeak-ng \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 briefbrug \
    && useradd --uid 10001 --gid briefbrug --no-create-home --home-dir /data --shell /usr/sbin/nologin briefbrug \
    && install -d -o briefbrug -g briefbrug -m 0700 /data /backups
WORKDIR /app
COPY --from=packages /opt/briefbrug /opt/briefbrug
COPY LICENSE README.md CHANGELOG.md SECURITY.md publiccode.yml ./
COPY docs docs
COPY briefbrug briefbrug
COPY ocr ocr
COPY actions actions
COPY bot bot
COPY inbox inbox
COPY samples samples
COPY --from=front /build/bot/static/vendor bot/static/vendor
COPY --from=front /build/inbox/static/vendor inbox/static/vendor
ENV PATH=/opt/briefbrug/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_THREAD_LIMIT=1 \
    BRIEFBRUG_DATA=/data
USER 10001:10001
VOLUME ["/data", "/backups"]
EXPOSE 8080
ENTRYPOINT ["python", "-m", "briefbrug"]
CMD ["web"]
