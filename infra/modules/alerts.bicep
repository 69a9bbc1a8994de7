// What somebody should look at. docs/runbook.md has a row for each, by its name: what it means, and what to do.

param location string
param tags object
param resourceToken string
param workspaceId string

@description('Who is told; empty: the alerts are only shown.')
param email string

param gatewayId string
param eventHubsId string
param mongoId string
param writeDatabaseId string
param reportingDatabaseId string

@description('In seconds.')
param oldestUndelivered int
param projectorLag int

@description('Of a hundred commands.')
param serverErrorsPercent int
param databasePercent int

var runbook = 'What to do: docs/runbook.md, The alerts'

// Queries over what the functions measure. Each gives one row for each thing that is wrong, and none when all is well.
// A gauge is told as one measurement: its value is Sum, and the exporter gives it no Max. A histogram has Max and ItemCount.
var queryAlerts = [
  {
    name: 'oldest-undelivered'
    severity: 1
    description: 'Events have waited for a sink for longer than ${oldestUndelivered} s.'
    query: 'AppMetrics | where Name == "cinema.outbox.oldest_age" | summarize Value = max(Sum) by Sink = tostring(Properties["cinema.sink"]) | where Value > ${oldestUndelivered}'
    window: 'PT5M'
  }
  {
    name: 'dead-letters'
    severity: 2
    description: 'A sink has refused a message, and its stream is held: cinema dead-letters list.'
    query: 'AppMetrics | where Name == "cinema.outbox.held" | summarize arg_max(TimeGenerated, Sum) by Sink = tostring(Properties["cinema.sink"]) | where Sum > 0'
    window: 'PT15M'
  }
  {
    name: 'projector-lag'
    severity: 1
    description: 'Events were projected more than ${projectorLag} s after the hub had them.'
    query: 'AppMetrics | where Name == "cinema.projector.lag" | summarize Value = max(Max) | where Value > ${projectorLag}'
    window: 'PT5M'
  }
  {
    name: 'projector-fails'
    severity: 1
    description: 'The projector fails again and again, and its partitions stand still.'
    query: 'AppMetrics | where Name == "cinema.projector.failures" | summarize Failures = sum(Sum) | where Failures >= 5'
    window: 'PT5M'
  }
  {
    name: 'nothing-measured'
    severity: 1
    description: 'No master has said for a quarter of an hour how the outbox stands: none runs, or its telemetry is lost.'
    query: 'AppMetrics | where Name == "cinema.outbox.oldest_age" | summarize Measured = count() | where Measured == 0'
    window: 'PT15M'
  }
  {
    name: 'server-errors'
    severity: 1
    description: 'More than ${serverErrorsPercent} of a hundred commands were answered with 5xx.'
    // The measure knows every command; of requests, a sampler may keep a tenth.
    query: 'AppMetrics | where Name == "cinema.command.duration" | extend Failed = tostring(Properties["cinema.result"]) in ("unavailable", "unforeseen") | summarize Failures = sumif(ItemCount, Failed), Commands = sum(ItemCount) | where Commands >= 20 and 100.0 * Failures / Commands > ${serverErrorsPercent}'
    window: 'PT5M'
  }
]

var databaseLoads = [
  {
    name: 'write-database'
    scope: writeDatabaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: 'cpu_percent'
  }
  {
    name: 'write-database-workers'
    scope: writeDatabaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: 'workers_percent'
  }
  {
    // Full, it takes no booking.
    name: 'write-database-storage'
    scope: writeDatabaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: 'storage_percent'
  }
  {
    name: 'reporting-database'
    scope: reportingDatabaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: 'cpu_percent'
  }
  {
    name: 'reporting-database-storage'
    scope: reportingDatabaseId
    type: 'Microsoft.Sql/servers/databases'
    metric: 'storage_percent'
  }
  {
    name: 'views'
    scope: mongoId
    type: 'Microsoft.DocumentDB/mongoClusters'
    metric: 'CpuPercent'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${resourceToken}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'cinema'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource queries 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in queryAlerts: {
    name: 'alert-${alert.name}-${resourceToken}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: '${alert.description} ${runbook}, ${alert.name}.'
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      autoMitigate: true
      // Tables of which nothing has been written yet do not exist: that must not fail the deployment.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [people.id] }
    }
  }
]

resource loads 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for load in databaseLoads: {
    name: 'alert-load-${load.name}-${resourceToken}'
    location: 'global'
    tags: tags
    properties: {
      description: '${load.name}: ${load.metric} has been over ${databasePercent} for a quarter of an hour. ${runbook}, load-${load.name}.'
      severity: 2
      enabled: true
      scopes: [load.scope]
      targetResourceType: load.type
      targetResourceRegion: location
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'load'
            metricNamespace: load.type
            metricName: load.metric
            operator: 'GreaterThan'
            threshold: databasePercent
            timeAggregation: 'Average'
          }
        ]
      }
      actions: empty(email) ? [] : [{ actionGroupId: people.id }]
    }
  }
]

resource throttled 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-event-hubs-throttled-${resourceToken}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Hubs refuses to take events as fast as they come: more throughput units are needed. ${runbook}, event-hubs-throttled.'
    severity: 2
    enabled: true
    scopes: [eventHubsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'throttled'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          metricName: 'ThrottledRequests'
          operator: 'GreaterThan'
          threshold: 10
          timeAggregation: 'Total'
        }
      ]
    }
    actions: empty(email) ? [] : [{ actionGroupId: people.id }]
  }
}

resource gatewayErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-gateway-errors-${resourceToken}'
  location: 'global'
  tags: tags
  properties: {
    description: 'The gateway answers customers with 5xx. ${runbook}, gateway-errors.'
    severity: 1
    enabled: true
    scopes: [gatewayId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'errors'
          metricNamespace: 'Microsoft.App/containerApps'
          metricName: 'Requests'
          dimensions: [{ name: 'statusCodeCategory', operator: 'Include', values: ['5xx'] }]
          operator: 'GreaterThan'
          threshold: 10
          timeAggregation: 'Total'
        }
      ]
    }
    actions: empty(email) ? [] : [{ actionGroupId: people.id }]
  }
}
