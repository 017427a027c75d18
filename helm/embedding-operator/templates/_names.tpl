{{- define "embedding-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "embedding-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "embedding-operator.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "embedding-operator.selectorLabels" -}}
{{- dict
  "app.kubernetes.io/name" (include "embedding-operator.name" .)
  "app.kubernetes.io/instance" .Release.Name
  | toYaml -}}
{{- end -}}

{{- define "embedding-operator.labels" -}}
{{- include "embedding-operator.labelsWith" (list . dict) -}}
{{- end -}}

{{/*
The labels of an object that has more than the others. Call with (list $ more). Each name stands there once: what is more wins
over commonLabels, these win over the chart's own, and what the operator's pods are selected by stays as it is.
*/}}
{{- define "embedding-operator.labelsWith" -}}
{{- $root := index . 0 -}}
{{- $labels := dict
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "app.kubernetes.io/managed-by" $root.Release.Service
  "app.kubernetes.io/part-of" "embedding-operator"
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- range list $root.Values.commonLabels (index . 1) (include "embedding-operator.selectorLabels" $root | fromYaml) -}}
{{- range $name, $value := . -}}
{{- $_ := set $labels $name $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $labels -}}
{{- end -}}

{{- define "embedding-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "embedding-operator.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name must name the account to use, because serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "embedding-operator.leaseName" -}}
{{- .Values.leaderElection.leaseName | default (include "embedding-operator.fullname" .) -}}
{{- end -}}

{{/* An image's full name. Call with (list image defaultTag). */}}
{{- define "embedding-operator.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($image.tag | default (index . 1)) -}}
{{- end -}}
{{- end -}}

{{/* What selects the endpoints' pods, as the operator labels them. */}}
{{- define "embedding-operator.endpointLabels" -}}
app.kubernetes.io/name: embedding-endpoint
app.kubernetes.io/managed-by: embedding-operator
{{- end -}}

{{/* What selects the runners' pods, as the operator labels them. */}}
{{- define "embedding-operator.runnerLabels" -}}
app.kubernetes.io/name: embedding-runner
app.kubernetes.io/managed-by: embedding-operator
{{- end -}}
