{{/* What the values' schema cannot tell: values that do not go together. Each line says which, and what to do. */}}
{{- define "hookrouter.validate" -}}
{{- range list "configuration" "redis" "secrets" "spool" "scaling" "watching" "doors" "idle" -}}
{{- include (printf "hookrouter.validate.%s" .) $ -}}
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
{{- if hasKey $v.secrets.values $name -}}
{{- fail (printf "secrets.values.%s: environment says it, too: keep one" $name) -}}
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
{{- if and $target (not (index (default dict $values.resources.requests) $what)) (not (index (default dict $values.resources.limits) $what)) -}}
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
