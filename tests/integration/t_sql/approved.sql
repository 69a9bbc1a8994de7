-- register a movie
INSERT INTO [Idempotency] ([RequestKey], [Fingerprint], [Answer], [Sequence], [CreatedAt]) OUTPUT inserted.[Id] VALUES (:RequestKey, :Fingerprint, :Answer, :Sequence, SYSUTCDATETIME());

-- register a movie
SELECT [Movies].[MovieId], [Movies].[Title], [Movies].[RuntimeMinutes], [Movies].[Version]
FROM [Movies] WITH (ROWLOCK, XLOCK)
WHERE [Movies].[MovieId] = :MovieId_1;

-- register a movie
INSERT INTO [Movies] ([MovieId], [Title], [RuntimeMinutes], [Version]) VALUES (:MovieId, :Title, :RuntimeMinutes, :Version);

-- register a movie
INSERT INTO [OutboxStreams] ([StreamId], [LastSequence]) VALUES (:StreamId, :LastSequence);

-- register a movie
SET NOCOUNT ON;
DECLARE @messages nvarchar(max) = :messages;
DECLARE @given TABLE (
    Ordinal int PRIMARY KEY, EventId uniqueidentifier, StreamId varchar(100) COLLATE Latin1_General_100_BIN2,
    Place int, Lane int, AggregateType varchar(32), AggregateId varchar(64), Version int, Type varchar(128),
    Payload nvarchar(max), TraceParent varchar(64), OccurredAt datetime2(6), Sinks nvarchar(max));
DECLARE @locked TABLE (
    StreamId varchar(100) COLLATE Latin1_General_100_BIN2 PRIMARY KEY, Messages int, Base int NULL);
DECLARE @inserted TABLE (Id bigint PRIMARY KEY, EventId uniqueidentifier, Sequence int);

INSERT INTO @given
SELECT m.ordinal, m.event_id, m.stream_id,
    ROW_NUMBER() OVER (PARTITION BY m.stream_id COLLATE Latin1_General_100_BIN2 ORDER BY m.ordinal),
    m.lane, m.aggregate_type, m.aggregate_id, m.version, m.type, m.payload, m.trace_parent, m.occurred_at, m.sinks
FROM OPENJSON(@messages) WITH (
    ordinal int, event_id uniqueidentifier, stream_id varchar(100), lane int, aggregate_type varchar(32),
    aggregate_id varchar(64), version int, type varchar(128), payload nvarchar(max), trace_parent varchar(64),
    occurred_at datetime2(6), sinks nvarchar(max) AS JSON) AS m;

INSERT INTO @locked (StreamId, Messages) SELECT StreamId, COUNT(*) FROM @given GROUP BY StreamId;

UPDATE l SET Base = s.LastSequence
FROM @locked AS l
INNER LOOP JOIN OutboxStreams AS s WITH (ROWLOCK, UPDLOCK, READCOMMITTEDLOCK, FORCESEEK) ON s.StreamId = l.StreamId
OPTION (FORCE ORDER, MAXDOP 1);

UPDATE s SET LastSequence = l.Base + l.Messages
FROM @locked AS l
INNER LOOP JOIN OutboxStreams AS s WITH (ROWLOCK) ON s.StreamId = l.StreamId
OPTION (FORCE ORDER, MAXDOP 1);

INSERT INTO OutboxMessages (EventId, StreamId, Sequence, Lane, AggregateType, AggregateId, Version, Type, Payload,
    TraceParent, OccurredAt)
OUTPUT inserted.Id, inserted.EventId, inserted.Sequence INTO @inserted
SELECT g.EventId, g.StreamId, l.Base + g.Place, g.Lane, g.AggregateType, g.AggregateId, g.Version, g.Type, g.Payload,
    g.TraceParent, g.OccurredAt
FROM @given AS g
INNER JOIN @locked AS l ON l.StreamId = g.StreamId
WHERE l.Base IS NOT NULL
ORDER BY g.Ordinal;

INSERT INTO OutboxDeliveries (Sink, Lane, MessageId)
SELECT s.value, g.Lane, i.Id
FROM @inserted AS i
INNER JOIN @given AS g ON g.EventId = i.EventId
CROSS APPLY OPENJSON(g.Sinks) AS s;

UPDATE Idempotency SET Answer = :answer, Sequence = (
    SELECT MAX(i.Sequence) FROM @inserted AS i
    INNER JOIN @given AS g ON g.EventId = i.EventId
    WHERE g.StreamId = :answer_stream)
WHERE RequestKey = :request_key;

SELECT EventId, Sequence FROM @inserted;

-- register a movie
UPDATE [Idempotency] SET [Answer]=:Answer, [Sequence]=:Sequence WHERE [Idempotency].[RequestKey] = :RequestKey_1;

-- register a movie
UPDATE [Movies] SET [Title]=:Title, [RuntimeMinutes]=:RuntimeMinutes, [Version]=:Version WHERE [Movies].[MovieId] = :MovieId_1 AND [Movies].[Version] = :Version_1;

-- register an auditorium
SELECT [Auditoriums].[AuditoriumId], [Auditoriums].[Name], [Auditoriums].[Layout], [Auditoriums].[Version]
FROM [Auditoriums] WITH (ROWLOCK, XLOCK)
WHERE [Auditoriums].[AuditoriumId] = :AuditoriumId_1;

-- register an auditorium
INSERT INTO [Auditoriums] ([AuditoriumId], [Name], [Layout], [Version]) VALUES (:AuditoriumId, :Name, :Layout, :Version);

-- create a showtime
SELECT [Movies].[MovieId], [Movies].[Title], [Movies].[RuntimeMinutes], [Movies].[Version]
FROM [Movies]
WHERE [Movies].[MovieId] = :MovieId_1;

-- create a showtime
SELECT TOP 1 [Showtimes].[Id], [Showtimes].[ShowtimeId], [Showtimes].[MovieId], [Showtimes].[AuditoriumId], [Showtimes].[StartsAt], [Showtimes].[RuntimeMinutes], [Showtimes].[CleaningMinutes], [Showtimes].[EndsAt], [Showtimes].[Status], [Showtimes].[Version]
FROM [Showtimes]
WHERE [Showtimes].[AuditoriumId] = :AuditoriumId_1 AND [Showtimes].[StartsAt] < :StartsAt_1 AND [Showtimes].[Status] = :Status_1 ORDER BY [Showtimes].[StartsAt] DESC;

-- create a showtime
INSERT INTO [Showtimes] ([ShowtimeId], [MovieId], [AuditoriumId], [StartsAt], [RuntimeMinutes], [CleaningMinutes], [EndsAt], [Status], [Version]) OUTPUT inserted.[Id] VALUES (:ShowtimeId, :MovieId, :AuditoriumId, :StartsAt, :RuntimeMinutes, :CleaningMinutes, :EndsAt, :Status, :Version);

-- reserve seats
UPDATE [Customers] SET [Bookings]=([Customers].[Bookings] + :Bookings_1) WHERE [Customers].[CustomerId] = :CustomerId_1;

-- reserve seats
INSERT INTO [Customers] ([CustomerId], [Bookings]) OUTPUT inserted.[Id] VALUES (:CustomerId, :Bookings);

-- reserve seats
SELECT [Showtimes].[Id], [Showtimes].[ShowtimeId], [Showtimes].[MovieId], [Showtimes].[AuditoriumId], [Showtimes].[StartsAt], [Showtimes].[RuntimeMinutes], [Showtimes].[CleaningMinutes], [Showtimes].[EndsAt], [Showtimes].[Status], [Showtimes].[Version]
FROM [Showtimes] WITH (ROWLOCK, REPEATABLEREAD)
WHERE [Showtimes].[ShowtimeId] = :ShowtimeId_1;

-- reserve seats
SELECT [Auditoriums].[AuditoriumId], [Auditoriums].[Name], [Auditoriums].[Layout], [Auditoriums].[Version]
FROM [Auditoriums]
WHERE [Auditoriums].[AuditoriumId] = :AuditoriumId_1;

-- reserve seats
SELECT count(*) AS count_1
FROM [Reservations]
WHERE [Reservations].[CustomerId] = :CustomerId_1 AND [Reservations].[Status] = :Status_1 AND [Reservations].[ExpiresAt] > :ExpiresAt_1;

-- reserve seats
SELECT [SeatClaims].[Row], [SeatClaims].[Number], [SeatClaims].[ReservationId], [Reservations].[Status], [Reservations].[ExpiresAt]
FROM [SeatClaims] JOIN [Reservations] ON [Reservations].[ReservationId] = [SeatClaims].[ReservationId]
WHERE [SeatClaims].[ShowtimeId] = :ShowtimeId_1 AND [SeatClaims].[Row] = :Row_1 AND [SeatClaims].[Number] = :Number_1;

-- reserve seats
INSERT INTO [Reservations] ([ReservationId], [ShowtimeId], [CustomerId], [Status], [CancellationReason], [CreatedAt], [ExpiresAt], [Version]) OUTPUT inserted.[Id] VALUES (:ReservationId, :ShowtimeId, :CustomerId, :Status, :CancellationReason, :CreatedAt, :ExpiresAt, :Version);

-- reserve seats
INSERT INTO [ReservationSeats] ([ReservationId], [Row], [Number]) VALUES (:ReservationId_m0, :Row_m0, :Number_m0);

-- reserve seats
INSERT INTO [SeatClaims] ([ShowtimeId], [Row], [Number], [ReservationId]) VALUES (:ShowtimeId_m0, :Row_m0, :Number_m0, :ReservationId_m0);

-- reserve seats over an ended hold
SELECT [Reservations].[Id], [Reservations].[ReservationId], [Reservations].[ShowtimeId], [Reservations].[CustomerId], [Reservations].[Status], [Reservations].[CancellationReason], [Reservations].[CreatedAt], [Reservations].[ExpiresAt], [Reservations].[Version], [ReservationSeats].[Row], [ReservationSeats].[Number]
FROM [Reservations] WITH (ROWLOCK, XLOCK) JOIN [ReservationSeats] ON [ReservationSeats].[ReservationId] = [Reservations].[ReservationId]
WHERE [Reservations].[ReservationId] = :ReservationId_1;

-- reserve seats over an ended hold
UPDATE [Reservations] SET [Status]=:Status, [CancellationReason]=:CancellationReason, [Version]=:Version WHERE [Reservations].[ReservationId] = :ReservationId_1 AND [Reservations].[Version] = :Version_1;

-- reserve seats over an ended hold
DELETE FROM [SeatClaims] WHERE [SeatClaims].[ShowtimeId] = :ShowtimeId_1 AND [SeatClaims].[ReservationId] = :ReservationId_1 AND [SeatClaims].[Row] = :Row_1 AND [SeatClaims].[Number] = :Number_1;

-- confirm a reservation
SELECT [Reservations].[ShowtimeId]
FROM [Reservations]
WHERE [Reservations].[ReservationId] = :ReservationId_1;

-- cancel a reservation
SELECT [OutboxStreams].[LastSequence]
FROM [OutboxStreams]
WHERE [OutboxStreams].[StreamId] = :StreamId_1;

-- expire holds
SELECT TOP 100 [Reservations].[ShowtimeId], [Reservations].[ReservationId]
FROM [Reservations]
WHERE [Reservations].[Status] = :Status_1 AND [Reservations].[ExpiresAt] <= :ExpiresAt_1 ORDER BY [Reservations].[ExpiresAt];

-- reschedule a showtime
SELECT [Showtimes].[AuditoriumId]
FROM [Showtimes]
WHERE [Showtimes].[ShowtimeId] = :ShowtimeId_1;

-- reschedule a showtime
SELECT [Showtimes].[Id], [Showtimes].[ShowtimeId], [Showtimes].[MovieId], [Showtimes].[AuditoriumId], [Showtimes].[StartsAt], [Showtimes].[RuntimeMinutes], [Showtimes].[CleaningMinutes], [Showtimes].[EndsAt], [Showtimes].[Status], [Showtimes].[Version]
FROM [Showtimes] WITH (ROWLOCK, XLOCK)
WHERE [Showtimes].[ShowtimeId] = :ShowtimeId_1;

-- reschedule a showtime
SELECT TOP 1 [Showtimes].[Id], [Showtimes].[ShowtimeId], [Showtimes].[MovieId], [Showtimes].[AuditoriumId], [Showtimes].[StartsAt], [Showtimes].[RuntimeMinutes], [Showtimes].[CleaningMinutes], [Showtimes].[EndsAt], [Showtimes].[Status], [Showtimes].[Version]
FROM [Showtimes]
WHERE [Showtimes].[AuditoriumId] = :AuditoriumId_1 AND [Showtimes].[StartsAt] < :StartsAt_1 AND [Showtimes].[Status] = :Status_1 AND [Showtimes].[ShowtimeId] != :ShowtimeId_1 ORDER BY [Showtimes].[StartsAt] DESC;

-- reschedule a showtime
UPDATE [Showtimes] SET [StartsAt]=:StartsAt, [RuntimeMinutes]=:RuntimeMinutes, [CleaningMinutes]=:CleaningMinutes, [EndsAt]=:EndsAt, [Status]=:Status, [Version]=:Version WHERE [Showtimes].[ShowtimeId] = :ShowtimeId_1 AND [Showtimes].[Version] = :Version_1;

-- cancel a showtime
INSERT INTO [ShowtimesToClear] ([ShowtimeId]) OUTPUT inserted.[Id] VALUES (:ShowtimeId);

-- clear cancelled showtimes
SELECT TOP 1000 [ShowtimesToClear].[ShowtimeId]
FROM [ShowtimesToClear] ORDER BY [ShowtimesToClear].[Id];

-- clear cancelled showtimes
SELECT [Reservations].[Id], [Reservations].[ReservationId], [Reservations].[ShowtimeId], [Reservations].[CustomerId], [Reservations].[Status], [Reservations].[CancellationReason], [Reservations].[CreatedAt], [Reservations].[ExpiresAt], [Reservations].[Version], [ReservationSeats].[Row], [ReservationSeats].[Number]
FROM [Reservations] WITH (ROWLOCK, XLOCK) JOIN [ReservationSeats] ON [ReservationSeats].[ReservationId] = [Reservations].[ReservationId]
WHERE [Reservations].[ReservationId] IN (SELECT DISTINCT TOP 50 [SeatClaims].[ReservationId]
FROM [SeatClaims]
WHERE [SeatClaims].[ShowtimeId] = :ShowtimeId_1 ORDER BY [SeatClaims].[ReservationId]) ORDER BY [Reservations].[ReservationId];

-- clear cancelled showtimes
DELETE FROM [ShowtimesToClear] WHERE [ShowtimesToClear].[ShowtimeId] = :ShowtimeId_1;

-- forget answers
SELECT TOP 1000 [Idempotency].[Id], [Idempotency].[CreatedAt]
FROM [Idempotency] WITH (ROWLOCK, UPDLOCK, READPAST) ORDER BY [Idempotency].[Id];

-- forget answers
DELETE FROM [Idempotency] WHERE [Idempotency].[Id] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1));

-- refit an auditorium
SELECT [Showtimes].[ShowtimeId]
FROM [Showtimes] WITH (ROWLOCK, XLOCK)
WHERE [Showtimes].[AuditoriumId] = :AuditoriumId_1 AND [Showtimes].[EndsAt] > :EndsAt_1 AND [Showtimes].[Status] = :Status_1 ORDER BY [Showtimes].[ShowtimeId];

-- refit an auditorium
SELECT DISTINCT [SeatClaims].[Row], [SeatClaims].[Number]
FROM [SeatClaims] JOIN [Showtimes] ON [Showtimes].[ShowtimeId] = [SeatClaims].[ShowtimeId] JOIN [Reservations] ON [Reservations].[ReservationId] = [SeatClaims].[ReservationId]
WHERE [Showtimes].[AuditoriumId] = :AuditoriumId_1 AND [Showtimes].[EndsAt] > :EndsAt_1 AND [Showtimes].[Status] = :Status_1 AND ([Reservations].[Status] = :Status_2 OR [Reservations].[ExpiresAt] > :ExpiresAt_1) AND [SeatClaims].[Row] = :Row_1 AND [SeatClaims].[Number] BETWEEN :Number_1 AND :Number_2;

-- refit an auditorium
UPDATE [Auditoriums] SET [Name]=:Name, [Layout]=:Layout, [Version]=:Version WHERE [Auditoriums].[AuditoriumId] = :AuditoriumId_1 AND [Auditoriums].[Version] = :Version_1;

-- master: prepare
SELECT TOP 1 [OutboxDeliveries].[Sink]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] > :Sink_1 ORDER BY [OutboxDeliveries].[Sink];

-- master: prepare
SELECT [OutboxSinks].[Sink], [OutboxSinks].[Partitions]
FROM [OutboxSinks];

-- master: prepare
INSERT INTO [OutboxSinks] ([Sink], [Partitions]) VALUES (:Sink, :Partitions);

-- master: prepare
SELECT [OutboxLanes].[Lane]
FROM [OutboxLanes]
WHERE [OutboxLanes].[Sink] = :Sink_1;

-- master: poll
SELECT [OutboxLanes].[Sink], [OutboxLanes].[Lane]
FROM [OutboxLanes]
WHERE [OutboxLanes].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxLanes].[LeaseEnd] <= SYSUTCDATETIME() AND [OutboxLanes].[NextAttemptAt] <= SYSUTCDATETIME() AND ((SELECT TOP 1 [OutboxDeliveries].[MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = [OutboxLanes].[Sink] AND [OutboxDeliveries].[Lane] = [OutboxLanes].[Lane] ORDER BY [OutboxDeliveries].[MessageId]) IS NOT NULL OR (SELECT TOP 1 [OutboxHolds].[Id]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = [OutboxLanes].[Sink] AND [OutboxHolds].[Lane] = [OutboxLanes].[Lane] AND [OutboxHolds].[State] = :State_1 ORDER BY [OutboxHolds].[Id]) IS NOT NULL);

-- master: claim
SELECT [OutboxLanes].[Owner], [OutboxLanes].[Epoch], [OutboxLanes].[Failures], (SELECT TOP 1 [OutboxHolds].[Id]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = [OutboxLanes].[Sink] AND [OutboxHolds].[Lane] = [OutboxLanes].[Lane] AND [OutboxHolds].[State] = :State_1 ORDER BY [OutboxHolds].[Id]) AS [Siding]
FROM [OutboxLanes] WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK)
WHERE [OutboxLanes].[Sink] = :Sink_1 AND [OutboxLanes].[Lane] = :Lane_1 AND [OutboxLanes].[LeaseEnd] <= SYSUTCDATETIME() AND [OutboxLanes].[NextAttemptAt] <= SYSUTCDATETIME();

-- master: claim
UPDATE [OutboxLanes] SET [Owner]=:Owner, [LeaseEnd]=DATEADD(millisecond, :param_1, SYSUTCDATETIME()), [Epoch]=:Epoch, [Failures]=:Failures WHERE [OutboxLanes].[Sink] = :Sink_1 AND [OutboxLanes].[Lane] = :Lane_1;

-- master: read
SELECT [OutboxHolds].[Id] AS hold_id, [OutboxMessages].[Id] AS id, [OutboxMessages].[EventId] AS event_id, [OutboxMessages].[StreamId] AS stream_id, [OutboxMessages].[Sequence] AS sequence, [OutboxMessages].[Lane] AS lane, [OutboxMessages].[AggregateType] AS aggregate_type, [OutboxMessages].[AggregateId] AS aggregate_id, [OutboxMessages].[Version] AS version, [OutboxMessages].[Type] AS type, [OutboxMessages].[Payload] AS payload, [OutboxMessages].[TraceParent] AS traceparent, [OutboxMessages].[OccurredAt] AS occurred_at
FROM [OutboxMessages] JOIN (SELECT TOP 500 [OutboxDeliveries].[MessageId] AS [MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] = :Lane_1 ORDER BY [OutboxDeliveries].[MessageId]) AS anon_1 ON anon_1.[MessageId] = [OutboxMessages].[Id] LEFT OUTER JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = :Sink_2 AND [OutboxHolds].[StreamId] = [OutboxMessages].[StreamId] ORDER BY [OutboxMessages].[StreamId], [OutboxMessages].[Sequence];

-- master: hold a stream
UPDATE [OutboxLanes] SET [Owner]=:Owner, [LeaseEnd]=:LeaseEnd, [Failures]=:Failures, [NextAttemptAt]=:NextAttemptAt, [Delivered]=([OutboxLanes].[Delivered] + :Delivered_1) WHERE [OutboxLanes].[Sink] = :Sink_1 AND [OutboxLanes].[Lane] = :Lane_1 AND [OutboxLanes].[Epoch] = :Epoch_1 AND [OutboxLanes].[Owner] = :Owner_1;

-- master: hold a stream
UPDATE [OutboxHolds] SET [MessageId]=:MessageId, [State]=:State, [Reason]=:Reason, [HeldAt]=SYSUTCDATETIME() WHERE [OutboxHolds].[Sink] = :Sink_1 AND [OutboxHolds].[StreamId] = (SELECT [OutboxMessages].[StreamId]
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] = :Id_1);

-- master: hold a stream
INSERT INTO [OutboxHolds] ([Sink], [StreamId], [Lane], [MessageId], [State], [Reason], [HeldAt]) SELECT :param_1 AS anon_1, [OutboxMessages].[StreamId], [OutboxMessages].[Lane], [OutboxMessages].[Id], :param_2 AS anon_2, :param_3 AS anon_3, SYSUTCDATETIME() AS anon_4
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] = :Id_1;

-- master: hold a stream
UPDATE [OutboxDeliveries] SET [Lane]=(SELECT -[OutboxHolds].[Id]
FROM [OutboxHolds] JOIN [OutboxMessages] ON [OutboxMessages].[StreamId] = [OutboxHolds].[StreamId]
WHERE [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]) WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] = :Lane_1 AND [OutboxDeliveries].[MessageId] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1));

-- look at the outbox
SELECT SYSUTCDATETIME() AS anon_1;

-- look at the outbox
SELECT [OutboxLanes].[Sink], [OutboxLanes].[Lane], [OutboxLanes].[Owner], [OutboxLanes].[LeaseEnd], [OutboxLanes].[Epoch], [OutboxLanes].[Failures], [OutboxLanes].[NextAttemptAt], [OutboxLanes].[Delivered], (SELECT TOP 1 [OutboxDeliveries].[MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = [OutboxLanes].[Sink] AND [OutboxDeliveries].[Lane] = [OutboxLanes].[Lane] ORDER BY [OutboxDeliveries].[MessageId]) AS [FirstMessage], (SELECT TOP 1 [OutboxHolds].[Id]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = [OutboxLanes].[Sink] AND [OutboxHolds].[Lane] = [OutboxLanes].[Lane] AND [OutboxHolds].[State] = :State_1 ORDER BY [OutboxHolds].[Id]) AS [ResumedHold], (SELECT TOP 1 [OutboxHolds].[Lane]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = [OutboxLanes].[Sink] AND [OutboxHolds].[Lane] >= [OutboxLanes].[Lane] AND [OutboxHolds].[State] = :State_2 ORDER BY [OutboxHolds].[Lane]) AS [LaneWithHold]
FROM [OutboxLanes] ORDER BY [OutboxLanes].[Sink], [OutboxLanes].[Lane];

-- look at the outbox
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] IN (:Id_1_1, :Id_1_2, :Id_1_3);

-- look at the outbox
SELECT (SELECT count(*) AS count_1
FROM (SELECT TOP 100001 [OutboxDeliveries].[Lane] AS [Lane], [OutboxDeliveries].[MessageId] AS [MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] >= :Lane_1 ORDER BY [OutboxDeliveries].[Lane], [OutboxDeliveries].[MessageId]) AS anon_1) AS [Pending], (SELECT count(*) AS count_2
FROM (SELECT TOP 100001 [OutboxDeliveries].[Lane] AS [Lane], [OutboxDeliveries].[MessageId] AS [MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] < :Lane_2 ORDER BY [OutboxDeliveries].[Lane], [OutboxDeliveries].[MessageId]) AS anon_2) AS [Held], (SELECT count(*) AS count_3
FROM (SELECT TOP 100001 [OutboxHolds].[StreamId] AS [StreamId]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = :Sink_2 ORDER BY [OutboxHolds].[StreamId]) AS anon_3) AS [Holds];

-- list dead letters
SELECT TOP 10 [OutboxHolds].[Id], [OutboxHolds].[Sink], [OutboxHolds].[StreamId], [OutboxHolds].[State], [OutboxHolds].[Reason], [OutboxHolds].[HeldAt], [OutboxMessages].[Sequence], [OutboxMessages].[EventId], [OutboxMessages].[Type], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], (SELECT count(*) AS count_1
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = [OutboxHolds].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id]) AS [Waiting]
FROM [OutboxHolds] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxHolds].[MessageId]
WHERE [OutboxHolds].[Id] > :Id_1 ORDER BY [OutboxHolds].[Id];

-- list dead letters
SELECT TOP 10 [OutboxHolds].[Id], [OutboxHolds].[Sink], [OutboxHolds].[StreamId], [OutboxHolds].[State], [OutboxHolds].[Reason], [OutboxHolds].[HeldAt], [OutboxMessages].[Sequence], [OutboxMessages].[EventId], [OutboxMessages].[Type], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], (SELECT count(*) AS count_1
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = [OutboxHolds].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id]) AS [Waiting]
FROM [OutboxHolds] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxHolds].[MessageId]
WHERE [OutboxHolds].[Id] > :Id_1 AND [OutboxHolds].[Sink] = :Sink_1 ORDER BY [OutboxHolds].[Id];

-- redrive or discard
UPDATE [OutboxHolds] SET [State]=:State WHERE [OutboxHolds].[Id] = :Id_1 AND [OutboxHolds].[State] = :State_1;

-- redrive or discard
SELECT [OutboxHolds].[Id], [OutboxHolds].[Sink], [OutboxHolds].[StreamId], [OutboxHolds].[State], [OutboxHolds].[Reason], [OutboxHolds].[HeldAt], [OutboxMessages].[Sequence], [OutboxMessages].[EventId], [OutboxMessages].[Type], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], (SELECT count(*) AS count_1
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = [OutboxHolds].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id]) AS [Waiting]
FROM [OutboxHolds] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxHolds].[MessageId]
WHERE [OutboxHolds].[Id] = :Id_1;

-- master: hold a stream
DELETE FROM [OutboxHolds] WHERE [OutboxHolds].[Id] = :Id_1 AND [OutboxHolds].[State] = :State_1 AND NOT (EXISTS (SELECT [OutboxDeliveries].[MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] = :Lane_1));

-- redrive or discard
SELECT [OutboxHolds].[Id], [OutboxHolds].[Sink], [OutboxHolds].[StreamId], [OutboxHolds].[State], [OutboxHolds].[Reason], [OutboxHolds].[MessageId], [OutboxMessages].[Sequence], [OutboxMessages].[EventId]
FROM [OutboxHolds] WITH (ROWLOCK, XLOCK) JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxHolds].[MessageId]
WHERE [OutboxHolds].[Id] = :Id_1;

-- redrive or discard
DELETE FROM [OutboxDeliveries] WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] = :Lane_1 AND [OutboxDeliveries].[MessageId] = :MessageId_1;

-- redrive or discard
INSERT INTO [OutboxDiscards] ([Sink], [StreamId], [Sequence], [EventId], [Reason], [DiscardedAt]) OUTPUT inserted.[Id] VALUES (:Sink, :StreamId, :Sequence, :EventId, :Reason, SYSUTCDATETIME());

-- redrive or discard
SELECT [OutboxDiscards].[Id], [OutboxDiscards].[Sink], [OutboxDiscards].[StreamId], [OutboxDiscards].[Sequence], [OutboxDiscards].[EventId], [OutboxDiscards].[Reason], [OutboxDiscards].[DiscardedAt]
FROM [OutboxDiscards]
WHERE [OutboxDiscards].[Sink] = :Sink_1 AND [OutboxDiscards].[StreamId] = :StreamId_1 AND [OutboxDiscards].[Sequence] = :Sequence_1;

-- redrive or discard
SELECT TOP 10 [OutboxDiscards].[Id], [OutboxDiscards].[Sink], [OutboxDiscards].[StreamId], [OutboxDiscards].[Sequence], [OutboxDiscards].[EventId], [OutboxDiscards].[Reason], [OutboxDiscards].[DiscardedAt]
FROM [OutboxDiscards]
WHERE [OutboxDiscards].[Id] > :Id_1 ORDER BY [OutboxDiscards].[Id];

-- master: acknowledge
DELETE FROM [OutboxDeliveries] WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] IN (:Lane_1_1, :Lane_1_2) AND [OutboxDeliveries].[MessageId] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1));

-- master: acknowledge
DELETE FROM [OutboxDeliveries] WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] IN (:Lane_1_1) AND [OutboxDeliveries].[MessageId] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1));

-- reporting sink
SELECT [EventLog].[EventId]
FROM [EventLog] WITH (UPDLOCK, HOLDLOCK)
WHERE [EventLog].[EventId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- reporting sink
INSERT INTO [EventLog] ([EventId], [StreamId], [Sequence], [AggregateType], [AggregateId], [Version], [Type], [Payload], [OccurredAt]) VALUES (:EventId, :StreamId, :Sequence, :AggregateType, :AggregateId, :Version, :Type, :Payload, :OccurredAt);

-- reporting sink
INSERT INTO [ShowtimeFacts] ([ShowtimeId], [Version], [Capacity], [SeatsHeld], [SeatsSold], [SeatsCancelled]) SELECT :showtime_id AS anon_1, 0, 0, 0, 0, 0
WHERE NOT (EXISTS (SELECT *
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[ShowtimeId] = :showtime_id));

-- reporting sink
UPDATE [ShowtimeFacts] SET [SeatsHeld]=([ShowtimeFacts].[SeatsHeld] + :held), [SeatsSold]=([ShowtimeFacts].[SeatsSold] + :sold), [SeatsCancelled]=([ShowtimeFacts].[SeatsCancelled] + :cancelled) WHERE [ShowtimeFacts].[ShowtimeId] = :showtime_id;

-- reporting sink
UPDATE [ShowtimeFacts] SET [MovieId]=:movie_id, [MovieTitle]=:movie_title, [AuditoriumId]=:auditorium_id, [ScreeningTime]=:screening_time, [Status]=:status, [Version]=:version, [Capacity]=:capacity WHERE [ShowtimeFacts].[ShowtimeId] = :showtime_id AND [ShowtimeFacts].[Version] < :version;

-- reporting sink
INSERT INTO [ReservationFacts] ([ReservationId], [ShowtimeId], [Seats], [Status], [Version], [CreatedAt]) SELECT :reservation_id AS anon_1, :showtime_id AS anon_2, :seats AS anon_3, :status AS anon_4, 0, :created_at AS anon_5
WHERE NOT (EXISTS (SELECT *
FROM [ReservationFacts]
WHERE [ReservationFacts].[ReservationId] = :reservation_id));

-- reporting sink
UPDATE [ReservationFacts] SET [Status]=CASE WHEN ([ReservationFacts].[Version] < :version) THEN :status ELSE [ReservationFacts].[Status] END, [Version]=CASE WHEN ([ReservationFacts].[Version] < :version) THEN :version ELSE [ReservationFacts].[Version] END, [ConfirmedAt]=coalesce([ReservationFacts].[ConfirmedAt], :confirmed_at), [CancelledAt]=coalesce([ReservationFacts].[CancelledAt], :cancelled_at), [CancellationReason]=coalesce([ReservationFacts].[CancellationReason], :reason) WHERE [ReservationFacts].[ReservationId] = :reservation_id;

-- reporting sink
SELECT [EventLog].[EventId]
FROM [EventLog]
WHERE [EventLog].[StreamId] = :StreamId_1 AND [EventLog].[Sequence] = :Sequence_1;

-- report: movies, over a change of the clocks
SELECT anon_1.[Day], anon_1.[MovieId], sum(anon_1.[TakesPlace]) AS [Showtimes], sum(1 - anon_1.[TakesPlace]) AS [ShowtimesCancelled], sum(anon_1.[TakesPlace] * anon_1.[Capacity]) AS [Capacity], sum(anon_1.[TakesPlace] * anon_1.[SeatsSold]) AS [SeatsSold], sum(anon_1.[TakesPlace] * anon_1.[SeatsHeld]) AS [SeatsHeld], sum(anon_1.[SeatsCancelled]) AS [SeatsCancelled], max(anon_1.[MovieTitle]) AS [MovieTitle]
FROM (SELECT (DATEDIFF_BIG(second, '1970-01-01', [ShowtimeFacts].[ScreeningTime]) + CASE WHEN ([ShowtimeFacts].[ScreeningTime] < :ScreeningTime_1) THEN 7200 ELSE 3600 END) / 86400 AS [Day], CASE WHEN ([ShowtimeFacts].[Status] = :Status_1) THEN 1 ELSE 0 END AS [TakesPlace], [ShowtimeFacts].[MovieId] AS [MovieId], [ShowtimeFacts].[MovieTitle] AS [MovieTitle], [ShowtimeFacts].[Capacity] AS [Capacity], [ShowtimeFacts].[SeatsSold] AS [SeatsSold], [ShowtimeFacts].[SeatsHeld] AS [SeatsHeld], [ShowtimeFacts].[SeatsCancelled] AS [SeatsCancelled]
FROM [ShowtimeFacts]
WHERE DATEDIFF_BIG(second, '1970-01-01', [ShowtimeFacts].[ScreeningTime]) / 2592000 IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1))) AS anon_1 GROUP BY anon_1.[Day], anon_1.[MovieId] ORDER BY anon_1.[Day], anon_1.[MovieId];

-- report: showtimes
SELECT [ShowtimeFacts].[Id], [ShowtimeFacts].[ShowtimeId], [ShowtimeFacts].[MovieId], [ShowtimeFacts].[MovieTitle], [ShowtimeFacts].[AuditoriumId], [ShowtimeFacts].[ScreeningTime], [ShowtimeFacts].[Status], [ShowtimeFacts].[Version], [ShowtimeFacts].[Capacity], [ShowtimeFacts].[SeatsHeld], [ShowtimeFacts].[SeatsSold], [ShowtimeFacts].[SeatsCancelled], [ShowtimeFacts].[Occupancy]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[Version] > 0 AND [ShowtimeFacts].[ScreeningTime] >= :ScreeningTime_1 AND [ShowtimeFacts].[ScreeningTime] < :ScreeningTime_2 AND [ShowtimeFacts].[MovieId] = :MovieId_1 ORDER BY [ShowtimeFacts].[ScreeningTime], [ShowtimeFacts].[ShowtimeId];

-- report: showtimes
SELECT [EventLog].[Payload]
FROM [EventLog] JOIN (SELECT [EventLog].[StreamId] AS [StreamId], max([EventLog].[Sequence]) AS [Sequence]
FROM [EventLog]
WHERE [EventLog].[StreamId] IN (SELECT :param_1 + [ShowtimeFacts].[MovieId] AS anon_2
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[Version] > 0 AND [ShowtimeFacts].[ScreeningTime] >= :ScreeningTime_1 AND [ShowtimeFacts].[ScreeningTime] < :ScreeningTime_2 AND [ShowtimeFacts].[MovieId] = :MovieId_1) GROUP BY [EventLog].[StreamId]) AS anon_1 ON [EventLog].[StreamId] = anon_1.[StreamId] AND [EventLog].[Sequence] = anon_1.[Sequence];

-- report: movies
SELECT anon_1.[Month]
FROM (SELECT DATEDIFF_BIG(second, '1970-01-01', [ShowtimeFacts].[ScreeningTime]) / 2592000 AS [Month]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[Version] > 0 AND [ShowtimeFacts].[ScreeningTime] >= :ScreeningTime_1 AND [ShowtimeFacts].[ScreeningTime] < :ScreeningTime_2 AND [ShowtimeFacts].[MovieId] = :MovieId_1) AS anon_1 GROUP BY anon_1.[Month] ORDER BY anon_1.[Month];

-- report: movies
SELECT anon_1.[Day], anon_1.[MovieId], sum(anon_1.[TakesPlace]) AS [Showtimes], sum(1 - anon_1.[TakesPlace]) AS [ShowtimesCancelled], sum(anon_1.[TakesPlace] * anon_1.[Capacity]) AS [Capacity], sum(anon_1.[TakesPlace] * anon_1.[SeatsSold]) AS [SeatsSold], sum(anon_1.[TakesPlace] * anon_1.[SeatsHeld]) AS [SeatsHeld], sum(anon_1.[SeatsCancelled]) AS [SeatsCancelled], max(anon_1.[MovieTitle]) AS [MovieTitle]
FROM (SELECT (DATEDIFF_BIG(second, '1970-01-01', [ShowtimeFacts].[ScreeningTime]) + 3600) / 86400 AS [Day], CASE WHEN ([ShowtimeFacts].[Status] = :Status_1) THEN 1 ELSE 0 END AS [TakesPlace], [ShowtimeFacts].[MovieId] AS [MovieId], [ShowtimeFacts].[MovieTitle] AS [MovieTitle], [ShowtimeFacts].[Capacity] AS [Capacity], [ShowtimeFacts].[SeatsSold] AS [SeatsSold], [ShowtimeFacts].[SeatsHeld] AS [SeatsHeld], [ShowtimeFacts].[SeatsCancelled] AS [SeatsCancelled]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[Version] > 0 AND [ShowtimeFacts].[ScreeningTime] >= :ScreeningTime_1 AND [ShowtimeFacts].[ScreeningTime] < :ScreeningTime_2 AND [ShowtimeFacts].[MovieId] = :MovieId_1 AND DATEDIFF_BIG(second, '1970-01-01', [ShowtimeFacts].[ScreeningTime]) / 2592000 IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1))) AS anon_1 GROUP BY anon_1.[Day], anon_1.[MovieId] ORDER BY anon_1.[Day], anon_1.[MovieId];

-- report: conversion
SELECT count(*) AS [Holds], sum(CASE WHEN ([ReservationFacts].[ConfirmedAt] IS NOT NULL) THEN 1 ELSE 0 END) AS [Confirmed], sum(CASE WHEN ([ReservationFacts].[ConfirmedAt] IS NULL AND [ReservationFacts].[CancellationReason] = :CancellationReason_1) THEN 1 ELSE 0 END) AS [Expired], sum(CASE WHEN ([ReservationFacts].[ConfirmedAt] IS NULL AND [ReservationFacts].[CancellationReason] = :CancellationReason_2) THEN 1 ELSE 0 END) AS [CancelledByCustomer], sum(CASE WHEN ([ReservationFacts].[ConfirmedAt] IS NULL AND [ReservationFacts].[CancellationReason] = :CancellationReason_3) THEN 1 ELSE 0 END) AS [ShowtimeCancelled], sum(CASE WHEN ([ReservationFacts].[Status] = :Status_1) THEN 1 ELSE 0 END) AS [StillHeld], sum(CASE WHEN ([ReservationFacts].[ConfirmedAt] IS NOT NULL AND [ReservationFacts].[CancellationReason] IS NOT NULL) THEN 1 ELSE 0 END) AS [GivenBack]
FROM [ReservationFacts]
WHERE [ReservationFacts].[CreatedAt] >= :CreatedAt_1 AND [ReservationFacts].[CreatedAt] < :CreatedAt_2 AND [ReservationFacts].[ShowtimeId] IN (SELECT [ShowtimeFacts].[ShowtimeId]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[MovieId] = :MovieId_1);

-- report: conversion
SELECT anon_1.[Seconds], count(*) AS [Holds]
FROM (SELECT DATEDIFF_BIG(second, '1970-01-01', [ReservationFacts].[ConfirmedAt]) - DATEDIFF_BIG(second, '1970-01-01', [ReservationFacts].[CreatedAt]) AS [Seconds]
FROM [ReservationFacts]
WHERE [ReservationFacts].[CreatedAt] >= :CreatedAt_1 AND [ReservationFacts].[CreatedAt] < :CreatedAt_2 AND [ReservationFacts].[ShowtimeId] IN (SELECT [ShowtimeFacts].[ShowtimeId]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[MovieId] = :MovieId_1) AND [ReservationFacts].[ConfirmedAt] IS NOT NULL) AS anon_1 GROUP BY anon_1.[Seconds] ORDER BY anon_1.[Seconds];

-- report: hours
SELECT anon_1.[Month]
FROM (SELECT DATEDIFF_BIG(second, '1970-01-01', [ReservationFacts].[CreatedAt]) / 2592000 AS [Month]
FROM [ReservationFacts]
WHERE [ReservationFacts].[CreatedAt] >= :CreatedAt_1 AND [ReservationFacts].[CreatedAt] < :CreatedAt_2 AND [ReservationFacts].[ShowtimeId] IN (SELECT [ShowtimeFacts].[ShowtimeId]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[MovieId] = :MovieId_1)) AS anon_1 GROUP BY anon_1.[Month] ORDER BY anon_1.[Month];

-- report: hours
SELECT anon_1.[WeekHour], count(*) AS [Bookings], sum(anon_1.[Seats]) AS [Seats]
FROM (SELECT ((DATEDIFF_BIG(second, '1970-01-01', [ReservationFacts].[CreatedAt]) + 3600) / 3600) % 168 AS [WeekHour], [ReservationFacts].[Seats] AS [Seats]
FROM [ReservationFacts]
WHERE [ReservationFacts].[CreatedAt] >= :CreatedAt_1 AND [ReservationFacts].[CreatedAt] < :CreatedAt_2 AND [ReservationFacts].[ShowtimeId] IN (SELECT [ShowtimeFacts].[ShowtimeId]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[MovieId] = :MovieId_1) AND DATEDIFF_BIG(second, '1970-01-01', [ReservationFacts].[CreatedAt]) / 2592000 IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1))) AS anon_1 GROUP BY anon_1.[WeekHour] ORDER BY anon_1.[WeekHour];

-- look at the pipeline
SELECT [Newest].[Id], [Newest].[StreamId], [Newest].[Sequence], [Newest].[Version], [Newest].[Lane], [Newest].[OccurredAt]
FROM (SELECT TOP 10 [OutboxMessages].[Id] AS [Id], [OutboxMessages].[StreamId] AS [StreamId], [OutboxMessages].[Sequence] AS [Sequence], [OutboxMessages].[Version] AS [Version], [OutboxMessages].[Lane] AS [Lane], [OutboxMessages].[OccurredAt] AS [OccurredAt]
FROM [OutboxMessages] ORDER BY [OutboxMessages].[Id] DESC) AS [Newest]
WHERE NOT (EXISTS (SELECT *
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] = :Sink_1 AND [OutboxDeliveries].[Lane] = [Newest].[Lane] AND [OutboxDeliveries].[MessageId] = [Newest].[Id])) AND NOT (EXISTS (SELECT *
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] = :Sink_2 AND [OutboxHolds].[StreamId] = [Newest].[StreamId])) ORDER BY [Newest].[Id];

-- audit
SELECT TOP 100 [OutboxStreams].[StreamId], [OutboxStreams].[LastSequence]
FROM [OutboxStreams]
WHERE [OutboxStreams].[StreamId] > :StreamId_1 ORDER BY [OutboxStreams].[StreamId];

-- audit
SELECT TOP 100 [EventLog].[StreamId]
FROM [EventLog]
WHERE [EventLog].[StreamId] > :StreamId_1 GROUP BY [EventLog].[StreamId] ORDER BY [EventLog].[StreamId];

-- audit
SELECT [OutboxStreams].[StreamId], [OutboxStreams].[LastSequence]
FROM [OutboxStreams]
WHERE [OutboxStreams].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence], [OutboxMessages].[Lane], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], [OutboxMessages].[Version], [OutboxMessages].[Type], [OutboxMessages].[Payload], [OutboxMessages].[TraceParent], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxMessages].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [OutboxHolds].[Sink], [OutboxHolds].[StreamId]
FROM [OutboxHolds]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [OutboxDiscards].[Sink], [OutboxDiscards].[StreamId], [OutboxDiscards].[Sequence]
FROM [OutboxDiscards]
WHERE [OutboxDiscards].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- audit
SELECT [Showtimes].[ShowtimeId] AS [AggregateId], [Showtimes].[Version], [Showtimes].[Status]
FROM [Showtimes]
WHERE [Showtimes].[ShowtimeId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- audit
SELECT [Reservations].[ReservationId] AS [AggregateId], [Reservations].[Version], [Reservations].[Status]
FROM [Reservations]
WHERE [Reservations].[ReservationId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- audit
SELECT [Movies].[MovieId] AS [AggregateId], [Movies].[Version], NULL AS [Status]
FROM [Movies]
WHERE [Movies].[MovieId] IN (:MovieId_1_1);

-- audit
SELECT [Auditoriums].[AuditoriumId] AS [AggregateId], [Auditoriums].[Version], NULL AS [Status]
FROM [Auditoriums]
WHERE [Auditoriums].[AuditoriumId] IN (:AuditoriumId_1_1);

-- audit
SELECT [ShowtimeFacts].[Id], [ShowtimeFacts].[ShowtimeId], [ShowtimeFacts].[MovieId], [ShowtimeFacts].[MovieTitle], [ShowtimeFacts].[AuditoriumId], [ShowtimeFacts].[ScreeningTime], [ShowtimeFacts].[Status], [ShowtimeFacts].[Version], [ShowtimeFacts].[Capacity], [ShowtimeFacts].[SeatsHeld], [ShowtimeFacts].[SeatsSold], [ShowtimeFacts].[SeatsCancelled], [ShowtimeFacts].[Occupancy], (SELECT max([EventLog].[Id]) AS max_1
FROM [EventLog]) AS [LogEnd]
FROM [ShowtimeFacts]
WHERE [ShowtimeFacts].[ShowtimeId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- audit
SELECT [ReservationFacts].[Id], [ReservationFacts].[ReservationId], [ReservationFacts].[ShowtimeId], [ReservationFacts].[Seats], [ReservationFacts].[Status], [ReservationFacts].[Version], [ReservationFacts].[CreatedAt], [ReservationFacts].[ConfirmedAt], [ReservationFacts].[CancelledAt], [ReservationFacts].[CancellationReason], (SELECT max([EventLog].[Id]) AS max_1
FROM [EventLog]) AS [LogEnd]
FROM [ReservationFacts]
WHERE [ReservationFacts].[ShowtimeId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- audit
SELECT [EventLog].[Id], [EventLog].[EventId], [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[AggregateType], [EventLog].[AggregateId], [EventLog].[Version], [EventLog].[Type], [EventLog].[Payload], [EventLog].[OccurredAt]
FROM [EventLog]
WHERE [EventLog].[StreamId] IN (:StreamId_1_1, :StreamId_1_2, :StreamId_1_3);

-- trace
SELECT [Reservations].[ReservationId], [Reservations].[ShowtimeId], [Reservations].[Status], [Reservations].[Version]
FROM [Reservations]
WHERE [Reservations].[ReservationId] = :ReservationId_1;

-- trace
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence], [OutboxMessages].[Lane], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], [OutboxMessages].[Version], [OutboxMessages].[Type], [OutboxMessages].[Payload], [OutboxMessages].[TraceParent], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[StreamId] = :StreamId_1 AND [OutboxMessages].[AggregateId] = :AggregateId_1;

-- trace
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxMessages].[StreamId] IN (:StreamId_1_1) AND [OutboxMessages].[AggregateId] = :AggregateId_1;

-- trace
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1) AND [OutboxMessages].[AggregateId] = :AggregateId_1;

-- trace
SELECT [OutboxDiscards].[Sink], [OutboxDiscards].[StreamId], [OutboxDiscards].[Sequence]
FROM [OutboxDiscards]
WHERE [OutboxDiscards].[StreamId] IN (:StreamId_1_1);

-- trace
SELECT [EventLog].[Id], [EventLog].[EventId], [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[AggregateType], [EventLog].[AggregateId], [EventLog].[Version], [EventLog].[Type], [EventLog].[Payload], [EventLog].[OccurredAt]
FROM [EventLog]
WHERE [EventLog].[StreamId] = :StreamId_1 AND [EventLog].[AggregateId] = :AggregateId_1;

-- rebuild the views
SELECT TOP 2 [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[Payload]
FROM [EventLog]
WHERE [EventLog].[StreamId] > :StreamId_1 ORDER BY [EventLog].[StreamId], [EventLog].[Sequence];

-- rebuild the views
SELECT TOP 100 [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[Payload]
FROM [EventLog]
WHERE [EventLog].[StreamId] = :StreamId_1 AND [EventLog].[Sequence] > :Sequence_1 ORDER BY [EventLog].[StreamId], [EventLog].[Sequence];

-- rebuild the views
SELECT TOP 100 [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[Payload]
FROM [EventLog]
WHERE [EventLog].[StreamId] > :StreamId_1 ORDER BY [EventLog].[StreamId], [EventLog].[Sequence];

-- rebuild the views
SELECT max([EventLog].[Id]) AS max_1
FROM [EventLog];

-- fill gaps
SELECT TOP 10 [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[Payload]
FROM [EventLog]
WHERE [EventLog].[StreamId] = :StreamId_1 AND [EventLog].[Sequence] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_2)) ORDER BY [EventLog].[StreamId], [EventLog].[Sequence];

-- repair
SELECT [OutboxStreams].[StreamId], [OutboxStreams].[LastSequence]
FROM [OutboxStreams]
WHERE [OutboxStreams].[StreamId] IN (:StreamId_1_1);

-- repair
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence], [OutboxMessages].[Lane], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], [OutboxMessages].[Version], [OutboxMessages].[Type], [OutboxMessages].[Payload], [OutboxMessages].[TraceParent], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[StreamId] IN (:StreamId_1_1);

-- repair
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxMessages].[StreamId] IN (:StreamId_1_1);

-- repair
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1);

-- repair
SELECT [OutboxHolds].[Sink], [OutboxHolds].[StreamId]
FROM [OutboxHolds]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1);

-- repair
SELECT [OutboxMessages].[Id]
FROM [OutboxMessages] WITH (ROWLOCK, XLOCK)
WHERE [OutboxMessages].[StreamId] = :StreamId_1 AND [OutboxMessages].[Sequence] = :Sequence_1;

-- repair
INSERT INTO [OutboxMessages] ([EventId], [StreamId], [Sequence], [Lane], [AggregateType], [AggregateId], [Version], [Type], [Payload], [TraceParent], [OccurredAt]) OUTPUT inserted.[Id] VALUES (:EventId, :StreamId, :Sequence, :Lane, :AggregateType, :AggregateId, :Version, :Type, :Payload, :TraceParent, :OccurredAt);

-- repair
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxMessages].[StreamId] IN (:StreamId_1_1) AND [OutboxDeliveries].[Sink] = :Sink_2;

-- repair
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1) AND [OutboxDeliveries].[Sink] = :Sink_1;

-- repair
INSERT INTO [OutboxDeliveries] ([Sink], [Lane], [MessageId]) VALUES (:Sink, :Lane, :MessageId);

-- repair
SELECT [ShowtimeFacts].[Id]
FROM [ShowtimeFacts] WITH (ROWLOCK, XLOCK)
WHERE [ShowtimeFacts].[ShowtimeId] = :ShowtimeId_1;

-- repair
SELECT [EventLog].[Id], [EventLog].[EventId], [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[AggregateType], [EventLog].[AggregateId], [EventLog].[Version], [EventLog].[Type], [EventLog].[Payload], [EventLog].[OccurredAt]
FROM [EventLog]
WHERE [EventLog].[StreamId] = :StreamId_1;

-- repair
INSERT INTO [EventLog] ([EventId], [StreamId], [Sequence], [AggregateType], [AggregateId], [Version], [Type], [Payload], [OccurredAt]) OUTPUT inserted.[Id] VALUES (:EventId, :StreamId, :Sequence, :AggregateType, :AggregateId, :Version, :Type, :Payload, :OccurredAt);

-- repair
UPDATE [ShowtimeFacts] SET [Version]=:Version, [Capacity]=:Capacity, [SeatsHeld]=:SeatsHeld, [SeatsSold]=:SeatsSold, [SeatsCancelled]=:SeatsCancelled WHERE [ShowtimeFacts].[ShowtimeId] = :ShowtimeId_1;

-- repair
DELETE FROM [ReservationFacts] WHERE [ReservationFacts].[ShowtimeId] = :ShowtimeId_1;

-- forget a customer
SELECT [CustomerErasures].[Id], [CustomerErasures].[CustomerId], [CustomerErasures].[Pseudonym], [CustomerErasures].[Run], [CustomerErasures].[BeganAt]
FROM [CustomerErasures]
WHERE [CustomerErasures].[CustomerId] = :CustomerId_1;

-- forget a customer
SELECT [Customers].[Id]
FROM [Customers]
WHERE [Customers].[CustomerId] = :CustomerId_1;

-- forget a customer
SELECT TOP 10 [Reservations].[ReservationId], [Reservations].[ShowtimeId], [Reservations].[Status], [Showtimes].[StartsAt]
FROM [Reservations] JOIN [Showtimes] ON [Showtimes].[ShowtimeId] = [Reservations].[ShowtimeId]
WHERE [Reservations].[CustomerId] = :CustomerId_1 AND ([Reservations].[Status] = :Status_1 AND [Reservations].[ExpiresAt] > :ExpiresAt_1 OR [Reservations].[Status] = :Status_2 AND [Showtimes].[Status] != :Status_3 AND [Showtimes].[EndsAt] > :EndsAt_1) ORDER BY [Showtimes].[StartsAt], [Reservations].[ReservationId];

-- forget a customer
SELECT [CustomerErasures].[Id], [CustomerErasures].[CustomerId], [CustomerErasures].[Pseudonym], [CustomerErasures].[Run], [CustomerErasures].[BeganAt]
FROM [CustomerErasures] WITH (ROWLOCK, XLOCK)
WHERE [CustomerErasures].[CustomerId] = :CustomerId_1;

-- forget a customer
INSERT INTO [CustomerErasures] ([CustomerId], [Pseudonym], [Run], [BeganAt]) OUTPUT inserted.[Id] VALUES (:CustomerId, :Pseudonym, :Run, :BeganAt);

-- forget a customer
UPDATE [CustomerErasures] SET [Run]=:Run WHERE [CustomerErasures].[Id] = :Id_1;

-- forget a customer
SELECT count(*) AS count_1
FROM [Reservations]
WHERE [Reservations].[CustomerId] = :CustomerId_1;

-- forget a customer
SELECT min([Idempotency].[Id]) AS min_1, max([Idempotency].[Id]) AS max_1
FROM [Idempotency];

-- forget a customer
SELECT [Idempotency].[Id], [Idempotency].[RequestKey], [Idempotency].[Fingerprint], [Idempotency].[Answer], [Idempotency].[Sequence], [Idempotency].[CreatedAt]
FROM [Idempotency]
WHERE [Idempotency].[Id] >= :Id_1 AND [Idempotency].[Id] < :Id_2 AND ([Idempotency].[Answer] LIKE '%' + :Answer_1 + '%') ORDER BY [Idempotency].[Id];

-- forget a customer
SELECT min([OutboxMessages].[Id]) AS min_1, max([OutboxMessages].[Id]) AS max_1
FROM [OutboxMessages];

-- forget a customer
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence], [OutboxMessages].[Lane], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], [OutboxMessages].[Version], [OutboxMessages].[Type], [OutboxMessages].[Payload], [OutboxMessages].[TraceParent], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] >= :Id_1 AND [OutboxMessages].[Id] < :Id_2 AND ([OutboxMessages].[Payload] LIKE '%' + :Payload_1 + '%') ORDER BY [OutboxMessages].[Id];

-- forget a customer
SELECT min([EventLog].[Id]) AS min_1, max([EventLog].[Id]) AS max_1
FROM [EventLog];

-- forget a customer
SELECT [EventLog].[Id], [EventLog].[EventId], [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[AggregateType], [EventLog].[AggregateId], [EventLog].[Version], [EventLog].[Type], [EventLog].[Payload], [EventLog].[OccurredAt]
FROM [EventLog]
WHERE [EventLog].[Id] >= :Id_1 AND [EventLog].[Id] < :Id_2 AND ([EventLog].[Payload] LIKE '%' + :Payload_1 + '%') ORDER BY [EventLog].[Id];

-- forget a customer
SELECT [CustomerErasures].[Run]
FROM [CustomerErasures] WITH (ROWLOCK, XLOCK)
WHERE [CustomerErasures].[CustomerId] = :CustomerId_1;

-- forget a customer
SELECT TOP 100 [Reservations].[ReservationId]
FROM [Reservations] WITH (ROWLOCK, XLOCK)
WHERE [Reservations].[CustomerId] = :CustomerId_1 ORDER BY [Reservations].[ReservationId];

-- forget a customer
UPDATE [Reservations] SET [CustomerId]=:CustomerId WHERE [Reservations].[ReservationId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- forget a customer
SELECT [Idempotency].[Id], [Idempotency].[RequestKey], [Idempotency].[Fingerprint], [Idempotency].[Answer], [Idempotency].[Sequence], [Idempotency].[CreatedAt]
FROM [Idempotency]
WHERE [Idempotency].[Id] >= :Id_1 AND [Idempotency].[Id] < :Id_2 AND (([Idempotency].[Answer] LIKE '%' + :Answer_1 + '%') OR ([Idempotency].[Answer] LIKE '%' + :Answer_2 + '%')) ORDER BY [Idempotency].[Id];

-- forget a customer
UPDATE [Idempotency] SET [Answer]=:new_text WHERE [Idempotency].[Id] = :row_id;

-- forget a customer
SELECT [OutboxMessages].[Id], [OutboxMessages].[EventId], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence], [OutboxMessages].[Lane], [OutboxMessages].[AggregateType], [OutboxMessages].[AggregateId], [OutboxMessages].[Version], [OutboxMessages].[Type], [OutboxMessages].[Payload], [OutboxMessages].[TraceParent], [OutboxMessages].[OccurredAt]
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] >= :Id_1 AND [OutboxMessages].[Id] < :Id_2 AND (([OutboxMessages].[Payload] LIKE '%' + :Payload_1 + '%') OR ([OutboxMessages].[Payload] LIKE '%' + :Payload_2 + '%')) ORDER BY [OutboxMessages].[Id];

-- forget a customer
SELECT [Reservations].[ReservationId], [Reservations].[CustomerId]
FROM [Reservations]
WHERE [Reservations].[ReservationId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- forget a customer
UPDATE [OutboxMessages] SET [Payload]=:new_text WHERE [OutboxMessages].[Id] = :row_id;

-- forget a customer
SELECT [EventLog].[Id], [EventLog].[EventId], [EventLog].[StreamId], [EventLog].[Sequence], [EventLog].[AggregateType], [EventLog].[AggregateId], [EventLog].[Version], [EventLog].[Type], [EventLog].[Payload], [EventLog].[OccurredAt]
FROM [EventLog]
WHERE [EventLog].[Id] >= :Id_1 AND [EventLog].[Id] < :Id_2 AND (([EventLog].[Payload] LIKE '%' + :Payload_1 + '%') OR ([EventLog].[Payload] LIKE '%' + :Payload_2 + '%')) ORDER BY [EventLog].[Id];

-- forget a customer
UPDATE [EventLog] SET [Payload]=:new_text WHERE [EventLog].[Id] = :row_id;

-- forget a customer
SELECT [Reservations].[ReservationId], [Reservations].[ShowtimeId]
FROM [Reservations]
WHERE [Reservations].[CustomerId] IN (SELECT CAST(value AS uniqueidentifier) FROM OPENJSON(:param_1));

-- forget a customer
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxMessages].[StreamId] IN (:StreamId_1_1) AND [OutboxMessages].[AggregateId] IN (:AggregateId_1_1);

-- forget a customer
SELECT [OutboxDeliveries].[Sink], [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxDeliveries] JOIN [OutboxHolds] ON [OutboxHolds].[Sink] = [OutboxDeliveries].[Sink] AND [OutboxDeliveries].[Lane] = -[OutboxHolds].[Id] JOIN [OutboxMessages] ON [OutboxMessages].[Id] = [OutboxDeliveries].[MessageId]
WHERE [OutboxHolds].[StreamId] IN (:StreamId_1_1) AND [OutboxHolds].[State] = :State_1 AND [OutboxMessages].[AggregateId] IN (:AggregateId_1_1);

-- forget a customer
SELECT [OutboxMessages].[StreamId], [OutboxMessages].[Sequence]
FROM [OutboxMessages]
WHERE [OutboxMessages].[StreamId] IN (:StreamId_1_1) AND [OutboxMessages].[AggregateId] IN (:AggregateId_1_1);

-- forget a customer
SELECT [EventLog].[StreamId], [EventLog].[Sequence]
FROM [EventLog]
WHERE [EventLog].[StreamId] IN (:StreamId_1_1) AND [EventLog].[AggregateId] IN (:AggregateId_1_1);

-- forget a customer
SELECT [Customers].[Id], [Customers].[CustomerId], [Customers].[Bookings]
FROM [Customers] WITH (ROWLOCK, XLOCK)
WHERE [Customers].[CustomerId] = :CustomerId_1;

-- forget a customer
SELECT TOP 1 [Reservations].[Id]
FROM [Reservations]
WHERE [Reservations].[CustomerId] = :CustomerId_1;

-- forget a customer
DELETE FROM [Customers] WHERE [Customers].[Id] = :Id_1;

-- forget a customer
DELETE FROM [CustomerErasures] WHERE [CustomerErasures].[CustomerId] = :CustomerId_1;

-- retention
SELECT SYSUTCDATETIME() AS [Now];

-- retention
SELECT [OutboxSinks].[Sink]
FROM [OutboxSinks];

-- retention
SELECT TOP 1000 [OutboxMessages].[Id], [OutboxMessages].[OccurredAt], (SELECT TOP 1 [OutboxDeliveries].[MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxDeliveries].[MessageId] = [OutboxMessages].[Id]) AS [Delivery], (SELECT TOP 1 [OutboxHolds].[Id]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] IN (:Sink_2_1, :Sink_2_2, :Sink_2_3) AND [OutboxHolds].[StreamId] = [OutboxMessages].[StreamId]) AS [Hold]
FROM [OutboxMessages]
WHERE [OutboxMessages].[Id] > :Id_1 ORDER BY [OutboxMessages].[Id];

-- retention
SELECT [OutboxMessages].[Id]
FROM [OutboxMessages] WITH (ROWLOCK, XLOCK, READPAST, READCOMMITTEDLOCK)
WHERE [OutboxMessages].[Id] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1)) ORDER BY [OutboxMessages].[Id];

-- retention
DELETE FROM [OutboxMessages] WITH (ROWLOCK) WHERE [OutboxMessages].[Id] IN (SELECT CAST(value AS bigint) FROM OPENJSON(:param_1)) AND (SELECT TOP 1 [OutboxDeliveries].[MessageId]
FROM [OutboxDeliveries]
WHERE [OutboxDeliveries].[Sink] IN (:Sink_1_1, :Sink_1_2, :Sink_1_3) AND [OutboxDeliveries].[Lane] = [OutboxMessages].[Lane] AND [OutboxDeliveries].[MessageId] = [OutboxMessages].[Id]) IS NULL AND (SELECT TOP 1 [OutboxHolds].[Id]
FROM [OutboxHolds]
WHERE [OutboxHolds].[Sink] IN (:Sink_2_1, :Sink_2_2, :Sink_2_3) AND [OutboxHolds].[StreamId] = [OutboxMessages].[StreamId]) IS NULL;
