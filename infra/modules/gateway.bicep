// The gateway: the only program that the internet reaches. It knows the functions and the read service by their names in
// TLS; the second file of its configuration speaks that (docs/decisions/0041).

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
param ratePerSecond int

param commandsHostName string
param operationsHostName string
param readServiceHostName string

@description('How often it asks whether a booking could be made. Each time is an execution of a function, which is paid for.')
param healthSeconds int

var port = 5005

// It listens where it is told to, so that the first deployment finds its probes answered.
var isFirst = empty(image)
var placeholder = 'mcr.microsoft.com/dotnet/samples:aspnetapp'
var placeholderEnvironment = [{ name: 'ASPNETCORE_HTTP_PORTS', value: string(port) }]

var variables = [
  { name: 'LISTEN_ADDRESS', value: '0.0.0.0' }
  { name: 'GATEWAY_PORT', value: string(port) }
  { name: 'RATE_LIMIT_PER_SECOND', value: string(ratePerSecond) }
  { name: 'DESCRIPTOR_SET', value: '/etc/envoy/cinema.pb' }
  // The listeners of cloud_upstreams.yaml, in the same process.
  { name: 'LOAD_BALANCER_HOST', value: '127.0.0.1' }
  { name: 'LOAD_BALANCER_PORT', value: '5003' }
  { name: 'READ_SERVICE_HOST', value: '127.0.0.1' }
  { name: 'READ_SERVICE_PORT', value: '50051' }
  // And where they lead.
  { name: 'COMMANDS_HOST', value: commandsHostName }
  { name: 'COMMANDS_PORT', value: '443' }
  { name: 'OPERATIONS_HOST', value: operationsHostName }
  { name: 'OPERATIONS_PORT', value: '443' }
  { name: 'READS_HOST', value: readServiceHostName }
  { name: 'READS_PORT', value: '443' }
  { name: 'TRUSTED_CERTIFICATES', value: '/etc/ssl/certs/ca-certificates.crt' }
  { name: 'HEALTH_SECONDS', value: string(healthSeconds) }
]

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: 'ca-gateway-${resourceToken}'
  location: location
  tags: union(tags, { 'azd-service-name': 'gateway' })
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
        external: true
        targetPort: port
        transport: 'auto'
        allowInsecure: false
      }
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'gateway'
          image: isFirst ? placeholder : image
          resources: { cpu: json('0.5'), memory: '1Gi' }
          env: isFirst ? concat(variables, placeholderEnvironment) : variables
          // Not /health: without functions the gateway still answers queries.
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
        rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '500' } } }]
      }
    }
  }
}

output id string = app.id
output url string = 'https://${app.properties.configuration.ingress.fqdn}'
