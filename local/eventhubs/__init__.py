"""A local Event Hubs emulator: AMQP 1.0 over asyncio, with an append-only log on disk.

It implements what the azure-eventhub client asks for and refuses the rest. Source of the protocol: OASIS AMQP 1.0,
and the Event Hubs AMQP guide for link addresses, annotations, filters and error conditions.
"""
