// An address within the network for one resource, and the name that leads there.

param name string
param location string
param tags object
param subnetId string
param targetId string

@description('Which of the resource\'s services is meant, in the resource\'s own words.')
param groupId string
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: targetId
          groupIds: [groupId]
        }
      }
    ]
  }

  resource zoneGroup 'privateDnsZoneGroups@2025-09-01' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [{ name: 'zone', properties: { privateDnsZoneId: zoneId } }]
    }
  }
}
