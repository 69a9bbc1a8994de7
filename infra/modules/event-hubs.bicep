// The two hubs. Both protocols, AMQP and Kafka, reach the same log; nobody signs in with a key.

param location string
param tags object
param resourceToken string
param throughputUnits int

@description('How far the throughput units may grow by themselves; 0 keeps them as they are.')
param maximumThroughputUnits int
param retentionHours int

@description('The partitions of each hub. The outbox keeps the number and refuses another one: it is chosen once.')
param partitions int

@minLength(1)
param domainEventsHub string

@minLength(1)
param reservationsHub string

@minLength(1)
param projectorConsumerGroup string

@description('Who publishes, to both hubs.')
param senderPrincipalId string

@description('Who projects, from the domain events alone.')
param receiverPrincipalId string

@description('Who looks into both hubs by hand.')
param operatorPrincipalIds array
param operatorPrincipalType string

@description('Where the private endpoint goes; empty for a public one.')
param endpointSubnetId string
param zoneId string

var isPrivate = !empty(endpointSubnetId)
var dataSender = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2b629674-e913-4c01-ae53-ef4638d8f975')
var dataReceiver = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde')

resource namespace 'Microsoft.EventHub/namespaces@2026-01-01' = {
  name: 'evhns-${resourceToken}'
  location: location
  tags: tags
  sku: {
    name: 'Standard' // the least that has Kafka and consumer groups
    tier: 'Standard'
    capacity: throughputUnits
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    isAutoInflateEnabled: maximumThroughputUnits > 0
    maximumThroughputUnits: maximumThroughputUnits
  }
}

resource domainEvents 'Microsoft.EventHub/namespaces/eventhubs@2026-01-01' = {
  parent: namespace
  name: domainEventsHub
  properties: {
    partitionCount: partitions
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: retentionHours
    }
  }

  // $Default is always there: `cinema audit` reads with it.
  resource projector 'consumergroups@2026-01-01' = {
    name: projectorConsumerGroup
    properties: {}
  }
}

resource reservations 'Microsoft.EventHub/namespaces/eventhubs@2026-01-01' = {
  parent: namespace
  name: reservationsHub
  properties: {
    partitionCount: partitions
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: retentionHours
    }
  }
}

resource maySendDomainEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(domainEvents.id, senderPrincipalId, dataSender)
  scope: domainEvents
  properties: {
    principalId: senderPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: dataSender
  }
}

resource maySendReservations 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(reservations.id, senderPrincipalId, dataSender)
  scope: reservations
  properties: {
    principalId: senderPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: dataSender
  }
}

resource mayReceiveDomainEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(domainEvents.id, receiverPrincipalId, dataReceiver)
  scope: domainEvents
  properties: {
    principalId: receiverPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: dataReceiver
  }
}

// `cinema audit` and `cinema trace` read both hubs.
resource operatorsMayReceive 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in operatorPrincipalIds: {
    name: guid(namespace.id, principalId, dataReceiver)
    scope: namespace
    properties: {
      principalId: principalId
      principalType: operatorPrincipalType
      roleDefinitionId: dataReceiver
    }
  }
]

module endpoint 'private-endpoint.bicep' = if (isPrivate) {
  name: 'event-hubs-endpoint'
  params: {
    name: 'pep-evhns-${resourceToken}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: namespace.id
    groupId: 'namespace'
    zoneId: zoneId
  }
}

output id string = namespace.id
output hostName string = '${namespace.name}.servicebus.windows.net'
