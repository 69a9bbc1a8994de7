import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetShowtimeRequest(_message.Message):
    __slots__ = ("showtime_id", "min_sequence")
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    showtime_id: str
    min_sequence: int
    def __init__(self, showtime_id: _Optional[str] = ..., min_sequence: _Optional[int] = ...) -> None: ...

class GetShowtimeResponse(_message.Message):
    __slots__ = ("showtime_id", "movie", "auditorium", "screening_time", "ends_at", "status", "seats", "free_seats", "total_seats", "sequence")
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    MOVIE_FIELD_NUMBER: _ClassVar[int]
    AUDITORIUM_FIELD_NUMBER: _ClassVar[int]
    SCREENING_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDS_AT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    FREE_SEATS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SEATS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    showtime_id: str
    movie: Movie
    auditorium: Auditorium
    screening_time: _timestamp_pb2.Timestamp
    ends_at: _timestamp_pb2.Timestamp
    status: str
    seats: _containers.RepeatedCompositeFieldContainer[Seat]
    free_seats: int
    total_seats: int
    sequence: int
    def __init__(self, showtime_id: _Optional[str] = ..., movie: _Optional[_Union[Movie, _Mapping]] = ..., auditorium: _Optional[_Union[Auditorium, _Mapping]] = ..., screening_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ends_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., status: _Optional[str] = ..., seats: _Optional[_Iterable[_Union[Seat, _Mapping]]] = ..., free_seats: _Optional[int] = ..., total_seats: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class ListShowtimesRequest(_message.Message):
    __slots__ = ("date", "movie_id", "page_size", "page_token")
    DATE_FIELD_NUMBER: _ClassVar[int]
    MOVIE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    date: str
    movie_id: str
    page_size: int
    page_token: str
    def __init__(self, date: _Optional[str] = ..., movie_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListShowtimesResponse(_message.Message):
    __slots__ = ("showtimes", "next_page_token")
    SHOWTIMES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    showtimes: _containers.RepeatedCompositeFieldContainer[ShowtimeSummary]
    next_page_token: str
    def __init__(self, showtimes: _Optional[_Iterable[_Union[ShowtimeSummary, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetReservationRequest(_message.Message):
    __slots__ = ("reservation_id", "min_sequence")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    min_sequence: int
    def __init__(self, reservation_id: _Optional[str] = ..., min_sequence: _Optional[int] = ...) -> None: ...

class GetReservationResponse(_message.Message):
    __slots__ = ("reservation_id", "showtime_id", "customer_id", "seats", "status", "expires_at", "version", "sequence", "movie_title", "auditorium_name", "screening_time")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MOVIE_TITLE_FIELD_NUMBER: _ClassVar[int]
    AUDITORIUM_NAME_FIELD_NUMBER: _ClassVar[int]
    SCREENING_TIME_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    showtime_id: str
    customer_id: str
    seats: _containers.RepeatedCompositeFieldContainer[ReservedSeat]
    status: str
    expires_at: _timestamp_pb2.Timestamp
    version: int
    sequence: int
    movie_title: str
    auditorium_name: str
    screening_time: _timestamp_pb2.Timestamp
    def __init__(self, reservation_id: _Optional[str] = ..., showtime_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., seats: _Optional[_Iterable[_Union[ReservedSeat, _Mapping]]] = ..., status: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., sequence: _Optional[int] = ..., movie_title: _Optional[str] = ..., auditorium_name: _Optional[str] = ..., screening_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListReservationsRequest(_message.Message):
    __slots__ = ("customer_id", "page_size", "page_token")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    page_size: int
    page_token: str
    def __init__(self, customer_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReservationsResponse(_message.Message):
    __slots__ = ("reservations", "next_page_token")
    RESERVATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reservations: _containers.RepeatedCompositeFieldContainer[Reservation]
    next_page_token: str
    def __init__(self, reservations: _Optional[_Iterable[_Union[Reservation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchShowtimeRequest(_message.Message):
    __slots__ = ("showtime_id", "after_sequence", "layout_version")
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_VERSION_FIELD_NUMBER: _ClassVar[int]
    showtime_id: str
    after_sequence: int
    layout_version: int
    def __init__(self, showtime_id: _Optional[str] = ..., after_sequence: _Optional[int] = ..., layout_version: _Optional[int] = ...) -> None: ...

class WatchShowtimeResponse(_message.Message):
    __slots__ = ("from_sequence", "to_sequence", "free_seats", "seats", "total_seats", "status", "screening_time", "layout_version")
    FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TO_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FREE_SEATS_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SEATS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCREENING_TIME_FIELD_NUMBER: _ClassVar[int]
    LAYOUT_VERSION_FIELD_NUMBER: _ClassVar[int]
    from_sequence: int
    to_sequence: int
    free_seats: int
    seats: _containers.RepeatedCompositeFieldContainer[Seat]
    total_seats: int
    status: str
    screening_time: _timestamp_pb2.Timestamp
    layout_version: int
    def __init__(self, from_sequence: _Optional[int] = ..., to_sequence: _Optional[int] = ..., free_seats: _Optional[int] = ..., seats: _Optional[_Iterable[_Union[Seat, _Mapping]]] = ..., total_seats: _Optional[int] = ..., status: _Optional[str] = ..., screening_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., layout_version: _Optional[int] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("reservation_id", "showtime_id", "customer_id", "seats", "status", "expires_at", "version", "sequence", "movie_title", "auditorium_name", "screening_time")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    SEATS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MOVIE_TITLE_FIELD_NUMBER: _ClassVar[int]
    AUDITORIUM_NAME_FIELD_NUMBER: _ClassVar[int]
    SCREENING_TIME_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    showtime_id: str
    customer_id: str
    seats: _containers.RepeatedCompositeFieldContainer[ReservedSeat]
    status: str
    expires_at: _timestamp_pb2.Timestamp
    version: int
    sequence: int
    movie_title: str
    auditorium_name: str
    screening_time: _timestamp_pb2.Timestamp
    def __init__(self, reservation_id: _Optional[str] = ..., showtime_id: _Optional[str] = ..., customer_id: _Optional[str] = ..., seats: _Optional[_Iterable[_Union[ReservedSeat, _Mapping]]] = ..., status: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., sequence: _Optional[int] = ..., movie_title: _Optional[str] = ..., auditorium_name: _Optional[str] = ..., screening_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ShowtimeSummary(_message.Message):
    __slots__ = ("showtime_id", "movie", "auditorium", "screening_time", "ends_at", "status", "free_seats", "total_seats", "sequence")
    SHOWTIME_ID_FIELD_NUMBER: _ClassVar[int]
    MOVIE_FIELD_NUMBER: _ClassVar[int]
    AUDITORIUM_FIELD_NUMBER: _ClassVar[int]
    SCREENING_TIME_FIELD_NUMBER: _ClassVar[int]
    ENDS_AT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FREE_SEATS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SEATS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    showtime_id: str
    movie: Movie
    auditorium: Auditorium
    screening_time: _timestamp_pb2.Timestamp
    ends_at: _timestamp_pb2.Timestamp
    status: str
    free_seats: int
    total_seats: int
    sequence: int
    def __init__(self, showtime_id: _Optional[str] = ..., movie: _Optional[_Union[Movie, _Mapping]] = ..., auditorium: _Optional[_Union[Auditorium, _Mapping]] = ..., screening_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ends_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., status: _Optional[str] = ..., free_seats: _Optional[int] = ..., total_seats: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class Movie(_message.Message):
    __slots__ = ("movie_id", "title", "runtime_minutes")
    MOVIE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_MINUTES_FIELD_NUMBER: _ClassVar[int]
    movie_id: str
    title: str
    runtime_minutes: int
    def __init__(self, movie_id: _Optional[str] = ..., title: _Optional[str] = ..., runtime_minutes: _Optional[int] = ...) -> None: ...

class Auditorium(_message.Message):
    __slots__ = ("auditorium_id", "name")
    AUDITORIUM_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    auditorium_id: str
    name: str
    def __init__(self, auditorium_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Seat(_message.Message):
    __slots__ = ("row", "number", "status")
    ROW_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    row: str
    number: int
    status: str
    def __init__(self, row: _Optional[str] = ..., number: _Optional[int] = ..., status: _Optional[str] = ...) -> None: ...

class ReservedSeat(_message.Message):
    __slots__ = ("row", "number")
    ROW_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    row: str
    number: int
    def __init__(self, row: _Optional[str] = ..., number: _Optional[int] = ...) -> None: ...
