"""What is wrong with values is said in one line that tells where and what to do."""

from __future__ import annotations

import pytest
from chart_support import CHART, Helm, values_of

BY_THE_SCHEMA = {
    "a misspelt value": ("web.replica=3", "'/web': additional properties 'replica' not allowed"),
    "a misspelt section": ("workers.replicas=3", "additional properties 'workers' not allowed"),
    "a number that is a text": ("web.replicas=many", "'/web/replicas': got string, want integer"),
    "fewer workers than one": ("worker.keda.minReplicas=0", "'/worker/keda/minReplicas': minimum: got 0, want 1"),
    "more partitions than there may be": ("partitions=1000", "'/partitions': maximum: got 1,000, want 256"),
    "no way to reload": ("configReload=warm", "'/configReload': value must be one of 'hot', 'restart'"),
    "a spool of no kind": (
        "web.spool.type=hostPath",
        "'/web/spool/type': value must be one of 'persistentVolumeClaim'",
    ),
    "a digest that is none": ("image.digest=latest", "'/image/digest': 'latest' does not match pattern"),
    "a URL of another kind": ("redis.url=http://redis", "'/redis/url': 'http://redis' does not match pattern"),
    "a host that is an address": (
        "ingress.hosts[0]=https://x",
        "'/ingress/hosts/0': 'https://x' does not match pattern",
    ),
    "a variable that the chart sets": (
        "environment.HOOKROUTER_REDIS_URL=x",
        "invalid propertyName 'HOOKROUTER_REDIS_URL'",
    ),
    "an operator's token that can be guessed": (
        "secrets.values.HOOKROUTER_ADMIN_TOKEN=admin",
        "'/secrets/values/HOOKROUTER_ADMIN_TOKEN': minLength: got 5, want 16",
    ),
    "too little time to end": (
        "worker.terminationGracePeriodSeconds=10",
        "'/worker/terminationGracePeriodSeconds': minimum: got 10, want 30",
    ),
    "a misspelt value of the trial's Valkey": (
        "valkey.enabled=true,valkey.size=1Gi",
        "additional properties 'size' not allowed",
    ),
}
TOGETHER = {
    "no configuration": ("config=", "config: give the text of hookrouter.yaml"),
    "two configurations": ("existingConfigMap=ours", "existingConfigMap: it and config exclude each other"),
    "a restart that nobody would notice": (
        "config=,existingConfigMap=ours,configReload=restart",
        "configReload: the chart does not see when existingConfigMap changes",
    ),
    "two monitors": (
        "metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=true",
        "metrics: podMonitor and serviceMonitor would scrape each pod twice",
    ),
    "no Redis": ("redis.existingSecret=", "redis: name the Secret that holds the URL of your Redis"),
    "two Redis": (
        "redis.url=redis://x",
        "redis: redis.existingSecret, redis.url and valkey.enabled exclude each other",
    ),
    "a Redis and the trial's Valkey": ("valkey.enabled=true", "exclude each other: keep one"),
    "two authorities": ("redis.ca.existingSecret=a,redis.ca.existingConfigMap=b", "redis.ca: existingSecret and"),
    "two sources of secrets": ("secrets.values.A=b", "secrets: existing and values exclude each other"),
    "files of no key": ("secrets.mount=files", "secrets.keys: with mount=files, list the keys"),
    "a claim without a name": (
        "web.spool.type=existingClaim",
        "web.spool.existingClaim: name the PersistentVolumeClaim",
    ),
    "two receivers on one claim": (
        "web.spool.type=existingClaim,web.spool.existingClaim=ours",
        "web.spool: one claim is for one receiver",
    ),
    "more pods on one claim": (
        "web.spool.type=existingClaim,web.spool.existingClaim=ours,web.replicas=1,web.autoscaling.enabled=true",
        "web.spool: one claim is for one receiver",
    ),
    "too little time after the moment of grace": (
        "web.preStopSeconds=60",
        "terminationGracePeriodSeconds: give at least 85",
    ),
    "two autoscalers": (
        "worker.keda.enabled=true,worker.autoscaling.enabled=true",
        "worker: autoscaling (an HPA by CPU)",
    ),
    "a range upside down": (
        "web.autoscaling.enabled=true,web.autoscaling.minReplicas=9",
        "web.autoscaling: minReplicas is",
    ),
    "a Prometheus that is nowhere": (
        "worker.keda.enabled=true,worker.keda.source=prometheus",
        "worker.keda.serverAddress:",
    ),
    "a route by no Gateway": ("httpRoute.enabled=true", "httpRoute.parentRefs: name the Gateway"),
    "a route without a name": (
        "httpRoute.enabled=true,httpRoute.parentRefs[0].name=x",
        "httpRoute.hostnames: give the name",
    ),
    "an Ingress without a name": ("ingress.enabled=true", "ingress.hosts: give the name under which the CRM"),
    "a console without a name": ("console.ingress.enabled=true", "console.ingress.hosts: give the name"),
}


@pytest.mark.parametrize(("value", "said"), BY_THE_SCHEMA.values(), ids=BY_THE_SCHEMA.keys())
def test_the_schema_of_the_values_refuses(helm: Helm, value: str, said: str) -> None:
    answer = helm("template", "crm", str(CHART), "-f", values_of("minimal"), "--set", value)

    assert answer.returncode == 1
    assert [line for line in answer.stderr.splitlines() if said in line], answer.stderr


@pytest.mark.parametrize(("value", "said"), TOGETHER.values(), ids=TOGETHER.keys())
def test_what_does_not_go_together_is_refused(helm: Helm, value: str, said: str) -> None:
    answer = helm("template", "crm", str(CHART), "-f", values_of("minimal"), "--set", value)

    assert answer.returncode == 1
    assert said in answer.stderr
    assert len(answer.stderr.strip().splitlines()) <= 3, answer.stderr
