// Where the gateway and the read service run.

param location string
param tags object
param resourceToken string
param subnetId string
param workspaceId string
param isZoneRedundant bool

resource apps 'Microsoft.App/managedEnvironments@2026-01-01' = {
  name: 'cae-${resourceToken}'
  location: location
  tags: tags
  properties: {
    // By diagnostic settings, below: the other way would need the workspace's key.
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: {
      infrastructureSubnetId: subnetId
      internal: false
    }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
    zoneRedundant: isZoneRedundant
    peerTrafficConfiguration: { encryption: { enabled: true } }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: apps
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'ContainerAppConsoleLogs', enabled: true }
      { category: 'ContainerAppSystemLogs', enabled: true }
    ]
  }
}

output id string = apps.id
