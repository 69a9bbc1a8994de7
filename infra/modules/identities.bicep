// One identity for each program, so that each can be given what it needs and no more (docs/decisions/0040).

param location string
param tags object
param resourceToken string

var programs = ['commands', 'operations', 'outbox', 'projector', 'read-service', 'gateway']

resource identities 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [
  for program in programs: {
    name: 'id-${program}-${resourceToken}'
    location: location
    tags: tags
  }
]

output commands object = {
  id: identities[0].id
  name: identities[0].name
  clientId: identities[0].properties.clientId
  principalId: identities[0].properties.principalId
}
output operations object = {
  id: identities[1].id
  name: identities[1].name
  clientId: identities[1].properties.clientId
  principalId: identities[1].properties.principalId
}
output outbox object = {
  id: identities[2].id
  name: identities[2].name
  clientId: identities[2].properties.clientId
  principalId: identities[2].properties.principalId
}
output projector object = {
  id: identities[3].id
  name: identities[3].name
  clientId: identities[3].properties.clientId
  principalId: identities[3].properties.principalId
}
output readService object = {
  id: identities[4].id
  name: identities[4].name
  clientId: identities[4].properties.clientId
  principalId: identities[4].properties.principalId
}
output gateway object = {
  id: identities[5].id
  name: identities[5].name
  clientId: identities[5].properties.clientId
  principalId: identities[5].properties.principalId
}
