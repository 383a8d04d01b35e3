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
  emptyDir: {}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
