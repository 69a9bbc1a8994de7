// The whole system in one resource group. `azd up` deploys it; a second run changes nothing.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('The name of the azd environment; it is part of every name that must be unique.')
param environmentName string

@minLength(1)
@description('A region that has Flex Consumption, Managed Redis, Azure DocumentDB and zones.')
@allowed([
  'australiaeast'
  'eastus2'
  'northeurope'
  'southcentralus'
  'southeastasia'
  'swedencentral'
  'uksouth'
  'westeurope'
  'westus3'
])
@metadata({ azd: { type: 'location' } })
param location string

@description('dev is cheap and reached over public endpoints; prod has zones, private endpoints and instances that never sleep.')
@allowed(['dev', 'prod'])
param sizeName string = 'dev'

@description('The object id of who deploys: the databases\' administrator unless a group is named. A pipeline should name a group.')
param principalId string

@description('What that is; azd knows.')
@allowed(['User', 'ServicePrincipal'])
param principalType string = 'User'

@description('The object id of a group of people and pipelines who administer the databases; empty: who deploys.')
param sqlAdministratorsGroupId string = ''

@description('The application (client) id of the Entra application that operators get tokens of; empty: operations answer nobody.')
param operationsClientId string = ''

@description('The object id of the Entra group whose members are operators; empty: operations answer nobody.')
param operatorsGroupId string = ''

@description('The object id of one person or program that may run the cinema command on hubs, views and cache; empty: nobody.')
param operatorPrincipalId string = ''

@description('What that is. No group: DocumentDB and Redis know none.')
@allowed(['User', 'ServicePrincipal'])
param operatorPrincipalType string = 'User'

@description('Who is told of alerts; empty: nobody.')
param alertEmail string = ''

@description('The IANA time zone of days and hours, such as Europe/Berlin.')
param cinemaTimeZone string = 'UTC'

@description('How long seats are held for a customer, in minutes.')
@minValue(1)
param holdMinutes int = 10

@description('How long the outbox keeps what every sink has, in hours.')
@minValue(1)
param outboxRetentionHours int = 72

@description('The first two numbers of the network\'s addresses; they must overlap with nothing that it will be joined to.')
param addressPrefix string = '10.20'

@description('The images that run; azd knows them. A second provision must not take them away (azure-dev#1336).')
param gatewayImage string = ''
param readServiceImage string = ''

var sizes = {
  dev: {
    hasPrivateEndpoints: false
    isZoneRedundant: false
    logRetentionDays: 30
    logDailyCapGb: 1
    traceRatio: '1'
    storageSku: 'Standard_LRS'
    instanceMemoryMb: 2048
    // 40 instances are the fewest that Flex Consumption takes as a limit: 40 × 3 connections stay below the 150 workers of two vCores.
    commandConcurrency: 3
    commandsMaximumInstances: 40
    commandsAlwaysReady: 0
    masters: 1
    areMastersAlwaysReady: false
    // An event comes to the hub within a quarter of a minute, and a master works for a third of the time at most.
    masterSchedule: '*/15 * * * * *'
    masterBudgetSeconds: 5
    masterWorkersPerSink: 2
    expirySchedule: '*/30 * * * * *'
    cancellationSchedule: '*/30 * * * * *'
    projectionGapsSchedule: '0 * * * * *'
    projectorsAlwaysReady: 0
    hubThroughputUnits: 1
    hubMaximumThroughputUnits: 0
    hubRetentionHours: 24
    writeSku: 'GP_S_Gen5_2'
    reportingSku: 'GP_S_Gen5_1'
    sqlLeastCapacity: '0.5'
    sqlBackupRedundancy: 'Local'
    mongoTier: 'M10'
    mongoStorageGb: 32
    mongoHighAvailability: 'Disabled'
    redisSku: 'Balanced_B0'
    registrySku: 'Basic'
    gatewayLeastReplicas: 1
    gatewayMostReplicas: 2
    gatewayRatePerSecond: 500
    gatewayHealthSeconds: 60
    readServiceLeastReplicas: 1
    readServiceMostReplicas: 2
    readServiceCpu: '0.5'
    readServiceMemory: '1Gi'
  }
  prod: {
    hasPrivateEndpoints: true
    isZoneRedundant: true
    logRetentionDays: 90
    logDailyCapGb: 20
    // A tenth of the traces: a master that records every one carries 1,030 events a second, and the daily cap is near (docs/scaling.md).
    traceRatio: '0.1'
    storageSku: 'Standard_ZRS'
    instanceMemoryMb: 2048
    // 40 × 16 connections stay below the 800 workers of eight vCores.
    commandConcurrency: 16
    commandsMaximumInstances: 40
    commandsAlwaysReady: 3
    masters: 3
    areMastersAlwaysReady: true
    masterSchedule: '* * * * * *'
    masterBudgetSeconds: 240
    masterWorkersPerSink: 4
    expirySchedule: '*/5 * * * * *'
    cancellationSchedule: '*/5 * * * * *'
    projectionGapsSchedule: '*/15 * * * * *'
    projectorsAlwaysReady: 2
    hubThroughputUnits: 2
    hubMaximumThroughputUnits: 20
    hubRetentionHours: 168
    writeSku: 'GP_Gen5_8'
    reportingSku: 'GP_Gen5_4'
    sqlLeastCapacity: '0.5'
    sqlBackupRedundancy: 'Zone'
    mongoTier: 'M40'
    mongoStorageGb: 256
    mongoHighAvailability: 'ZoneRedundantPreferred'
    redisSku: 'Balanced_B5'
    registrySku: 'Premium'
    gatewayLeastReplicas: 3
    gatewayMostReplicas: 10
    gatewayRatePerSecond: 2000
    gatewayHealthSeconds: 10
    readServiceLeastReplicas: 3
    readServiceMostReplicas: 20
    readServiceCpu: '1.0'
    readServiceMemory: '2Gi'
  }
}
var size = sizes[sizeName]

var resourceToken = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

var writeDatabase = 'CinemaDb'
var reportingDatabase = 'MasterDb'
var mongoDatabase = 'cinema'
var domainEventsHub = 'cinema.domain.events'
var reservationsHub = 'cinema.reservations'
var hubPartitions = 8
var projectorConsumerGroup = 'projector'

// One or none. What is named by an id is made in a loop: without one there would be a resource without a name.
var operatorPrincipalIds = empty(operatorPrincipalId) ? [] : [operatorPrincipalId]

// Empty where the stores are reached over public endpoints.
var endpointSubnetId = size.hasPrivateEndpoints ? network.outputs.endpointsSubnetId : ''

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  scope: group
  name: 'identities'
  params: { location: location, tags: tags, resourceToken: resourceToken }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    retentionDays: size.logRetentionDays
    dailyCapGb: size.logDailyCapGb
    senderPrincipalIds: [
      identities.outputs.commands.principalId
      identities.outputs.operations.principalId
      identities.outputs.outbox.principalId
      identities.outputs.projector.principalId
      identities.outputs.readService.principalId
    ]
  }
}

module network 'modules/network.bicep' = {
  scope: group
  name: 'network'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    addressPrefix: addressPrefix
    hasPrivateEndpoints: size.hasPrivateEndpoints
  }
}

module eventHubs 'modules/event-hubs.bicep' = {
  scope: group
  name: 'event-hubs'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    throughputUnits: size.hubThroughputUnits
    maximumThroughputUnits: size.hubMaximumThroughputUnits
    retentionHours: size.hubRetentionHours
    partitions: hubPartitions
    domainEventsHub: domainEventsHub
    reservationsHub: reservationsHub
    projectorConsumerGroup: projectorConsumerGroup
    senderPrincipalId: identities.outputs.outbox.principalId
    receiverPrincipalId: identities.outputs.projector.principalId
    operatorPrincipalIds: operatorPrincipalIds
    operatorPrincipalType: operatorPrincipalType
    endpointSubnetId: endpointSubnetId
    zoneId: network.outputs.eventHubsZoneId
  }
}

module sql 'modules/sql.bicep' = {
  scope: group
  name: 'sql'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    writeDatabase: writeDatabase
    reportingDatabase: reportingDatabase
    writeSku: size.writeSku
    reportingSku: size.reportingSku
    leastCapacity: size.sqlLeastCapacity
    isZoneRedundant: size.isZoneRedundant
    backupRedundancy: size.sqlBackupRedundancy
    administratorId: empty(sqlAdministratorsGroupId) ? principalId : sqlAdministratorsGroupId
    administratorName: 'administrators'
    administratorType: empty(sqlAdministratorsGroupId) ? (principalType == 'User' ? 'User' : 'Application') : 'Group'
    workspaceId: monitoring.outputs.workspaceId
    endpointSubnetId: endpointSubnetId
    zoneId: network.outputs.sqlZoneId
  }
}

module mongo 'modules/mongo.bicep' = {
  scope: group
  name: 'mongo'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    tier: size.mongoTier
    storageGb: size.mongoStorageGb
    highAvailability: size.mongoHighAvailability
    database: mongoDatabase
    writerPrincipalId: identities.outputs.projector.principalId
    readerPrincipalIds: [identities.outputs.readService.principalId, identities.outputs.operations.principalId]
    operatorPrincipalIds: operatorPrincipalIds
    operatorPrincipalType: operatorPrincipalType
    endpointSubnetId: endpointSubnetId
    zoneId: network.outputs.mongoZoneId
  }
}

module redis 'modules/redis.bicep' = {
  scope: group
  name: 'redis'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    sku: size.redisSku
    isHighlyAvailable: size.isZoneRedundant
    principalIds: [
      identities.outputs.projector.principalId
      identities.outputs.readService.principalId
      identities.outputs.operations.principalId
    ]
    operatorPrincipalIds: operatorPrincipalIds
    endpointSubnetId: endpointSubnetId
    zoneId: network.outputs.redisZoneId
  }
}

module functions 'modules/functions.bicep' = {
  scope: group
  name: 'functions'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    commandsIdentity: identities.outputs.commands
    operationsIdentity: identities.outputs.operations
    outboxIdentity: identities.outputs.outbox
    projectorIdentity: identities.outputs.projector
    writeDatabaseUrl: sql.outputs.writeUrl
    reportingDatabaseUrl: sql.outputs.reportingUrl
    eventHubsHostName: eventHubs.outputs.hostName
    domainEventsHub: domainEventsHub
    reservationsHub: reservationsHub
    hubPartitions: hubPartitions
    projectorConsumerGroup: projectorConsumerGroup
    mongoUrl: mongo.outputs.url
    mongoDatabase: mongoDatabase
    redisUrl: redis.outputs.url
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    operationsClientId: operationsClientId
    operatorsGroupId: operatorsGroupId
    holdMinutes: holdMinutes
    outboxRetentionHours: outboxRetentionHours
    size: size
    gatewaySubnetId: network.outputs.gatewaySubnetId
    functionsSubnetId: network.outputs.functionsSubnetId
    endpointSubnetId: endpointSubnetId
    blobZoneId: network.outputs.blobZoneId
    sitesZoneId: network.outputs.sitesZoneId
  }
}

module registry 'modules/registry.bicep' = {
  scope: group
  name: 'registry'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    sku: size.registrySku
    pullerPrincipalIds: [identities.outputs.gateway.principalId, identities.outputs.readService.principalId]
  }
}

module containerEnvironment 'modules/container-environment.bicep' = {
  scope: group
  name: 'container-environment'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    subnetId: network.outputs.gatewaySubnetId
    workspaceId: monitoring.outputs.workspaceId
    isZoneRedundant: size.isZoneRedundant
  }
}

module readService 'modules/read-service.bicep' = {
  scope: group
  name: 'read-service'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    environmentId: containerEnvironment.outputs.id
    identity: identities.outputs.readService
    registryServer: registry.outputs.loginServer
    image: readServiceImage
    leastReplicas: size.readServiceLeastReplicas
    mostReplicas: size.readServiceMostReplicas
    cpu: size.readServiceCpu
    memory: size.readServiceMemory
    mongoUrl: mongo.outputs.url
    mongoDatabase: mongoDatabase
    redisUrl: redis.outputs.url
    cinemaTimeZone: cinemaTimeZone
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    traceRatio: size.traceRatio
  }
}

module gateway 'modules/gateway.bicep' = {
  scope: group
  name: 'gateway'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    environmentId: containerEnvironment.outputs.id
    identity: identities.outputs.gateway
    registryServer: registry.outputs.loginServer
    image: gatewayImage
    leastReplicas: size.gatewayLeastReplicas
    mostReplicas: size.gatewayMostReplicas
    ratePerSecond: size.gatewayRatePerSecond
    commandsHostName: functions.outputs.commandsHostName
    operationsHostName: functions.outputs.operationsHostName
    readServiceHostName: readService.outputs.hostName
    healthSeconds: size.gatewayHealthSeconds
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
    gatewayId: gateway.outputs.id
    eventHubsId: eventHubs.outputs.id
    mongoId: mongo.outputs.id
    writeDatabaseId: sql.outputs.writeDatabaseId
    reportingDatabaseId: sql.outputs.reportingDatabaseId
    oldestUndelivered: 60
    projectorLag: 60
    serverErrorsPercent: 1
    databasePercent: 80
  }
}

// What azd needs, and what the hooks read from the environment. None of it is a secret.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output AZURE_CONTAINER_REGISTRY_NAME string = registry.outputs.name
output GATEWAY_URL string = gateway.outputs.url
output SQL_SERVER_NAME string = sql.outputs.serverName
output WRITE_DATABASE_URL string = sql.outputs.writeUrl
output REPORTING_DATABASE_URL string = sql.outputs.reportingUrl
output COMMANDS_IDENTITY_NAME string = identities.outputs.commands.name
output COMMANDS_IDENTITY_OBJECT_ID string = identities.outputs.commands.principalId
output OPERATIONS_IDENTITY_NAME string = identities.outputs.operations.name
output OPERATIONS_IDENTITY_OBJECT_ID string = identities.outputs.operations.principalId
output OUTBOX_IDENTITY_NAME string = identities.outputs.outbox.name
output OUTBOX_IDENTITY_OBJECT_ID string = identities.outputs.outbox.principalId
output PROJECTOR_IDENTITY_NAME string = identities.outputs.projector.name
output PROJECTOR_IDENTITY_OBJECT_ID string = identities.outputs.projector.principalId
