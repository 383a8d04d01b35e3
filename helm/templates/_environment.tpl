{{/*
The environment of every process. Called with a dict:
  root: the chart's scope; withoutRedis: true for one that needs none.
*/}}
{{- define "hookrouter.environment" -}}
{{- $root := .root -}}
{{- $files := eq $root.Values.secrets.mount "files" -}}
- name: HOOKROUTER_CONFIG
  value: /etc/hookrouter/hookrouter.yaml
- name: HOOKROUTER_DATA_DIR
  value: /var/lib/hookrouter
- name: PORT
  value: "8080"
{{- if not .withoutRedis }}
{{- if $files }}
- name: HOOKROUTER_REDIS_URL_FILE
  value: /etc/hookrouter-redis/url
{{- else }}
- name: HOOKROUTER_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "hookrouter.redis.secret" $root }}
      key: {{ include "hookrouter.redis.key" $root }}
{{- end }}
{{- if or $root.Values.redis.ca.existingSecret $root.Values.redis.ca.existingConfigMap }}
- name: HOOKROUTER_REDIS_CA
  value: /etc/hookrouter-redis-ca/{{ $root.Values.redis.ca.key }}
{{- end }}
{{- with $root.Values.redis.durability }}
- name: HOOKROUTER_REDIS_DURABILITY
  value: {{ . }}
{{- end }}
{{- end }}
- name: HOOKROUTER_KEY_PREFIX
  value: {{ $root.Values.redis.keyPrefix | quote }}
- name: HOOKROUTER_PARTITIONS
  value: {{ $root.Values.partitions | quote }}
- name: HOOKROUTER_LOG_LEVEL
  value: {{ $root.Values.logLevel }}
- name: HOOKROUTER_LOG_FORMAT
  value: {{ $root.Values.logFormat }}
{{- if $files }}
{{- $keys := ternary (keys $root.Values.secrets.values | sortAlpha) $root.Values.secrets.keys (empty $root.Values.secrets.existing) }}
{{- range $keys }}
- name: {{ . }}_FILE
  value: /etc/hookrouter-secrets/{{ . }}
{{- end }}
{{- end }}
{{- range $name, $value := $root.Values.environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- with $root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The environment of one kind of process, in all. Called with a dict: root: the chart's scope; role: of the process. */}}
{{- define "hookrouter.environment.of" -}}
{{- $values := index .root.Values .role -}}
{{ include "hookrouter.environment" (dict "root" .root) }}
{{- if eq .role "web" }}
- name: WEB_CONCURRENCY
  value: {{ $values.processes | quote }}
{{- else }}
- name: HOOKROUTER_METRICS_PORT
  value: {{ .root.Values.metrics.port | quote }}
{{- end }}
{{- if and (eq .role "worker") $values.concurrency }}
- name: HOOKROUTER_WORKER_CONCURRENCY
  value: {{ $values.concurrency | quote }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
An environment in which no variable stands twice: one of both would do nothing. Called with a dict:
  role: of the process; environment: as YAML.
*/}}
{{- define "hookrouter.environment.once" -}}
{{- $seen := dict -}}
{{- range fromYamlArray .environment -}}
{{- $name := ternary "HOOKROUTER_REDIS_URL" .name (eq .name "REDIS_URL") -}}
{{- if hasKey $seen $name -}}
{{- fail (printf "extraEnv, %s.extraEnv: %s is set already, by a value of its own (README.md lists them) or by environment: leave it out here" $.role .name) -}}
{{- end -}}
{{- $_ := set $seen $name true -}}
{{- end -}}
{{ .environment }}
{{- end -}}

{{/* Secrets as environment, where they are not files. */}}
{{- define "hookrouter.environment.from" -}}
{{- $secret := include "hookrouter.secret" . -}}
{{- if and $secret (eq .Values.secrets.mount "env") }}
- secretRef:
    name: {{ $secret }}
{{- end }}
{{- with .Values.extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What every process reads: the configuration, secrets that are files, and Redis' authority. */}}
{{- define "hookrouter.mounts" -}}
# The whole folder: a single file (subPath) would not follow edits of the ConfigMap.
- name: config
  mountPath: /etc/hookrouter
  readOnly: true
{{- if eq .Values.secrets.mount "files" }}
- name: redis
  mountPath: /etc/hookrouter-redis
  readOnly: true
{{- if include "hookrouter.secret" . }}
- name: secrets
  mountPath: /etc/hookrouter-secrets
  readOnly: true
{{- end }}
{{- end }}
{{- if or .Values.redis.ca.existingSecret .Values.redis.ca.existingConfigMap }}
- name: redis-ca
  mountPath: /etc/hookrouter-redis-ca
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "hookrouter.volumes" -}}
- name: config
  configMap:
    name: {{ include "hookrouter.configMap" . }}
{{- if eq .Values.secrets.mount "files" }}
- name: redis
  secret:
    secretName: {{ include "hookrouter.redis.secret" . }}
    defaultMode: 0440
    items:
      - key: {{ include "hookrouter.redis.key" . }}
        path: url
{{- with include "hookrouter.secret" . }}
- name: secrets
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- with .Values.redis.ca.existingSecret }}
- name: redis-ca
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .Values.redis.ca.existingConfigMap }}
- name: redis-ca
  configMap:
    name: {{ . }}
{{- end }}
- name: tmp
  {{- include "hookrouter.scratch" . | nindent 2 }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
