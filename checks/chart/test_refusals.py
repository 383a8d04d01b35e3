"""What is wrong with values is said in one line that tells where and what to do."""

from __future__ import annotations

import re

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
    "an operator's token that can be guessed": (
        "secrets.values.HOOKROUTER_ADMIN_TOKEN=admin",
        "'/secrets/values/HOOKROUTER_ADMIN_TOKEN': minLength: got 5, want 16",
    ),
    "a limit that is no number": (
        "web.resources.limits.cpu=abc",
        "'/web/resources/limits/cpu': 'abc' does not match pattern",
    ),
    "a resource of no kind": ("worker.resources.limit.cpu=1", "'/worker/resources': additional properties 'limit' not"),
    "too little time to end": (
        "worker.terminationGracePeriodSeconds=10",
        "'/worker/terminationGracePeriodSeconds': minimum: got 10, want 30",
    ),
    "a value that is taken away": ("service.port=null", "'/service': missing property 'port'"),
    "a part that is taken away": ("worker.keda=null", "'/worker': missing property 'keda'"),
    "a tag that is none": ("image.tag=a b", "'/image/tag': 'a b' does not match pattern"),
    "a tag in the place of a name": ("image.repository=ours:1", "'/image/repository': 'ours:1' does not match pattern"),
    "a label that Kubernetes refuses": ("podLabels.team=a b", "'/podLabels/team': 'a b' does not match pattern"),
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
    "a configuration that is no YAML": ("config=not: [valid", "config: this is no YAML of keys and values ("),
    "a file of it that is no YAML": (
        r"configFiles.sales\.yaml=routes: sinks: x",
        "configFiles.sales.yaml: this is no YAML of keys and values (",
    ),
    "a variable that has a value of its own": (
        "environment.HOOKROUTER_PARTITIONS=8",
        "environment.HOOKROUTER_PARTITIONS: the chart has a value of its own for it: set partitions",
    ),
    "a secret that has a value of its own": (
        "secrets.existing=,secrets.values.HOOKROUTER_REDIS_URL=redis://x",
        "secrets.values.HOOKROUTER_REDIS_URL: the chart has a value of its own for it: set redis.existingSecret",
    ),
    "a variable that is no text": ("environment.A=8", "environment.A: a variable is a text: put it in quotes"),
    "a token of pushes that can be guessed": (
        "secrets.existing=,secrets.values.CRM_PUSH_TOKEN=x",
        "secrets.values.CRM_PUSH_TOKEN: it is a token of the source crm: give 16 to 256 letters",
    ),
    "one token for those who read and those who steer": (
        (
            "secrets.existing=,secrets.values.HOOKROUTER_ADMIN_TOKEN=of-a-trial-01234,"
            "secrets.values.HOOKROUTER_READ_TOKEN=of-a-trial-01234"
        ),
        "secrets.values.HOOKROUTER_READ_TOKEN: it is the admin token",
    ),
    "a volume that the spool does not fit on": (
        "web.spool.size=600M",
        "web.spool.size: give at least 768Mi: receiver.max_spool (512MiB), and room",
    ),
    "a spool that does not fit on the volume": (
        "config=receiver: {max_spool: 4GiB}",
        "web.spool.size: give at least 4352Mi: receiver.max_spool (4GiB), and room",
    ),
    "a label by which pods are found": (
        r"web.podLabels.app\.kubernetes\.io/component=ours",
        "web.podLabels: app.kubernetes.io/component is the chart's own",
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
    "an authority where no TLS is spoken": (
        "redis.existingSecret=,redis.url=redis://x,redis.ca.existingSecret=a",
        "redis.ca: it is for a Redis that speaks TLS",
    ),
    "a secret that a variable hides": (
        "secrets.existing=,secrets.values.A=b,environment.A=c",
        "secrets.values.A: environment says it, too",
    ),
    "a variable that is set already": (
        "worker.extraEnv[0].name=HOOKROUTER_LOG_LEVEL",
        "worker.extraEnv: HOOKROUTER_LOG_LEVEL is set already",
    ),
    "a second address of Redis": ("extraEnv[0].name=REDIS_URL", "extraEnv: REDIS_URL is set already"),
    "volumes that an autoscaler deletes": (
        "web.spool.whenScaled=Delete,web.autoscaling.enabled=true",
        "web.spool.whenScaled: an autoscaler would delete volumes",
    ),
    "an autoscaler that counts by nothing": (
        "web.autoscaling.enabled=true,web.autoscaling.targetCPUUtilizationPercentage=null",
        "web.autoscaling: say by what",
    ),
    "a share of nothing": (
        (
            "worker.autoscaling.enabled=true,worker.autoscaling.targetMemoryUtilizationPercentage=80,"
            "worker.resources.requests.memory=null,worker.resources.limits=null"
        ),
        "worker.resources.requests.memory: the autoscaler counts by what is requested",
    ),
    "more to fall back upon than there may be": (
        "worker.keda.enabled=true,worker.keda.fallback.replicas=9",
        "worker.keda.fallback.replicas: give a number from minReplicas to maxReplicas",
    ),
    "a Prometheus that does not know the release": (
        "worker.keda.enabled=true,worker.keda.source=prometheus,worker.keda.serverAddress=http://x",
        "worker.keda.query: say what to ask for, or enable metrics.podMonitor",
    ),
}
WOULD_DO_NOTHING = {
    "secrets.keys": "secrets.keys[0]=A",
    "secrets.keys of values": "secrets.existing=,secrets.values.A=b,secrets.mount=files,secrets.keys[0]=A",
    "secrets.keys of nothing": "secrets.existing=,secrets.mount=files,secrets.keys[0]=A",
    "redis.existingSecretKey": "redis.existingSecret=,redis.url=redis://x,redis.existingSecretKey=address",
    "redis.ca.key": "redis.ca.key=authority.pem",
    "redis.durability": "redis.existingSecret=,valkey.enabled=true,redis.durability=fsync",
    "networkPolicy.redisPeers": "redis.existingSecret=,valkey.enabled=true,networkPolicy.enabled=true,"
    "networkPolicy.redisPeers[0].podSelector.matchLabels.app=redis",
    "networkPolicy.kedaPeers": "networkPolicy.enabled=true,networkPolicy.kedaPeers[0].podSelector.matchLabels.app=keda",
    "serviceAccount.annotations": "serviceAccount.create=false,serviceAccount.annotations.a=b",
    "web.spool.existingClaim": "web.spool.existingClaim=ours",
    "web.spool.size": "web.spool.type=existingClaim,web.spool.existingClaim=ours,web.replicas=1,web.spool.size=9Gi",
    "web.spool.storageClass": "web.spool.type=emptyDir,web.spool.storageClass=fast",
    "web.spool.whenScaled": "web.spool.type=emptyDir,web.spool.whenScaled=Delete",
    "web.replicas": "web.autoscaling.enabled=true,web.replicas=3",
    "worker.replicas": "worker.keda.enabled=true,worker.replicas=3",
    "worker.keda.serverAddress": "worker.keda.enabled=true,worker.keda.serverAddress=http://x",
    "worker.keda.query": "worker.keda.enabled=true,worker.keda.query=max(x)",
    "worker.keda.authenticationRef": "worker.keda.enabled=true,worker.keda.authenticationRef.name=x",
    "service.nodePort": "service.nodePort=30080",
    "service.externalTrafficPolicy": "service.externalTrafficPolicy=Local",
    "service.loadBalancerSourceRanges": "service.type=NodePort,service.loadBalancerSourceRanges[0]=192.0.2.0/24",
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


@pytest.mark.parametrize("release", ["1st", "crm.leads"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("fullnameOverride=", "fullnameOverride: no Service may be called {}-hookrouter: give a name"),
        ("fullnameOverride=ours,redis.existingSecret=,valkey.enabled=true", "no Service may be called {}-valkey: give"),
    ],
)
def test_a_release_whose_services_kubernetes_would_refuse(helm: Helm, release: str, value: str, said: str) -> None:
    answer = helm("template", release, str(CHART), "-f", values_of("minimal"), "--set", value)

    assert answer.returncode == 1
    assert said.format(release) in answer.stderr


@pytest.mark.parametrize(("named", "value"), WOULD_DO_NOTHING.items(), ids=WOULD_DO_NOTHING.keys())
def test_what_would_do_nothing_is_refused(helm: Helm, named: str, value: str) -> None:
    answer = helm("template", "crm", str(CHART), "-f", values_of("minimal"), "--set", value)

    path, *_ = named.split()
    assert answer.returncode == 1
    assert re.search(rf"\b{re.escape(path)}: it would do nothing, for .+: .+", answer.stderr), answer.stderr
    assert len(answer.stderr.strip().splitlines()) <= 3, answer.stderr
