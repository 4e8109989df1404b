# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build

WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_CONSTRAINT=/src/constraints.txt
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
COPY licenses ./licenses
COPY bot ./bot
RUN python -m venv /opt/newsbell && /opt/newsbell/bin/pip install .

FROM python:3.13-slim-bookworm

# A fixed id, so that a mounted folder can be given to it by number.
RUN groupadd --gid 10001 newsbell \
 && useradd --uid 10001 --gid newsbell --no-create-home --home-dir /data --shell /usr/sbin/nologin newsbell \
 && install --directory --owner newsbell --group newsbell /data /etc/newsbell

COPY --from=build /opt/newsbell /opt/newsbell
COPY rules.yaml /etc/newsbell/rules.yaml

ENV PATH=/opt/newsbell/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NEWSBELL_RULES=/etc/newsbell/rules.yaml \
    NEWSBELL_DATABASE=/data/newsbell.db

# Only /data is written to, so that the root may be read-only: docker run --read-only -v newsbell:/data …
VOLUME /data
WORKDIR /data
USER 10001:10001

HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["newsbell", "health"]
ENTRYPOINT ["newsbell"]
CMD ["run"]
