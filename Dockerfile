# Tag and digest of all platforms, to be renewed together: docker buildx imagetools inspect python:3.12-slim-bookworm
ARG PYTHON=python:3.12.14-slim-bookworm@sha256:392307d22300de8b5986851a12d9176dfc0fc073e65bf6523ebd7dcbeb23564e

FROM ${PYTHON} AS build
# otel for traces, apprise for its sinks: docker build --build-arg EXTRAS=otel,apprise
ARG EXTRAS=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY locks ./locks
# The very files of the locks, each by its hash, and nothing that would have to be compiled.
RUN python -m venv --without-pip /opt/hookrouter \
    && IFS=, && for lock in hookrouter $EXTRAS; do \
        pip --python /opt/hookrouter install --require-hashes --only-binary :all: --requirement "locks/$lock.txt" || exit 1; \
    done
RUN python -m venv --without-pip /tmp/build \
    && pip --python /tmp/build install --require-hashes --only-binary :all: --requirement locks/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY hookrouter ./hookrouter
COPY workers ./workers
RUN /tmp/build/bin/python -m hatchling build --target wheel --directory /tmp/dist \
    && pip --python /opt/hookrouter install --no-index --no-deps /tmp/dist/hookrouter-*.whl \
    && pip --python /opt/hookrouter check

FROM ${PYTHON}
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="hookrouter" \
    org.opencontainers.image.description="Receives lead updates from Lead Gen & CRM and routes each to Slack, e-mail, HTTP and the CRM." \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 hookrouter \
    && useradd --uid 10001 --gid hookrouter --no-create-home --home-dir /var/lib/hookrouter --shell /usr/sbin/nologin hookrouter \
    && install --directory --owner hookrouter --group hookrouter --mode 0700 /var/lib/hookrouter
COPY --from=build /opt/hookrouter /opt/hookrouter
ENV PATH=/opt/hookrouter/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOOKROUTER_CONFIG=/etc/hookrouter/hookrouter.yaml \
    HOOKROUTER_DATA_DIR=/var/lib/hookrouter \
    HOOKROUTER_METRICS_PORT=9090
USER 10001:10001
# The receiver's port, and where a worker or scheduler answers probes and /metrics.
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# One for all commands: it asks whichever of the two ports is listened to.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "hookrouter.supervise.probe"]
ENTRYPOINT ["hookrouter"]
CMD ["serve"]
