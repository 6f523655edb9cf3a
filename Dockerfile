# docker build -t promotion-scoring . && docker run -p 8000:8000 -v promotion-data:/data promotion-scoring
FROM python:3.11-slim-bookworm AS build

# Everything that is installed is pinned by its hash, the tool that builds the package included.
# docker/lock.sh writes the lock files again.
COPY docker/requirements.lock docker/build.lock /build/docker/
RUN python -m venv --without-pip /opt/promotion \
 && pip --python /opt/promotion/bin/python install --no-cache-dir --require-hashes -r /build/docker/requirements.lock \
 && pip install --no-cache-dir --require-hashes -r /build/docker/build.lock

COPY pyproject.toml README.md /build/
COPY app /build/app
RUN pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /build/wheels /build \
 && pip --python /opt/promotion/bin/python install --no-cache-dir --no-deps --no-index /build/wheels/*.whl


FROM python:3.11-slim-bookworm

# A fixed number, so that a volume's files keep their owner and an orchestrator can check that it is not root.
RUN groupadd --system --gid 10001 promotion \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin promotion \
 && install --directory --owner=10001 --group=10001 --mode=0750 /data

COPY --from=build /opt/promotion /opt/promotion

# The bytecode is in the image already, and the root file system may be read-only. What glibc would keep of a large
# body's memory for the next one goes back to the system.
ENV PATH=/opt/promotion/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    PROMOTION_DATA_DIR=/data

USER 10001:10001
VOLUME /data
EXPOSE 8000

# http.client and not urlopen: a proxy in the environment must not answer for the service.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]

# On SIGTERM the requests in flight are answered and a running training has its grace. What takes longer than 55 seconds,
# such as an upload that stands still, is given up. Let whatever stops the container wait for 60.
CMD ["promotion-scoring", "serve", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "55"]
