{{/*
What the operator does in a namespace that it serves, and no verb more. There is no rule for Secrets: the operator writes
their names into pods and never reads one.
*/}}
{{- define "embedding-operator.rules" -}}
# A job that may have batches at OpenAI gets a finalizer: they are cancelled before it goes.
- apiGroups: [embedding-operator.io]
  resources: [embeddingjobs]
  verbs: [get, list, patch, watch]
- apiGroups: [embedding-operator.io]
  resources: [embeddingjobs/status]
  verbs: [patch]
# Owner references that hold back their owner's deletion need it where OwnerReferencesPermissionEnforcement is on.
- apiGroups: [embedding-operator.io]
  resources: [embeddingjobs/finalizers]
  verbs: [update]
- apiGroups: [embedding-operator.io]
  resources: [embeddingendpoints]
  verbs: [get, list, watch]
- apiGroups: [embedding-operator.io]
  resources: [embeddingendpoints/status]
  verbs: [patch]
- apiGroups: [embedding-operator.io]
  resources: [embeddingendpoints/finalizers]
  verbs: [update]
# What an endpoint consists of; Kubernetes deletes it with the endpoint, but for an autoscaler that is no longer asked for.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [create, get, list, patch, watch]
- apiGroups: [""]
  resources: [services]
  verbs: [create, get, list, patch, watch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [create, get, list, patch, watch]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [create, delete, get, list, patch, watch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create, delete, get, list, patch, watch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [create, delete, get, list, patch, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- /* To see their label. The operator asks for the metadata alone; RBAC knows no right to that alone. */}}
{{- if has "Secret" .Values.tenancy.requireLabel }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end }}
{{- if has "PersistentVolumeClaim" .Values.tenancy.requireLabel }}
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get]
{{- end }}
{{- end -}}
