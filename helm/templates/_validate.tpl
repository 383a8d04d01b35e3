{{/* What the values' schema cannot tell: values that do not go together, or cannot work. Each line says which, and what to do. */}}
{{- define "hookrouter.validate" -}}
{{- range list "names" "configuration" "environment" "redis" "secrets" "tokens" "spool" "scaling" "watching" "doors" "idle" -}}
{{- include (printf "hookrouter.validate.%s" .) $ -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.names" -}}
{{- $v := .Values -}}
{{- $name := include "hookrouter.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
{{- fail (printf "fullnameOverride: no Service may be called %s: give a name of small letters, digits and -, which begins with a letter" $name) -}}
{{- end -}}
{{- if and $v.valkey.enabled (not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .Release.Name)) -}}
{{- fail (printf "valkey.enabled: no Service may be called %s-valkey: give the release a name that begins with a letter and has no dot" .Release.Name) -}}
{{- end -}}
{{- $own := list "helm.sh/chart" "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/version"
    "app.kubernetes.io/managed-by" "app.kubernetes.io/component" "hookrouter/scraped" -}}
{{- $asked := dict "commonLabels" $v.commonLabels "podLabels" $v.podLabels "web.podLabels" $v.web.podLabels "worker.podLabels" $v.worker.podLabels
    "scheduler.podLabels" $v.scheduler.podLabels "service.labels" $v.service.labels "ingress.labels" $v.ingress.labels
    "httpRoute.labels" $v.httpRoute.labels "console.ingress.labels" $v.console.ingress.labels "console.httpRoute.labels" $v.console.httpRoute.labels
    "metrics.podMonitor.labels" $v.metrics.podMonitor.labels "metrics.serviceMonitor.labels" $v.metrics.serviceMonitor.labels
    "metrics.alerts.labels" $v.metrics.alerts.labels "metrics.dashboard.labels" $v.metrics.dashboard.labels -}}
{{- range $path, $labels := $asked -}}
{{- range $label, $_ := $labels -}}
{{- if has $label $own -}}
{{- fail (printf "%s: %s is the chart's own, by which pods are found: leave it out" $path $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.configuration" -}}
{{- $v := .Values -}}
{{- if and (not $v.config) (not $v.existingConfigMap) -}}
{{- fail "config: give the text of hookrouter.yaml, e.g. --set-file config=hookrouter.yaml, or name a ConfigMap that has it in existingConfigMap" -}}
{{- end -}}
{{- if and (or $v.config $v.configFiles) $v.existingConfigMap -}}
{{- fail "existingConfigMap: it and config exclude each other: keep one" -}}
{{- end -}}
{{- if and $v.existingConfigMap (eq $v.configReload "restart") -}}
{{- fail "configReload: the chart does not see when existingConfigMap changes, so it cannot restart then: set configReload=hot" -}}
{{- end -}}
{{- range $name, $text := merge (dict "config" (default "" $v.config)) (default dict $v.configFiles) -}}
{{- with ternary (get (fromYaml $text) "Error") "" (or (eq $name "config") (hasSuffix ".yaml" $name)) -}}
{{- fail (printf "%s: this is no YAML of keys and values (%v): `hookrouter check FILE` shows where" (ternary $name (printf "configFiles.%s" $name) (eq $name "config")) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.environment" -}}
{{- $own := dict "HOOKROUTER_REDIS_URL" "redis.existingSecret" "HOOKROUTER_REDIS_URL_FILE" "redis.existingSecret" "REDIS_URL" "redis.existingSecret"
    "HOOKROUTER_REDIS_CA" "redis.ca" "HOOKROUTER_REDIS_DURABILITY" "redis.durability" "HOOKROUTER_KEY_PREFIX" "redis.keyPrefix"
    "HOOKROUTER_PARTITIONS" "partitions" "HOOKROUTER_WORKER_CONCURRENCY" "worker.concurrency" "WEB_CONCURRENCY" "web.processes"
    "HOOKROUTER_CONFIG" "config" "HOOKROUTER_LOG_LEVEL" "logLevel" "HOOKROUTER_LOG_FORMAT" "logFormat"
    "HOOKROUTER_METRICS_PORT" "metrics.port" "HOOKROUTER_ADMIN_TOKEN" "secrets.existing" "HOOKROUTER_READ_TOKEN" "secrets.existing"
    "HOOKROUTER_DATA_DIR" "web.spool" "PORT" "service.port" -}}
{{- range $part, $given := dict "environment" .Values.environment "secrets.values" (omit (default dict .Values.secrets.values) "HOOKROUTER_ADMIN_TOKEN" "HOOKROUTER_READ_TOKEN") -}}
{{- range $name, $value := $given -}}
{{- if hasKey $own $name -}}
{{- fail (printf "%s.%s: the chart has a value of its own for it: set %s" $part $name (get $own $name)) -}}
{{- end -}}
{{- if not (kindIs "string" $value) -}}
{{- fail (printf "%s.%s: a variable is a text: put it in quotes, or set it by --set-string" $part $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.redis" -}}
{{- $v := .Values -}}
{{- $servers := compact (list $v.redis.existingSecret $v.redis.url (ternary "valkey" "" $v.valkey.enabled)) -}}
{{- if eq (len $servers) 0 -}}
{{- fail "redis: name the Secret that holds the URL of your Redis in redis.existingSecret; for a trial set redis.url, or valkey.enabled=true" -}}
{{- end -}}
{{- if gt (len $servers) 1 -}}
{{- fail "redis: redis.existingSecret, redis.url and valkey.enabled exclude each other: keep one" -}}
{{- end -}}
{{- if and $v.redis.ca.existingSecret $v.redis.ca.existingConfigMap -}}
{{- fail "redis.ca: existingSecret and existingConfigMap exclude each other: keep one" -}}
{{- end -}}
{{- if and (or $v.redis.ca.existingSecret $v.redis.ca.existingConfigMap) (not $v.redis.existingSecret) (not (hasPrefix "rediss" $v.redis.url)) -}}
{{- fail "redis.ca: it is for a Redis that speaks TLS: begin redis.url with rediss, or leave redis.ca out" -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.secrets" -}}
{{- $v := .Values -}}
{{- if and $v.secrets.existing $v.secrets.values -}}
{{- fail "secrets: existing and values exclude each other: keep one" -}}
{{- end -}}
{{- if and (eq $v.secrets.mount "files") $v.secrets.existing (not $v.secrets.keys) -}}
{{- fail "secrets.keys: with mount=files, list the keys of the Secret that are to be files" -}}
{{- end -}}
{{- range $name, $_ := $v.environment -}}
{{- if hasKey (default dict $v.secrets.values) $name -}}
{{- fail (printf "secrets.values.%s: environment says it, too: keep one" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Tokens that hookrouter would refuse at its start, as far as the chart is given them. */}}
{{- define "hookrouter.validate.tokens" -}}
{{- $secrets := default dict .Values.secrets.values -}}
{{- with get $secrets "HOOKROUTER_READ_TOKEN" -}}
{{- if eq . (get $secrets "HOOKROUTER_ADMIN_TOKEN") -}}
{{- fail "secrets.values.HOOKROUTER_READ_TOKEN: it is the admin token, so who reads could do everything: make another" -}}
{{- end -}}
{{- end -}}
{{- $sources := get (include "hookrouter.receiver" . | fromJson) "sources" -}}
{{- range $source, $said := ternary $sources (dict) (kindIs "map" $sources) -}}
{{- $token := get (ternary $said (dict) (kindIs "map" $said)) "token" -}}
{{- range ternary $token (list $token) (kindIs "slice" $token) -}}
{{- $name := regexFind "^\\$\\{[A-Za-z0-9_]+(:-[^{}]*)?\\}$" (toString .) | regexFind "[A-Za-z0-9_]+" -}}
{{- if hasKey $secrets $name -}}
{{- $value := get $secrets $name -}}
{{- if not (regexMatch "^[A-Za-z0-9_-]{16,256}$" (ternary (trim $value) (trimSuffix "\n" $value) (eq $.Values.secrets.mount "files"))) -}}
{{- fail (printf "secrets.values.%s: it is a token of the source %s: give 16 to 256 letters, digits, - and _" $name $source) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.spool" -}}
{{- $web := .Values.web -}}
{{- if eq $web.spool.type "existingClaim" -}}
{{- if not $web.spool.existingClaim -}}
{{- fail "web.spool.existingClaim: name the PersistentVolumeClaim" -}}
{{- end -}}
{{- if or (gt (int $web.replicas) 1) $web.autoscaling.enabled -}}
{{- fail "web.spool: one claim is for one receiver: set web.replicas=1 without autoscaling, or web.spool.type=persistentVolumeClaim, which gives each its own" -}}
{{- end -}}
{{- end -}}
{{- if and (eq $web.spool.type "persistentVolumeClaim") (eq $web.spool.whenScaled "Delete") $web.autoscaling.enabled -}}
{{- fail "web.spool.whenScaled: an autoscaler would delete volumes on which pushes wait that were answered 200: leave it at Retain" -}}
{{- end -}}
{{- $most := default "512MiB" (include "hookrouter.receiver" . | fromJson).max_spool | toString -}}
{{- if and (ne $web.spool.type "existingClaim") (not .Values.existingConfigMap) (regexMatch "^[1-9][0-9]*([KMG]i)?B$" $most) -}}
{{- $bytes := include "hookrouter.bytes" (trimSuffix "B" $most) | int64 -}}
{{- /* A push takes up to a page of its file besides itself, and there are at most 50000. A pod whose emptyDir is fuller than it may be is evicted, and what is on it lost. */ -}}
{{- $least := add $bytes (min $bytes 268435456) -}}
{{- if lt (include "hookrouter.bytes" $web.spool.size | int64) $least -}}
{{- fail (printf "web.spool.size: give at least %dMi: receiver.max_spool (%s), and room for the file that it is kept in; or a smaller max_spool" (div (add $least 1048575) 1048576) $most) -}}
{{- end -}}
{{- end -}}
{{- if lt (int $web.terminationGracePeriodSeconds) (add $web.preStopSeconds 25) -}}
{{- fail (printf "web.terminationGracePeriodSeconds: give at least %d: preStopSeconds, and 25 in which requests under way end" (add $web.preStopSeconds 25)) -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.scaling" -}}
{{- $v := .Values -}}
{{- if and $v.worker.autoscaling.enabled $v.worker.keda.enabled -}}
{{- fail "worker: autoscaling (an HPA by CPU) and keda (by what waits) exclude each other: keep one" -}}
{{- end -}}
{{- range $name, $range := dict "web.autoscaling" $v.web.autoscaling "worker.autoscaling" $v.worker.autoscaling "worker.keda" $v.worker.keda -}}
{{- if and $range.enabled (gt (int $range.minReplicas) (int $range.maxReplicas)) -}}
{{- fail (printf "%s: minReplicas is greater than maxReplicas" $name) -}}
{{- end -}}
{{- end -}}
{{- range $role, $values := dict "web" $v.web "worker" $v.worker -}}
{{- if $values.autoscaling.enabled -}}
{{- $targets := dict "cpu" $values.autoscaling.targetCPUUtilizationPercentage "memory" $values.autoscaling.targetMemoryUtilizationPercentage -}}
{{- if not (or $targets.cpu $targets.memory $values.autoscaling.metrics) -}}
{{- fail (printf "%s.autoscaling: say by what: targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics" $role) -}}
{{- end -}}
{{- range $what, $target := $targets -}}
{{- if and $target (not (dig "requests" $what "" (default dict $values.resources))) (not (dig "limits" $what "" (default dict $values.resources))) -}}
{{- fail (printf "%s.resources.requests.%s: the autoscaler counts by what is requested: give it, or set the target to null" $role $what) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $v.worker.keda -}}
{{- $fallback := int (default .minReplicas .fallback.replicas) -}}
{{- if and .enabled (or (lt $fallback (int .minReplicas)) (gt $fallback (int .maxReplicas))) -}}
{{- fail "worker.keda.fallback.replicas: give a number from minReplicas to maxReplicas" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.watching" -}}
{{- $v := .Values -}}
{{- if and $v.metrics.podMonitor.enabled $v.metrics.serviceMonitor.enabled -}}
{{- fail "metrics: podMonitor and serviceMonitor would scrape each pod twice: keep one" -}}
{{- end -}}
{{- if and $v.worker.keda.enabled (eq $v.worker.keda.source "prometheus") -}}
{{- if not $v.worker.keda.serverAddress -}}
{{- fail "worker.keda.serverAddress: say where Prometheus is, e.g. http://prometheus-operated.monitoring.svc:9090" -}}
{{- end -}}
{{- if not (or $v.worker.keda.query $v.metrics.podMonitor.enabled $v.metrics.serviceMonitor.enabled) -}}
{{- fail "worker.keda.query: say what to ask for, or enable metrics.podMonitor or .serviceMonitor, which have Prometheus know this release by its name" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.validate.doors" -}}
{{- $v := .Values -}}
{{- range $name, $route := dict "httpRoute" $v.httpRoute "console.httpRoute" $v.console.httpRoute -}}
{{- if and $route.enabled (not $route.parentRefs) -}}
{{- fail (printf "%s.parentRefs: name the Gateway that is to route" $name) -}}
{{- end -}}
{{- if and $route.enabled (not $route.hostnames) -}}
{{- fail (printf "%s.hostnames: give the name under which it is reached" $name) -}}
{{- end -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) -}}
{{- fail "ingress.hosts: give the name under which the CRM reaches the hooks" -}}
{{- end -}}
{{- if and $v.console.ingress.enabled (not $v.console.ingress.hosts) -}}
{{- fail "console.ingress.hosts: give the name under which operators open the console" -}}
{{- end -}}
{{- end -}}
