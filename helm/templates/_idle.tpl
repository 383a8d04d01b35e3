{{/*
Values that would do nothing beside the others: each is refused, with a line that says what to do. Those of a part that is
not `enabled` wait for it, and are let be.
*/}}
{{- define "hookrouter.validate.idle" -}}
{{- range list "redis" "secrets" "spool" "scaling" "service" -}}
{{- include (printf "hookrouter.idle.%s" .) $ -}}
{{- end -}}
{{- end -}}

{{/*
Refuses what is said and is not as values.yaml has it. Called with a dict:
  path: of a part; values: of this part; defaults: what values.yaml has of those that would do nothing; because: why, and what to do.
*/}}
{{- define "hookrouter.idle" -}}
{{- range $name, $default := .defaults -}}
{{- $given := toJson (index $.values $name) -}}
{{- if not (has $given (list (toJson $default) "null" "\"\"" "[]" "{}")) -}}
{{- fail (printf "%s.%s: it would do nothing, for %s" $.path $name $.because) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.idle.redis" -}}
{{- $v := .Values -}}
{{- if not $v.redis.existingSecret -}}
{{- include "hookrouter.idle" (dict "path" "redis" "values" $v.redis "defaults" (dict "existingSecretKey" "url")
    "because" "redis.existingSecret names no Secret that would have it: name one, or leave it out") -}}
{{- end -}}
{{- if not (or $v.redis.ca.existingSecret $v.redis.ca.existingConfigMap) -}}
{{- include "hookrouter.idle" (dict "path" "redis.ca" "values" $v.redis.ca "defaults" (dict "key" "ca.crt")
    "because" "there is nothing that would have it: name a Secret or ConfigMap in redis.ca, or leave it out") -}}
{{- end -}}
{{- if $v.valkey.enabled -}}
{{- include "hookrouter.idle" (dict "path" "redis" "values" $v.redis "defaults" (dict "durability" "")
    "because" "the Valkey beside it can be asked: leave it out") -}}
{{- if $v.networkPolicy.enabled -}}
{{- include "hookrouter.idle" (dict "path" "networkPolicy" "values" $v.networkPolicy "defaults" (dict "redisPeers" list "redisPorts" (list 6379))
    "because" "only the Valkey beside it is reached: leave it out") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.idle.secrets" -}}
{{- with .Values.secrets -}}
{{- $because := "" -}}
{{- if ne .mount "files" -}}
{{- $because = "all keys of the Secret become variables: set secrets.mount=files, or leave it out" -}}
{{- else if .values -}}
{{- $because = "all of secrets.values become files: leave it out" -}}
{{- else if not .existing -}}
{{- $because = "secrets.existing names no Secret that would have them: name one, or leave it out" -}}
{{- end -}}
{{- if $because -}}
{{- include "hookrouter.idle" (dict "path" "secrets" "values" . "defaults" (dict "keys" list) "because" $because) -}}
{{- end -}}
{{- end -}}
{{- with .Values.serviceAccount -}}
{{- if not .create -}}
{{- include "hookrouter.idle" (dict "path" "serviceAccount" "values" . "defaults" (dict "annotations" dict)
    "because" "the account is not made here: annotate it where it is, or leave it out") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.idle.spool" -}}
{{- with .Values.web.spool -}}
{{- $of_claims := dict "storageClass" "" "accessModes" (list "ReadWriteOnce") "annotations" dict "whenDeleted" "Retain" "whenScaled" "Retain" -}}
{{- if eq .type "existingClaim" -}}
{{- include "hookrouter.idle" (dict "path" "web.spool" "values" . "defaults" (merge (dict "size" "2Gi") $of_claims)
    "because" "the claim is there and is as it was made: leave it out, or set web.spool.type=persistentVolumeClaim") -}}
{{- else if eq .type "emptyDir" -}}
{{- include "hookrouter.idle" (dict "path" "web.spool" "values" . "defaults" (merge (dict "existingClaim" "") $of_claims)
    "because" "an emptyDir has none: leave it out, or set web.spool.type") -}}
{{- else -}}
{{- include "hookrouter.idle" (dict "path" "web.spool" "values" . "defaults" (dict "existingClaim" "")
    "because" "each receiver gets a claim of its own: set web.spool.type=existingClaim, or leave it out") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.idle.scaling" -}}
{{- $v := .Values -}}
{{- range $role, $scalers := dict "web" (list "autoscaling") "worker" (list "autoscaling" "keda") -}}
{{- range $scaler := $scalers -}}
{{- if (index $v $role $scaler).enabled -}}
{{- include "hookrouter.idle" (dict "path" $role "values" (index $v $role) "defaults" (dict "replicas" 2)
    "because" (printf "the autoscaler chooses: set %s.%s.minReplicas, and leave it out" $role $scaler)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $v.worker.keda.enabled (ne $v.worker.keda.source "prometheus") -}}
{{- include "hookrouter.idle" (dict "path" "worker.keda" "values" $v.worker.keda "defaults" (dict "serverAddress" "" "query" "" "authenticationRef" dict)
    "because" "a receiver is asked: set worker.keda.source=prometheus, or leave it out") -}}
{{- else if $v.networkPolicy.enabled -}}
{{- $usual := list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" "keda"))) -}}
{{- include "hookrouter.idle" (dict "path" "networkPolicy" "values" $v.networkPolicy "defaults" (dict "kedaPeers" $usual)
    "because" "KEDA asks no receiver: set worker.keda.enabled=true with source=receiver, or leave it out") -}}
{{- end -}}
{{- end -}}

{{- define "hookrouter.idle.service" -}}
{{- with .Values.service -}}
{{- if eq .type "ClusterIP" -}}
{{- include "hookrouter.idle" (dict "path" "service" "values" . "defaults" (dict "nodePort" nil "externalTrafficPolicy" "")
    "because" "a ClusterIP is reached from within alone: set service.type, or leave it out") -}}
{{- end -}}
{{- if ne .type "LoadBalancer" -}}
{{- include "hookrouter.idle" (dict "path" "service" "values" . "defaults" (dict "loadBalancerSourceRanges" list)
    "because" "there is no load balancer: set service.type=LoadBalancer, or leave it out") -}}
{{- end -}}
{{- end -}}
{{- end -}}
