# syntax=docker/dockerfile:1
#
#   docker build -t sanbao .
#   docker run --init -p 8000:8000 -v sanbao:/data sanbao
#
# Without DATABASE_URL it runs a PostgreSQL of its own in /data; with it, any number of containers
# share one server, and /data holds keys alone. The base must have glibc: the embedded PostgreSQL
# does not run on Alpine. One container at a time may have a volume with a PostgreSQL in it.
#
# It writes to /data and /tmp only, and needs no privileges:
#
#   docker run --init --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#       -p 8000:8000 -v sanbao:/data \
#       -v /run/secrets:/run/secrets:ro -e SANBAO_KEY_PEPPER_FILE=/run/secrets/pepper sanbao
#
# No secret is in a layer: none is an argument or a file of the build, and .dockerignore lets in
# nothing but what is copied below. The base is named by its tag; whoever builds for production
# pins it by digest (`docker buildx imagetools inspect python:3.12-slim-bookworm`) and builds anew
# when it moves: a digest that nobody renews is a base without fixes.

FROM python:3.12-slim-bookworm AS build

ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PROJECT_ENVIRONMENT=/opt/sanbao \
    UV_PYTHON_DOWNLOADS=never

# The major and minor that wrote uv.lock.
RUN pip install --no-cache-dir "uv==0.13.*"

WORKDIR /src

# What others wrote changes seldom: a layer of its own.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --no-install-project

COPY README.md ./
COPY app ./app
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --no-editable


FROM python:3.12-slim-bookworm

# A fixed id, so that volumes keep their owner; with a name, which initdb asks for.
RUN groupadd --gid 10001 sanbao \
    && useradd --uid 10001 --gid sanbao --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin sanbao \
    && install --directory --owner=sanbao --group=sanbao --mode=0711 /data

COPY --from=build /opt/sanbao /opt/sanbao

ENV PATH=/opt/sanbao/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SANBAO_DATA_DIR=/data

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]

CMD ["sanbao", "serve", "--host", "0.0.0.0"]
