// The images of the gateway and the read service.

param location string
param tags object

@minLength(13)
param resourceToken string

@description('Basic, or Premium for zone redundancy.')
param sku string

@description('Who pulls images.')
param pullerPrincipalIds array

var acrPull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${resourceToken}'
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    zoneRedundancy: sku == 'Premium' ? 'Enabled' : 'Disabled'
    // Images are pushed from wherever azd runs. Who pushes needs a role.
    publicNetworkAccess: 'Enabled'
  }
}

resource mayPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in pullerPrincipalIds: {
    name: guid(registry.id, principalId, acrPull)
    scope: registry
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: acrPull
    }
  }
]

output name string = registry.name
output loginServer string = registry.properties.loginServer
