// One Functions app on Flex Consumption, with a storage account of its own: the code that runs, the host's locks, the
// leases of timers and the checkpoints lie there, and another app must not be able to write them.

param location string
param tags object

@minLength(13)
param resourceToken string

@description('The service of azure.yaml whose code this app gets.')
param service string
param identity object

@description('Starts a storage account\'s name: short, lower case letters alone.')
param storagePrefix string

@description('What the code is told, beside what the platform is told here.')
param settings object

@description('Instances that are never taken away: [{ name: \'http\' | \'function:NAME\', instanceCount: int }].')
param alwaysReady array
param maximumInstanceCount int
param instanceMemoryMb int

@description('How many requests an instance takes at once.')
param httpConcurrency int

@description('How many calls of functions a worker runs side by side: as many as requests, or as an instance may have partitions.')
param workerThreads int
param isZoneRedundant bool
param storageSku string
param insightsConnectionString string

@description('Which part of the new traces is kept: 1 is all, 0.1 a tenth. Who is called follows the caller.')
param traceRatio string

@description('Where requests may come from; empty: from nowhere.')
param callersSubnetId string

@description('The Entra application whose tokens are demanded; empty: the app asks nobody who they are.')
param signInClientId string = ''

@description('The Entra group whose members alone are let in; it goes with the application.')
param allowedGroupId string = ''

@description('Where private endpoints go; empty for public ones.')
param endpointSubnetId string

@description('Whether callers reach the app by a private endpoint too.')
param hasCallerEndpoint bool = false
param functionsSubnetId string
param blobZoneId string
param sitesZoneId string

var isPrivate = !empty(endpointSubnetId)
var blobDataOwner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')

// What the host, the worker and the libraries read. Nothing here is a secret.
var platformSettings = {
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  AzureWebJobsDisableHomepage: 'true'
  AZURE_CLIENT_ID: identity.clientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
  // The code exports its own traces and measures. Its log records reach the host, which exports those.
  TELEMETRY_EXPORTER: 'azure-monitor'
  TELEMETRY_LOGS: 'false'
  OTEL_SERVICE_NAME: service
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio'
  OTEL_TRACES_SAMPLER_ARG: traceRatio
  PYTHON_THREADPOOL_THREAD_COUNT: string(workerThreads)
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: '${storagePrefix}${resourceToken}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: storageSku }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }

  resource blobs 'blobServices@2026-04-01' = {
    name: 'default'

    resource deployments 'containers@2026-04-01' = {
      name: 'deployments'
      properties: { publicAccess: 'None' }
    }
  }
}

resource mayUseStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.principalId, blobDataOwner)
  scope: storage
  properties: {
    principalId: identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataOwner
  }
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${service}-${resourceToken}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: isZoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${service}-${resourceToken}'
  location: location
  tags: union(tags, { 'azd-service-name': service })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // The way for callers is closed below. That for deployments stays: it demands an Entra role, and no password is taken.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: isPrivate ? functionsSubnetId : null
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      ipSecurityRestrictionsDefaultAction: 'Deny'
      ipSecurityRestrictions: empty(callersSubnetId) ? [] : [{ name: 'gateway', action: 'Allow', priority: 100, vnetSubnetResourceId: callersSubnetId }]
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${storage::blobs::deployments.name}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.11'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMb
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
  }

  resource appSettings 'config@2025-03-01' = {
    name: 'appsettings'
    properties: union(platformSettings, settings)
  }

  resource noDeploymentByPassword 'basicPublishingCredentialsPolicies@2025-03-01' = {
    name: 'scm'
    properties: { allow: false }
    // Two changes of one site at a time are refused: they come one after the other, from here to the end.
    dependsOn: [appSettings]
  }

  resource noFtp 'basicPublishingCredentialsPolicies@2025-03-01' = {
    name: 'ftp'
    properties: { allow: false }
    dependsOn: [noDeploymentByPassword]
  }

  dependsOn: [mayUseStorage]
}

resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(signInClientId)) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signInClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [signInClientId, 'api://${signInClientId}']
          defaultAuthorizationPolicy: { allowedPrincipals: { groups: [allowedGroupId] } }
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
  dependsOn: [app::noFtp]
}

module storageEndpoint 'private-endpoint.bicep' = if (isPrivate) {
  name: 'storage-endpoint-${service}'
  params: {
    name: 'pep-${storage.name}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: storage.id
    groupId: 'blob'
    zoneId: blobZoneId
  }
}

module callerEndpoint 'private-endpoint.bicep' = if (isPrivate && hasCallerEndpoint) {
  name: 'caller-endpoint-${service}'
  params: {
    name: 'pep-${app.name}'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    targetId: app.id
    groupId: 'sites'
    zoneId: sitesZoneId
  }
  dependsOn: [app::noFtp, signIn]
}

output hostName string = app.properties.defaultHostName
