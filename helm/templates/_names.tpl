{{/* The name of everything in a release: a StatefulSet's, with `-web` and the hash in a label of its pods, has room for 52. */}}
{{- define "hookrouter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* By what a release's pods are found. */}}
{{- define "hookrouter.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What the chart itself says of each object. */}}
{{- define "hookrouter.labels.own" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "hookrouter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
The labels of an object or pod, none of them twice. Called with a dict:
  root: the chart's scope; component: of the app, or empty; labels: its own, before those of all.
*/}}
{{- define "hookrouter.labels" -}}
{{- $own := include "hookrouter.labels.own" .root | fromYaml -}}
{{- with .component -}}
{{- $_ := set $own "app.kubernetes.io/component" . -}}
{{- end -}}
{{- merge $own (default dict .labels) (default dict .root.Values.commonLabels) | toYaml -}}
{{- end -}}

{{/*
The metadata of an object. Called with a dict:
  root: the chart's scope; name: what follows the release's name, or empty; component: of the app, or empty;
  labels, annotations: of this object, beside those of all.
*/}}
{{- define "hookrouter.metadata" -}}
name: {{ include "hookrouter.fullname" .root }}{{ with .name }}-{{ . }}{{ end }}
namespace: {{ default .root.Release.Namespace .namespace }}
labels:
  {{- include "hookrouter.labels" . | nindent 2 }}
{{- with merge (dict) (default dict .annotations) (default dict .root.Values.commonAnnotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "hookrouter.serviceAccount" -}}
{{- default (ternary (include "hookrouter.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "hookrouter.image" -}}
{{- $image := .Values.image -}}
{{- $name := printf "%s/%s" (default "" $image.registry) $image.repository | trimPrefix "/" -}}
{{- if $image.digest -}}
{{- printf "%s%s@%s" $name (default "" $image.tag | printf ":%s" | trimSuffix ":") $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.configMap" -}}
{{- default (include "hookrouter.fullname" .) .Values.existingConfigMap -}}
{{- end -}}

{{/* The Secret that holds the URL of Redis, and the key therein. */}}
{{- define "hookrouter.redis.secret" -}}
{{- if .Values.redis.existingSecret -}}
{{- .Values.redis.existingSecret -}}
{{- else if .Values.redis.url -}}
{{- include "hookrouter.fullname" . }}-redis
{{- else -}}
{{- printf "%s-valkey" (.Release.Name | trunc 45 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.redis.key" -}}
{{- ternary .Values.redis.existingSecretKey "url" (ne .Values.redis.existingSecret "") -}}
{{- end -}}

{{/* The Secret whose keys the configuration's ${NAME} stand for; empty without one. */}}
{{- define "hookrouter.secret" -}}
{{- if .Values.secrets.existing -}}
{{- .Values.secrets.existing -}}
{{- else if .Values.secrets.values -}}
{{- include "hookrouter.fullname" . }}-secrets
{{- end -}}
{{- end -}}

{{/* What decides whether the receiver is a StatefulSet: each pod has a volume of its own. */}}
{{- define "hookrouter.web.kind" -}}
{{- ternary "StatefulSet" "Deployment" (eq .Values.web.spool.type "persistentVolumeClaim") -}}
{{- end -}}

{{/* Where the receiver is reached within the cluster. */}}
{{- define "hookrouter.web.url" -}}
{{- printf "http://%s.%s.svc:%v" (include "hookrouter.fullname" .) .Release.Namespace .Values.service.port -}}
{{- end -}}

{{/* The configuration's section `receiver`, as JSON; empty where the chart is not given it. */}}
{{- define "hookrouter.receiver" -}}
{{- $receiver := get (default "" .Values.config | fromYaml) "receiver" -}}
{{- ternary $receiver (dict) (kindIs "map" $receiver) | toJson -}}
{{- end -}}

{{/* How many bytes a size of Kubernetes is, such as 2Gi. */}}
{{- define "hookrouter.bytes" -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- $of := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (trimSuffix $unit .) (get $of $unit) | int64 -}}
{{- end -}}

{{/* A volume for what a pod need not keep. */}}
{{- define "hookrouter.scratch" -}}
{{- with .Values.emptyDirSizeLimit -}}
emptyDir: {sizeLimit: {{ . }}}
{{- else -}}
emptyDir: {}
{{- end -}}
{{- end -}}
