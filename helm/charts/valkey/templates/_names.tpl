{{- define "valkey.fullname" -}}
{{- printf "%s-valkey" (.Release.Name | trunc 45 | trimSuffix "-") -}}
{{- end -}}

{{- define "valkey.selector" -}}
app.kubernetes.io/name: valkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The chart's own version by its digest, or the tag or digest that is asked for. */}}
{{- define "valkey.image" -}}
{{- $digest := ternary .Chart.Annotations.digest .Values.image.digest (and (eq .Values.image.tag "") (eq .Values.image.digest "")) -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- with $digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "valkey.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "valkey.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
