{{/*
The template of a process' pods. Called with a dict:
  root: the chart's scope; role: web, worker or scheduler; command: what hookrouter is told;
  port: the name of the port at which it answers probes; lifecycle: YAML of the container, or empty;
  data: YAML of the volume of its data, or empty where a claim's template makes it.
*/}}
{{- define "hookrouter.pod" -}}
{{- $root := .root -}}
{{- $values := index .root.Values .role -}}
metadata:
  labels:
    {{- $labels := merge (dict "hookrouter/scraped" .port) (default dict $values.podLabels) (default dict $root.Values.podLabels) }}
    {{- include "hookrouter.labels" (dict "root" $root "component" .role "labels" $labels) | nindent 4 }}
  annotations:
    {{- $annotations := dict }}
    {{- if and (eq $root.Values.configReload "restart") (not $root.Values.existingConfigMap) }}
    {{- /* A change of the configuration starts new pods; without this it is taken up by those that run. */}}
    {{- $_ := list $root.Values.config (default dict $root.Values.configFiles) | toJson | sha256sum | set $annotations "checksum/config" }}
    {{- end }}
    {{- $password := ternary ($root.Values.valkey.auth).password "" $root.Values.valkey.enabled }}
    {{- if or $root.Values.secrets.values $root.Values.redis.url $password }}
    {{- /* Secrets are read at start. */}}
    {{- $_ := list (default dict $root.Values.secrets.values) (default "" $root.Values.redis.url) $password | toJson | sha256sum | set $annotations "checksum/secrets" }}
    {{- end }}
    {{- merge $annotations (default dict $values.podAnnotations) (default dict $root.Values.podAnnotations)
        (dict "kubectl.kubernetes.io/default-container" .role) | toYaml | nindent 4 }}
spec:
  serviceAccountName: {{ include "hookrouter.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  restartPolicy: Always
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with default $root.Values.priorityClassName $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml $root.Values.podSecurityContext | nindent 4 }}
  {{- with $values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .role }}
      image: {{ include "hookrouter.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      command: ["hookrouter", {{ .command | quote }}]
      env:
        {{- include "hookrouter.environment.once" (dict "role" .role "environment" (include "hookrouter.environment.of" .)) | nindent 8 }}
      {{- with include "hookrouter.environment.from" $root }}
      envFrom:
        {{- . | trim | nindent 8 }}
      {{- end }}
      ports:
        - name: {{ .port }}
          containerPort: {{ ternary 8080 $root.Values.metrics.port (eq .port "http") }}
          protocol: TCP
      startupProbe:
        httpGet: {path: /healthz, port: {{ .port }}}
        {{- with $values.startupProbe }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      livenessProbe:
        httpGet: {path: /healthz, port: {{ .port }}}
        {{- with $values.livenessProbe }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      readinessProbe:
        httpGet: {path: /readyz, port: {{ .port }}}
        {{- with $values.readinessProbe }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .lifecycle }}
      lifecycle:
        {{- . | nindent 8 }}
      {{- end }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      securityContext:
        {{- toYaml $root.Values.containerSecurityContext | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/hookrouter
        {{- include "hookrouter.mounts" $root | nindent 8 }}
    {{- with $values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- with .data }}
    - name: data
      {{- . | nindent 6 }}
    {{- end }}
    {{- include "hookrouter.volumes" $root | nindent 4 }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml $values.topologySpreadConstraints | nindent 4 }}
  {{- else if and $root.Values.topologySpread.enabled (or (ne .role "scheduler") (gt (int $values.replicas) 1)) }}
  topologySpreadConstraints:
    {{- range $root.Values.topologySpread.topologyKeys }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "hookrouter.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.role }}
    {{- end }}
  {{- end }}
{{- end -}}
