{{/*
A Deployment of one process type. Called with a dict:
  root: the chart's scope; role: web, worker or scheduler; command: what hookrouter is told;
  scraped: whether it answers scrapes of its metrics at a port of its own;
  ports, probes, lifecycle: YAML of the container, or empty.
*/}}
{{- define "hookrouter.process" -}}
{{- $values := index .root.Values .role -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "hookrouter.name" .root }}-{{ .role }}
  labels:
    {{- include "hookrouter.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  replicas: {{ $values.replicas }}
  selector:
    matchLabels:
      {{- include "hookrouter.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  template:
    metadata:
      labels:
        {{- include "hookrouter.labels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
        {{- with .root.Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # The configuration is read at start: a change of it starts new pods.
        checksum/config: {{ .root.Values.config | sha256sum }}
        {{- with .root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "hookrouter.serviceAccount" .root }}
      automountServiceAccountToken: false
      restartPolicy: Always
      terminationGracePeriodSeconds: 60
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        runAsGroup: 10001
        fsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {{ .role }}
          image: {{ printf "%s:%s" .root.Values.image.repository (default .root.Chart.AppVersion .root.Values.image.tag) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command: ["hookrouter", {{ .command | quote }}]
          env:
            - name: HOOKROUTER_REDIS_URL
              valueFrom:
                secretKeyRef:
                  name: {{ required "redis.secretName: name the Secret that holds the URL of Redis" .root.Values.redis.secretName }}
                  key: {{ .root.Values.redis.secretKey }}
            - name: HOOKROUTER_CONFIG
              value: /etc/hookrouter/hookrouter.yaml
            - name: HOOKROUTER_DATA_DIR
              value: /var/lib/hookrouter
            - name: PORT
              value: "8080"
            {{- if .scraped }}
            - name: HOOKROUTER_METRICS_PORT
              value: {{ .root.Values.metrics.port | quote }}
            {{- end }}
            {{- if $values.processes }}
            - name: WEB_CONCURRENCY
              value: {{ $values.processes | quote }}
            {{- end }}
            {{- range $name, $value := .root.Values.environment }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          {{- with .root.Values.secretName }}
          envFrom:
            - secretRef:
                name: {{ . }}
          {{- end }}
          {{- if .scraped }}
          ports:
            - name: metrics
              containerPort: {{ .root.Values.metrics.port }}
          {{- end }}
          {{- with .ports }}
          ports:
            {{- . | nindent 12 }}
          {{- end }}
          {{- with .probes }}
          {{- . | nindent 10 }}
          {{- end }}
          {{- with .lifecycle }}
          lifecycle:
            {{- . | nindent 12 }}
          {{- end }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: ["ALL"]
          volumeMounts:
            - name: config
              mountPath: /etc/hookrouter
              readOnly: true
            - name: data
              mountPath: /var/lib/hookrouter
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: config
          configMap:
            name: {{ include "hookrouter.name" .root }}
        - name: data
          emptyDir: {}
        - name: tmp
          emptyDir: {}
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
