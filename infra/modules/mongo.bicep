// The views: Azure DocumentDB, which was called Cosmos DB for MongoDB vCore. Entra is the only way in.

param location string
param tags object
param resourceToken string
param tier string
param storageGb int

@description('ZoneRedundantPreferred, SameZone or Disabled.')
param highAvailability string
param database string

@description('Who writes the views.')
param writerPrincipalId string

@description('Who reads them: the read service, and the operations.')
param readerPrincipalIds array

@description('Who audits and rebuilds them by hand. A user is one principal, never a group.')
param operatorPrincipalIds array
param operatorPrincipalType string

@description('Where the private endpoint goes; empty for a public one.')
param endpointSubnetId string
param zoneId string

var isPrivate = !empty(endpointSubnetId)

resource cluster 'Microsoft.DocumentDB/mongoClusters@2026-06-01' = {
  name: 'mongo-${resourceToken}'
  location: location
  tags: tags
  properties: {
    serverVersion: '8.0'
    authConfig: { allowedModes: ['MicrosoftEntraID'] }
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    compute: { tier: tier }
    storage: { sizeGb: storageGb, type: 'PremiumSSD' }
    sharding: { shardCount: 1 }
    highAvailability: { targetMode: highAvailability }
  }
}

// Services of Azure, of whatever tenant, may try to sign in.
resource azureServices 'Microsoft.DocumentDB/mongoClusters/firewallRules@2026-06-01' = if (!isPrivate) {
  parent: cluster
  name: 'AllowAllAzureServices'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

// One after the other, users and firewall: while one change of a cluster is under way, another may be refused.
resource writer 'Microsoft.DocumentDB/mongoClusters/users@2026-06-01' = {
  parent: cluster
  name: writerPrincipalId
  properties: {
    identityProvider: {
      type: 'MicrosoftEntraID'
      properties: { principalType: 'servicePrincipal' }
    }
    // The schema lists root alone; Microsoft's "Connect using role-based access control" gives these.
    roles: [
      {
        db: database
        role: any('readWrite')
      }
    ]
  }
  dependsOn: [azureServices]
}

@batchSize(1)
resource readers 'Microsoft.DocumentDB/mongoClusters/users@2026-06-01' = [
  for principalId in readerPrincipalIds: {
    parent: cluster
    name: principalId
    properties: {
      identityProvider: {
        type: 'MicrosoftEntraID'
        properties: { principalType: 'servicePrincipal' }
      }
      roles: [
        {
          db: 'admin'
          role: any('readAnyDatabase')
        }
      ]
    }
    dependsOn: [writer]
  }
]

// `cinema rebuild` and `cinema audit --repair` write the views.
@batchSize(1)
resource operators 'Microsoft.DocumentDB/mongoClusters/users@2026-06-01' = [
  for principalId in operatorPrincipalIds: {
    parent: cluster
    name: principalId
    properties: {
      identityProvider: {
        type: 'MicrosoftEntraID'
        properties: { principalType: operatorPrincipalType == 'User' ? 'user' : 'servicePrincipal' }
      }
      roles: [
        {
          db: database
          role: any('readWrite')
        }
      ]
    }
    dependsOn: [readers]
  }
]

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  name: 'mongo-endpoint'
  params: {
    name: 'pep-mongo-${resourceToken}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: cluster.id
    groupId: 'MongoCluster'
    zoneId: zoneId
  }
}

output id string = cluster.id
// No user: whoever opens this signs in with its own identity (MONGO_AUTH=entra). The server does not take retried writes.
output url string = 'mongodb+srv://${cluster.name}.global.mongocluster.cosmos.azure.com/?tls=true&retryWrites=false&maxIdleTimeMS=120000'
