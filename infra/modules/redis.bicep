// The cache: Azure Managed Redis. Losing it costs speed, never an answer.

param location string
param tags object
param resourceToken string
param sku string
param isHighlyAvailable bool

@description('Who reads and writes it: the projector, the read service and the operations.')
param principalIds array

@description('Who looks into it and rebuilds it by hand. An assignment is of one principal, never of a group.')
param operatorPrincipalIds array

@description('Where the private endpoint goes; empty for a public one.')
param endpointSubnetId string
param zoneId string

var isPrivate = !empty(endpointSubnetId)

resource redis 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: 'redis-${resourceToken}'
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    highAvailability: isHighlyAvailable ? 'Enabled' : 'Disabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: redis
  name: 'default'
  properties: {
    port: 10000
    clientProtocol: 'Encrypted'
    accessKeysAuthentication: 'Disabled'
    // One address for all keys, so that an ordinary client and the scripts over several keys work.
    clusteringPolicy: 'EnterpriseCluster'
    evictionPolicy: 'AllKeysLRU'
  }
}

@batchSize(1)
resource mayUse 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = [
  for principalId in concat(principalIds, operatorPrincipalIds): {
    parent: database
    name: replace(principalId, '-', '')
    properties: {
      accessPolicyName: 'default'
      user: { objectId: principalId }
    }
  }
]

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  name: 'redis-endpoint'
  params: {
    name: 'pep-redis-${resourceToken}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: redis.id
    groupId: 'redisEnterprise'
    zoneId: zoneId
  }
}

// No user and no password, over TLS: whoever opens this signs in with its own identity (REDIS_AUTH=entra).
output url string = 'rediss://${redis.properties.hostName}:10000/0'
