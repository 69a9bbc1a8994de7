// One network: the gateway's environment, the functions' way out, and the private endpoints of what they use.

param location string
param tags object
param resourceToken string

@description('The first two numbers of its addresses: a /16 of which three small parts are used.')
param addressPrefix string

@description('Whether the stores are reached by private endpoints alone; then their names resolve within this network.')
param hasPrivateEndpoints bool

var zones = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  sql: 'privatelink${environment().suffixes.sqlServerHostname}'
  eventHubs: 'privatelink.servicebus.windows.net'
  mongo: 'privatelink.mongocluster.cosmos.azure.com'
  redis: 'privatelink.redis.azure.net'
  sites: 'privatelink.azurewebsites.net'
}
var zoneNames = hasPrivateEndpoints ? [zones.blob, zones.sql, zones.eventHubs, zones.mongo, zones.redis, zones.sites] : []

// Customers reach the gateway from anywhere; Azure's own probes come from the load balancer, and the rest is the network's own.
resource gatewayRules 'Microsoft.Network/networkSecurityGroups@2025-09-01' = {
  name: 'nsg-gateway-${resourceToken}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'customers'
        properties: {
          access: 'Allow'
          direction: 'Inbound'
          priority: 100
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '443'
        }
      }
    ]
  }
}

// Nothing comes in from outside: the functions only go out, and what Azure allows by default within the network is enough.
resource insideRules 'Microsoft.Network/networkSecurityGroups@2025-09-01' = {
  name: 'nsg-inside-${resourceToken}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'nobody-from-outside'
        properties: {
          access: 'Deny'
          direction: 'Inbound'
          priority: 4000
          protocol: '*'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-09-01' = {
  name: 'vnet-${resourceToken}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['${addressPrefix}.0.0/16'] }
    subnets: [
      {
        name: 'gateway'
        properties: {
          addressPrefix: '${addressPrefix}.0.0/23'
          networkSecurityGroup: { id: gatewayRules.id }
          delegations: [{ name: 'environment', properties: { serviceName: 'Microsoft.App/environments' } }]
          defaultOutboundAccess: true
          // So that the functions can tell the gateway's calls from everybody else's.
          serviceEndpoints: [{ service: 'Microsoft.Web' }]
        }
      }
      {
        name: 'functions'
        properties: {
          addressPrefix: '${addressPrefix}.2.0/24'
          networkSecurityGroup: { id: insideRules.id }
          // Tokens and telemetry go out to public addresses. With this version of the network a subnet has no way out unless it says so.
          defaultOutboundAccess: true
          // Flex Consumption runs on what Container Apps run on.
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '${addressPrefix}.3.0/24'
          networkSecurityGroup: { id: insideRules.id }
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource privateZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zoneNames: {
    parent: privateZones[index]
    name: 'vnet-${resourceToken}'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: network.id }
    }
  }
]

output gatewaySubnetId string = '${network.id}/subnets/gateway'
output functionsSubnetId string = '${network.id}/subnets/functions'
output endpointsSubnetId string = '${network.id}/subnets/endpoints'
output blobZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.blob)
output sqlZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.sql)
output eventHubsZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.eventHubs)
output mongoZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.mongo)
output redisZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.redis)
output sitesZoneId string = resourceId('Microsoft.Network/privateDnsZones', zones.sites)
