{{- define "cds.name" -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "cds.all" -}}
app.kubernetes.io/name: cds
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cds.selector" -}}
{{ include "cds.all" . }}
app.kubernetes.io/component: service
{{- end }}

{{- define "cds.labels" -}}
{{ include "cds.all" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "cds.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "cds.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # a Service of the name cds would set CDS_PORT
{{- with .Values.serviceAccount }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "cds.container" -}}
image: {{ include "cds.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "cds.has-files" -}}
{{- if or .Values.clients .Values.parameters .Values.rulesetsKey }}yes{{ end }}
{{- end }}

{{- define "cds.to-database" -}}
- to: {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
- to: {{- toYaml .Values.networkPolicy.database | nindent 4 }}
  ports: [{port: {{ .Values.networkPolicy.databasePort }}}]
{{- end }}

{{- define "cds.environment" -}}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
- {name: CDS_DATABASE_URL_FILE, value: /run/secrets/cds/database-url}
- {name: CDS_PSEUDONYM_KEY_FILE, value: /run/secrets/cds/pseudonym-key}
- {name: CDS_RECORD_KEYS_FILE, value: /run/secrets/cds/record-keys}
{{- end }}

{{- define "cds.secrets" -}}
name: secrets
secret: {secretName: {{ required "existingSecret names the Secret with the database and the keys" .Values.existingSecret }}, defaultMode: 0440}
{{- end }}
