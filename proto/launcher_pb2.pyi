from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProcessState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_UNSPECIFIED: _ClassVar[ProcessState]
    STATE_STARTING: _ClassVar[ProcessState]
    STATE_RUNNING: _ClassVar[ProcessState]
    STATE_TERMINATING: _ClassVar[ProcessState]
    STATE_TERMINATED: _ClassVar[ProcessState]
    STATE_FAILED: _ClassVar[ProcessState]
    STATE_FINISHED: _ClassVar[ProcessState]
STATE_UNSPECIFIED: ProcessState
STATE_STARTING: ProcessState
STATE_RUNNING: ProcessState
STATE_TERMINATING: ProcessState
STATE_TERMINATED: ProcessState
STATE_FAILED: ProcessState
STATE_FINISHED: ProcessState

class PatternInfo(_message.Message):
    __slots__ = ("pattern_name", "process_id", "state", "address", "healthy", "uptime_seconds", "namespace", "session_id", "last_error", "error_count", "restart_count", "pid")
    PATTERN_NAME_FIELD_NUMBER: _ClassVar[int]
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    HEALTHY_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    ERROR_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESTART_COUNT_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    pattern_name: str
    process_id: str
    state: ProcessState
    address: str
    healthy: bool
    uptime_seconds: int
    namespace: str
    session_id: str
    last_error: str
    error_count: int
    restart_count: int
    pid: int
    def __init__(self, pattern_name: _Optional[str] = ..., process_id: _Optional[str] = ..., state: _Optional[_Union[ProcessState, str]] = ..., address: _Optional[str] = ..., healthy: _Optional[bool] = ..., uptime_seconds: _Optional[int] = ..., namespace: _Optional[str] = ..., session_id: _Optional[str] = ..., last_error: _Optional[str] = ..., error_count: _Optional[int] = ..., restart_count: _Optional[int] = ..., pid: _Optional[int] = ...) -> None: ...

class ListPatternsRequest(_message.Message):
    __slots__ = ("pattern_name", "namespace", "state")
    PATTERN_NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    pattern_name: str
    namespace: str
    state: ProcessState
    def __init__(self, pattern_name: _Optional[str] = ..., namespace: _Optional[str] = ..., state: _Optional[_Union[ProcessState, str]] = ...) -> None: ...

class ListPatternsResponse(_message.Message):
    __slots__ = ("patterns", "total_count")
    PATTERNS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    patterns: _containers.RepeatedCompositeFieldContainer[PatternInfo]
    total_count: int
    def __init__(self, patterns: _Optional[_Iterable[_Union[PatternInfo, _Mapping]]] = ..., total_count: _Optional[int] = ...) -> None: ...

class HealthRequest(_message.Message):
    __slots__ = ("include_processes",)
    INCLUDE_PROCESSES_FIELD_NUMBER: _ClassVar[int]
    include_processes: bool
    def __init__(self, include_processes: _Optional[bool] = ...) -> None: ...

class HealthResponse(_message.Message):
    __slots__ = ("healthy", "total_processes", "running_processes", "terminating_processes", "failed_processes", "isolation_distribution", "processes", "uptime_seconds")
    class IsolationDistributionEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    HEALTHY_FIELD_NUMBER: _ClassVar[int]
    TOTAL_PROCESSES_FIELD_NUMBER: _ClassVar[int]
    RUNNING_PROCESSES_FIELD_NUMBER: _ClassVar[int]
    TERMINATING_PROCESSES_FIELD_NUMBER: _ClassVar[int]
    FAILED_PROCESSES_FIELD_NUMBER: _ClassVar[int]
    ISOLATION_DISTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    healthy: bool
    total_processes: int
    running_processes: int
    terminating_processes: int
    failed_processes: int
    isolation_distribution: _containers.ScalarMap[str, int]
    processes: _containers.RepeatedCompositeFieldContainer[PatternInfo]
    uptime_seconds: int
    def __init__(self, healthy: _Optional[bool] = ..., total_processes: _Optional[int] = ..., running_processes: _Optional[int] = ..., terminating_processes: _Optional[int] = ..., failed_processes: _Optional[int] = ..., isolation_distribution: _Optional[_Mapping[str, int]] = ..., processes: _Optional[_Iterable[_Union[PatternInfo, _Mapping]]] = ..., uptime_seconds: _Optional[int] = ...) -> None: ...

class GetProcessStatusRequest(_message.Message):
    __slots__ = ("process_id",)
    PROCESS_ID_FIELD_NUMBER: _ClassVar[int]
    process_id: str
    def __init__(self, process_id: _Optional[str] = ...) -> None: ...

class GetProcessStatusResponse(_message.Message):
    __slots__ = ("process", "not_found")
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    NOT_FOUND_FIELD_NUMBER: _ClassVar[int]
    process: PatternInfo
    not_found: bool
    def __init__(self, process: _Optional[_Union[PatternInfo, _Mapping]] = ..., not_found: _Optional[bool] = ...) -> None: ...
