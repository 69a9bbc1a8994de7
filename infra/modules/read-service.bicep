// The read service: gRPC, reached from the gateway alone.

param location string
param tags object
param resourceToken string
param environmentId string
param identity object
param registryServer string

@description('What runs now: azd has pushed it. Empty before the first time; then a placeholder stands in.')
param image string
param leastReplicas int
param mostReplicas int
param cpu string
param memory string

param mongoUrl string
param mongoDatabase string
param redisUrl string
param cinemaTimeZone string
param insightsConnectionString string

@description('Which part of the new traces is kept: 1 is all, 0.1 a tenth. Who is called follows the caller.')
param traceRatio string

var port = 50051

// It listens where it is told to, so that the first deployment finds its probes answered.
var isFirst = empty(image)
var placeholder = 'mcr.microsoft.com/dotnet/samples:aspnetapp'
var placeholderEnvironment = [{ name: 'ASPNETCORE_HTTP_PORTS', value: string(port) }]

var variables = [
  { name: 'GRPC_PORT', value: string(port) }
  { name: 'MONGO_URL', value: mongoUrl }
  { name: 'MONGO_AUTH', value: 'entra' }
  { name: 'MONGO_DATABASE', value: mongoDatabase }
  { name: 'REDIS_URL', value: redisUrl }
  { name: 'REDIS_AUTH', value: 'entra' }
  { name: 'CINEMA_TIME_ZONE', value: cinemaTimeZone }
  { name: 'LOG_FORMAT', value: 'json' }
  // Its log goes from the console to Log Analytics; traces and measures it exports itself, with the packages that azure.yaml asks for.
  { name: 'TELEMETRY_EXPORTER', value: 'azure-monitor' }
  { name: 'TELEMETRY_LOGS', value: 'false' }
  { name: 'OTEL_SERVICE_NAME', value: 'read-service' }
  { name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_traceidratio' }
  { name: 'OTEL_TRACES_SAMPLER_ARG', value: traceRatio }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identity.clientId};Authorization=AAD' }
  { name: 'AZURE_CLIENT_ID', value: identity.clientId }
  { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
]

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: 'ca-read-service-${resourceToken}'
  location: location
  tags: union(tags, { 'azd-service-name': 'read-service' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registryServer, identity: identity.id }]
      ingress: {
        external: false
        targetPort: port
        transport: 'http2'
        allowInsecure: false
      }
    }
    template: {
      // It says NOT_SERVING and drains for 8 seconds (LAME_DUCK_SECONDS, DRAIN_SECONDS in readsvc/settings.py).
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'read-service'
          image: isFirst ? placeholder : image
          resources: { cpu: json(cpu), memory: memory }
          env: isFirst ? concat(variables, placeholderEnvironment) : variables
          // Container Apps can't ask a gRPC health service. The gateway does (read_service_health in infra/envoy/gateway.yaml).
          probes: [
            { type: 'Startup', tcpSocket: { port: port }, periodSeconds: 2, failureThreshold: 30 }
            { type: 'Liveness', tcpSocket: { port: port }, periodSeconds: 10, failureThreshold: 3 }
            { type: 'Readiness', tcpSocket: { port: port }, periodSeconds: 5, failureThreshold: 3 }
          ]
        }
      ]
      scale: {
        minReplicas: leastReplicas
        maxReplicas: mostReplicas
        rules: [{ name: 'queries', http: { metadata: { concurrentRequests: '200' } } }]
      }
    }
  }
}

output hostName string = app.properties.configuration.ingress.fqdn
