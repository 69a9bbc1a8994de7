// The write database and the reporting database. Entra is the only way in; the hooks make the programs' users.

param location string
param tags object
param resourceToken string
param writeDatabase string
param reportingDatabase string

@description('The size of each database, as sku.name and, for a serverless one, its least vCores.')
param writeSku string
param reportingSku string
param leastCapacity string
param isZoneRedundant bool
param backupRedundancy string

@description('Who makes users and migrates: the person or the pipeline that deploys, or better a group of them.')
param administratorId string
param administratorName string
param administratorType string

param workspaceId string

@description('Where the private endpoint goes; empty for a public one.')
param endpointSubnetId string
param zoneId string

var isPrivate = !empty(endpointSubnetId)
var isServerless = startsWith(writeSku, 'GP_S_')

resource server 'Microsoft.Sql/servers@2025-01-01' = {
  name: 'sql-${resourceToken}'
  location: location
  tags: tags
  // Where a pipeline makes the users, the server itself looks their names up: this identity then needs the role Directory Readers in
  // Entra, which no template can give. Where a person does, it is that person's right that counts.
  identity: { type: 'SystemAssigned' }
  properties: {
    version: '12.0'
    minimalTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    restrictOutboundNetworkAccess: 'Disabled'
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      login: administratorName
      sid: administratorId
      principalType: administratorType
      tenantId: tenant().tenantId
    }
  }
}

// Services of Azure, of whatever tenant, may try to sign in. Whoever deploys from elsewhere is let in by the hook, for as long as it runs.
resource azureServices 'Microsoft.Sql/servers/firewallRules@2025-01-01' = if (!isPrivate) {
  parent: server
  name: 'AllowAllWindowsAzureIps'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
}

resource cinema 'Microsoft.Sql/servers/databases@2025-01-01' = {
  parent: server
  name: writeDatabase
  location: location
  tags: tags
  sku: { name: writeSku }
  properties: {
    // An expiry timer asks every few seconds, so that a pause would never come.
    autoPauseDelay: isServerless ? -1 : null
    minCapacity: isServerless ? json(leastCapacity) : null
    zoneRedundant: isZoneRedundant
    requestedBackupStorageRedundancy: backupRedundancy
    maxSizeBytes: 34359738368
  }
}

resource reporting 'Microsoft.Sql/servers/databases@2025-01-01' = {
  parent: server
  name: reportingDatabase
  location: location
  tags: tags
  sku: { name: reportingSku }
  properties: {
    autoPauseDelay: startsWith(reportingSku, 'GP_S_') ? -1 : null
    minCapacity: startsWith(reportingSku, 'GP_S_') ? json(leastCapacity) : null
    zoneRedundant: isZoneRedundant
    requestedBackupStorageRedundancy: backupRedundancy
    // It keeps every event for ever.
    maxSizeBytes: 274877906944
  }
}

resource auditing 'Microsoft.Sql/servers/auditingSettings@2025-01-01' = {
  parent: server
  name: 'default'
  properties: {
    state: 'Enabled'
    isAzureMonitorTargetEnabled: true
    // Who signs in, and who changes rights. Statements would hold what customers sent.
    auditActionsAndGroups: [
      'SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP'
      'FAILED_DATABASE_AUTHENTICATION_GROUP'
      'DATABASE_ROLE_MEMBER_CHANGE_GROUP'
      'DATABASE_PERMISSION_CHANGE_GROUP'
      'DATABASE_PRINCIPAL_CHANGE_GROUP'
    ]
  }
}

// A server's auditing comes out at its database master, for all databases.
resource master 'Microsoft.Sql/servers/databases@2025-01-01' existing = {
  parent: server
  name: 'master'
}

resource auditLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: master
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'SQLSecurityAuditEvents', enabled: true }]
  }
  dependsOn: [auditing]
}

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  name: 'sql-endpoint'
  params: {
    name: 'pep-sql-${resourceToken}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: server.id
    groupId: 'sqlServer'
    zoneId: zoneId
  }
}

output serverName string = server.name
output writeDatabaseId string = cinema.id
output reportingDatabaseId string = reporting.id
// No user and no password: whoever opens these signs in with its own identity (shared/infrastructure/sql/entra_tokens.py).
output writeUrl string = 'mssql+pyodbc://${server.properties.fullyQualifiedDomainName}:1433/${cinema.name}?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=no'
output reportingUrl string = 'mssql+pyodbc://${server.properties.fullyQualifiedDomainName}:1433/${reporting.name}?driver=ODBC+Driver+18+for+SQL+Server&Encrypt=yes&TrustServerCertificate=no'
