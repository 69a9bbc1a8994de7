// Logs, metrics and traces of everything. Who sends them signs in with its identity; the instrumentation key alone opens nothing.

param location string
param tags object
param resourceToken string
param retentionDays int
param dailyCapGb int

@description('The object ids of the identities that send telemetry.')
param senderPrincipalIds array

var monitoringMetricsPublisher = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: 'log-${resourceToken}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: {
      // The Container Apps environment writes its logs by diagnostic settings, so nothing needs the workspace's keys.
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${resourceToken}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

resource mayPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in senderPrincipalIds: {
    name: guid(insights.id, principalId, monitoringMetricsPublisher)
    scope: insights
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: monitoringMetricsPublisher
    }
  }
]

output workspaceId string = workspace.id
// Where telemetry goes. With DisableLocalAuth it is an address, not a secret.
output insightsConnectionString string = insights.properties.ConnectionString
