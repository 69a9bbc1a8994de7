// The four Functions apps. All run the same code; each is told which functions are not its own (docs/decisions/0040).

param location string
param tags object

@minLength(13)
param resourceToken string

param commandsIdentity object
param operationsIdentity object
param outboxIdentity object
param projectorIdentity object

param writeDatabaseUrl string
param reportingDatabaseUrl string
param eventHubsHostName string
param domainEventsHub string
param reservationsHub string
param hubPartitions int
param projectorConsumerGroup string
param mongoUrl string
param mongoDatabase string
param redisUrl string
param insightsConnectionString string

@description('The Entra application whose tokens operations demand; empty: operations answer nobody.')
param operationsClientId string

@description('The Entra group whose members are operators; empty: operations answer nobody.')
param operatorsGroupId string
param holdMinutes int
param outboxRetentionHours int

@description('See the sizes in main.bicep.')
param size object

param gatewaySubnetId string
param functionsSubnetId string
param endpointSubnetId string
param blobZoneId string
param sitesZoneId string

var areOperationsOpen = !empty(operationsClientId) && !empty(operatorsGroupId)

// What each app is not for. A test compares these with the functions that there are.
var commandsOff = {
  'AzureWebJobs.asset.Disabled': 'true'
  'AzureWebJobs.booking_page.Disabled': 'true'
  'AzureWebJobs.cancel_reservation.Disabled': 'true'
  'AzureWebJobs.cancel_showtime.Disabled': 'true'
  'AzureWebJobs.confirm_reservation.Disabled': 'true'
  'AzureWebJobs.create_showtime.Disabled': 'true'
  'AzureWebJobs.docs_page.Disabled': 'true'
  'AzureWebJobs.event_schema.Disabled': 'true'
  'AzureWebJobs.health.Disabled': 'true'
  'AzureWebJobs.livez.Disabled': 'true'
  'AzureWebJobs.openapi_json.Disabled': 'true'
  'AzureWebJobs.operations_page.Disabled': 'true'
  'AzureWebJobs.register_auditorium.Disabled': 'true'
  'AzureWebJobs.register_movie.Disabled': 'true'
  'AzureWebJobs.reschedule_showtime.Disabled': 'true'
  'AzureWebJobs.reserve_seats.Disabled': 'true'
}
var operationsOff = {
  'AzureWebJobs.dead_letters.Disabled': 'true'
  'AzureWebJobs.discard_dead_letter.Disabled': 'true'
  'AzureWebJobs.outbox_status.Disabled': 'true'
  'AzureWebJobs.pipeline_status.Disabled': 'true'
  'AzureWebJobs.redrive_dead_letter.Disabled': 'true'
  'AzureWebJobs.trace_reservation.Disabled': 'true'
}
var outboxOff = {
  'AzureWebJobs.idempotency_cleanup.Disabled': 'true'
  'AzureWebJobs.outbox_master_1.Disabled': 'true'
  'AzureWebJobs.outbox_retention.Disabled': 'true'
  'AzureWebJobs.reservation_expiry.Disabled': 'true'
  'AzureWebJobs.showtime_cancellation.Disabled': 'true'
}
var projectorOff = {
  'AzureWebJobs.projection_gaps.Disabled': 'true'
  'AzureWebJobs.projector.Disabled': 'true'
}

// The host fills these in for every function that it finds, also for those that are switched off.
var triggerSettings = {
  MASTER_SCHEDULE: size.masterSchedule
  EXPIRY_SCHEDULE: size.expirySchedule
  CANCELLATION_SCHEDULE: size.cancellationSchedule
  IDEMPOTENCY_CLEANUP_SCHEDULE: '0 */10 * * * *'
  RETENTION_SCHEDULE: '30 */10 * * * *'
  PROJECTION_GAPS_SCHEDULE: size.projectionGapsSchedule
  DOMAIN_EVENTS_HUB: domainEventsHub
  PROJECTOR_CONSUMER_GROUP: projectorConsumerGroup
}

var commandSettings = {
  WRITE_DATABASE_URL: writeDatabaseUrl
  // A request has a thread, and a thread a connection. Times the instances, the database's workers must suffice.
  SQL_POOL_SIZE: string(size.commandConcurrency)
  HOLD_MINUTES: string(holdMinutes)
}
var operationSettings = {
  WRITE_DATABASE_URL: writeDatabaseUrl
  REPORTING_DATABASE_URL: reportingDatabaseUrl
  HUB_PARTITIONS: string(hubPartitions)
  MONGO_URL: mongoUrl
  MONGO_AUTH: 'entra'
  MONGO_DATABASE: mongoDatabase
  REDIS_URL: redisUrl
  REDIS_AUTH: 'entra'
}
var outboxSettings = {
  // How many masters there are. The other apps have the one that is always there, switched off.
  MASTER_COUNT: string(size.masters)
  WRITE_DATABASE_URL: writeDatabaseUrl
  REPORTING_DATABASE_URL: reportingDatabaseUrl
  EventHub__fullyQualifiedNamespace: eventHubsHostName
  EventHub__credential: 'managedidentity'
  EventHub__clientId: outboxIdentity.clientId
  HUB_PROTOCOL: 'amqp'
  RESERVATIONS_HUB: reservationsHub
  HUB_PARTITIONS: string(hubPartitions)
  // How long a master lingers after the outbox is empty: nearly always in prod, hardly in dev, where each second is paid for.
  MASTER_BUDGET_SECONDS: string(size.masterBudgetSeconds)
  MASTER_WORKERS_PER_SINK: string(size.masterWorkersPerSink)
  OUTBOX_RETENTION_HOURS: string(outboxRetentionHours)
  // The expiry of holds and the clearing of cancelled showtimes are commands too.
  HOLD_MINUTES: string(holdMinutes)
}
var readyMasters = [for number in range(1, size.masters): { name: 'function:outbox_master_${number}', instanceCount: 1 }]
var projectorSettings = {
  REPORTING_DATABASE_URL: reportingDatabaseUrl
  EventHub__fullyQualifiedNamespace: eventHubsHostName
  EventHub__credential: 'managedidentity'
  EventHub__clientId: projectorIdentity.clientId
  MONGO_URL: mongoUrl
  MONGO_AUTH: 'entra'
  MONGO_DATABASE: mongoDatabase
  REDIS_URL: redisUrl
  REDIS_AUTH: 'entra'
}

module commands 'function-app.bicep' = {
  name: 'function-app-commands'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    service: 'commands'
    storagePrefix: 'stcmd'
    identity: commandsIdentity
    settings: union(triggerSettings, commandSettings, operationsOff, outboxOff, projectorOff)
    alwaysReady: size.commandsAlwaysReady > 0 ? [{ name: 'http', instanceCount: size.commandsAlwaysReady }] : []
    maximumInstanceCount: size.commandsMaximumInstances
    instanceMemoryMb: size.instanceMemoryMb
    httpConcurrency: size.commandConcurrency
    workerThreads: size.commandConcurrency
    isZoneRedundant: size.isZoneRedundant
    storageSku: size.storageSku
    insightsConnectionString: insightsConnectionString
    traceRatio: size.traceRatio
    callersSubnetId: gatewaySubnetId
    endpointSubnetId: endpointSubnetId
    hasCallerEndpoint: true
    functionsSubnetId: functionsSubnetId
    blobZoneId: blobZoneId
    sitesZoneId: sitesZoneId
  }
}

module operations 'function-app.bicep' = {
  name: 'function-app-operations'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    service: 'operations'
    storagePrefix: 'stops'
    identity: operationsIdentity
    settings: union(triggerSettings, operationSettings, commandsOff, outboxOff, projectorOff)
    alwaysReady: []
    maximumInstanceCount: 40
    instanceMemoryMb: size.instanceMemoryMb
    httpConcurrency: 4
    workerThreads: 4
    isZoneRedundant: size.isZoneRedundant
    storageSku: size.storageSku
    insightsConnectionString: insightsConnectionString
    traceRatio: size.traceRatio
    // Without an application and a group that say who may, nobody may.
    callersSubnetId: areOperationsOpen ? gatewaySubnetId : ''
    signInClientId: areOperationsOpen ? operationsClientId : ''
    allowedGroupId: operatorsGroupId
    endpointSubnetId: endpointSubnetId
    hasCallerEndpoint: areOperationsOpen
    functionsSubnetId: functionsSubnetId
    blobZoneId: blobZoneId
    sitesZoneId: sitesZoneId
  }
}

module outbox 'function-app.bicep' = {
  name: 'function-app-outbox'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    service: 'outbox'
    storagePrefix: 'stbox'
    identity: outboxIdentity
    settings: union(triggerSettings, outboxSettings, commandsOff, operationsOff, projectorOff)
    // Each timer function has an instance of its own: so many masters run side by side.
    alwaysReady: size.areMastersAlwaysReady ? readyMasters : []
    maximumInstanceCount: 40
    instanceMemoryMb: size.instanceMemoryMb
    httpConcurrency: 1
    workerThreads: 4
    isZoneRedundant: size.isZoneRedundant
    storageSku: size.storageSku
    insightsConnectionString: insightsConnectionString
    traceRatio: size.traceRatio
    callersSubnetId: ''
    endpointSubnetId: endpointSubnetId
    functionsSubnetId: functionsSubnetId
    blobZoneId: blobZoneId
    sitesZoneId: sitesZoneId
  }
}

module projector 'function-app.bicep' = {
  name: 'function-app-projector'
  params: {
    location: location
    tags: tags
    resourceToken: resourceToken
    service: 'projector'
    storagePrefix: 'stprj'
    identity: projectorIdentity
    settings: union(triggerSettings, projectorSettings, commandsOff, operationsOff, outboxOff)
    alwaysReady: size.projectorsAlwaysReady > 0 ? [{ name: 'function:projector', instanceCount: size.projectorsAlwaysReady }] : []
    maximumInstanceCount: 40
    instanceMemoryMb: size.instanceMemoryMb
    httpConcurrency: 1
    workerThreads: hubPartitions
    isZoneRedundant: size.isZoneRedundant
    storageSku: size.storageSku
    insightsConnectionString: insightsConnectionString
    traceRatio: size.traceRatio
    callersSubnetId: ''
    endpointSubnetId: endpointSubnetId
    functionsSubnetId: functionsSubnetId
    blobZoneId: blobZoneId
    sitesZoneId: sitesZoneId
  }
}

output commandsHostName string = commands.outputs.hostName
output operationsHostName string = operations.outputs.hostName
