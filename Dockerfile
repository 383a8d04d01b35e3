FROM python:3.12-slim-bookworm AS build
# otel for traces, apprise for its sinks: docker build --build-arg EXTRAS=otel
ARG EXTRAS=
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY hookrouter ./hookrouter
COPY workers ./workers
RUN python -m venv /opt/hookrouter && /opt/hookrouter/bin/pip install --no-cache-dir ".${EXTRAS:+[$EXTRAS]}"

FROM python:3.12-slim-bookworm
RUN groupadd --gid 10001 hookrouter \
    && useradd --uid 10001 --gid hookrouter --no-create-home --home-dir /var/lib/hookrouter hookrouter \
    && install --directory --owner hookrouter --group hookrouter --mode 0700 /var/lib/hookrouter
COPY --from=build /opt/hookrouter /opt/hookrouter
ENV PATH=/opt/hookrouter/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOOKROUTER_CONFIG=/etc/hookrouter/hookrouter.yaml \
    HOOKROUTER_DATA_DIR=/var/lib/hookrouter
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["hookrouter"]
CMD ["serve"]
