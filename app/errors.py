"""Every error that can be an answer, or the end of a start, as one tree.

    PromotionError
    ├── CannotStart                     the process ends with this message; nothing was changed
    │   ├── StoreTooNew                 the database was written by a newer release: start that release
    │   └── StoreUnusable               the data directory or the database cannot be used
    ├── MistakeElsewhere                a mistake in another process of the service: the log has its place
    └── Problem                         an answer: application/problem+json, RFC 9457
        ├── InvalidOptions              invalid_options 422         correct the query parameters
        ├── UnsupportedMediaType        unsupported_media_type 415  send application/json or text/csv
        ├── BodyTooLarge                body_too_large 413          send fewer records at a time
        ├── InvalidRecords              invalid_records 422         correct the records that are named
        ├── InvalidTensors              invalid_tensors 400         correct the tensor that is named
        ├── TrainingDataUnusable        training_data_unusable 422  add decisions of both kinds
        ├── NoModel                     no_model 409                train first, or activate a version
        │   ├── NoModelToShow           no_model 404                the same, where a model was asked for
        │   └── NotReady                no_model 503                the same, where a probe asks whether there is one
        ├── NotExplainable              not_explainable 409         train the model again with this release
        ├── UnknownVersion              unknown_version 404         look in GET /model/versions
        ├── PreconditionFailed          precondition_failed 412     get the model again, then decide
        ├── UnknownTraining             unknown_training 404        look in GET /train
        ├── TrainingEnded               training_ended 409          nothing is left to cancel
        ├── TrainingCancelled           training_cancelled 409      send the training again if it is wanted
        ├── RequestUnderWay             idempotency_conflict 409    wait for the first request's training
        │   └── IdempotencyKeyReused    idempotency_conflict 422    take a new key for a new request
        ├── TooBusy                     too_busy 503                come back after Retry-After seconds
        ├── NotFound                    not_found 404               look in /docs for the paths
        ├── MethodNotAllowed            method_not_allowed 405      look in /docs for the methods
        ├── TrainingFailed              training_failed 500         send fewer records, or give more memory
        ├── StoreUnavailable            store_unavailable 503       free or repair the volume, then again
        └── InternalError               internal_error 500          report it with its X-Request-ID

No error carries a value out of a record: an answer, a header and the log may all be read by people who may not see
the records.
"""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

ERRORS_LISTED = 100
"""How many faults an answer names; `error_count` counts all of them."""


class PromotionError(Exception):
    """The root."""


class CannotStart(PromotionError):
    """The service refuses to start."""


class StoreTooNew(CannotStart):
    """The database has a schema that this release does not know; it was left untouched."""


class StoreUnusable(CannotStart):
    """The data directory or the database in it cannot be used."""


class Problem(PromotionError):
    """An error that is an answer. `detail` says what happened in this case and never holds a record's value."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    remedy: ClassVar[str]

    def __init__(self, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})

    def members(self) -> dict[str, object]:
        """The members of the problem document, RFC 9457 section 3."""
        return {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }


@dataclass(frozen=True)
class JsonFault:
    """What is wrong at one place of a JSON body. `pointer` is a JSON pointer, RFC 6901."""

    pointer: str
    message: str


@dataclass(frozen=True)
class CsvFault:
    """What is wrong at one place of a CSV body. `row` is the line of the file on which the record begins, from 1."""

    row: int
    column: str | None
    message: str


class InvalidOptions(Problem):
    code = "invalid_options"
    status = 422
    title = "A query parameter is unknown, given twice, or has a value that it cannot have"
    remedy = "Correct the query parameters that the answer names. /docs lists those of every endpoint."


class UnsupportedMediaType(Problem):
    code = "unsupported_media_type"
    status = 415
    title = "The body's media type, or how it is compressed, cannot be read here"
    remedy = (
        "Send Content-Type: application/json, text/csv where records are sent, or application/octet-stream where "
        "tensors are. Compress the body with gzip or not at all."
    )


class BodyTooLarge(Problem):
    code = "body_too_large"
    status = 413
    title = "The body is larger than this service accepts"
    remedy = "Send fewer records at a time, or raise PROMOTION_MAX_BODY_BYTES."


class InvalidRecords(Problem):
    """`faults` are the first of `error_count` faults, in the order of the body."""

    code = "invalid_records"
    status = 422
    title = "The body cannot be read as the records that this endpoint takes"
    remedy = "Correct the places that `errors` names; `error_count` counts all of them. Nothing of the body was used."

    def __init__(self, faults: Sequence[JsonFault | CsvFault], error_count: int | None = None) -> None:
        self.faults = faults[:ERRORS_LISTED]
        self.error_count = len(faults) if error_count is None else error_count
        super().__init__(f"The body has {self.error_count} error{'s' if self.error_count != 1 else ''}.")

    def __reduce__(self) -> tuple[object, ...]:
        """An exception is pickled by its message, which is no argument of this one."""
        return type(self), (self.faults, self.error_count)

    def members(self) -> dict[str, object]:
        return super().members() | {"error_count": self.error_count, "errors": list(self.faults)}


class InvalidTensors(Problem):
    code = "invalid_tensors"
    status = 400
    title = "The inference request cannot be read as the tensors that the model takes"
    remedy = "Correct the tensor that the answer names. GET /v2/models/promotion lists the tensors and their shapes."


class TrainingDataUnusable(Problem):
    code = "training_data_unusable"
    status = 422
    title = "No model can be trained on these records"
    remedy = "Send at least 3 past decisions, some with `promoted` true and some with false."


class NoModel(Problem):
    code = "no_model"
    status = 409
    title = "No model is active"
    remedy = "Train one with POST /train, or activate an earlier version with PUT /model."


class NoModelToShow(NoModel):
    status = 404


class NotReady(NoModel):
    status = 503


class NotExplainable(Problem):
    code = "not_explainable"
    status = 409
    title = "The model version has nothing that its scores could be explained with"
    remedy = "It was trained by a release that explained nothing. Train it again on the same records."


class UnknownVersion(Problem):
    code = "unknown_version"
    status = 404
    title = "There is no such model version"
    remedy = "GET /model/versions lists the versions that exist."


class PreconditionFailed(Problem):
    code = "precondition_failed"
    status = 412
    title = "The model in service is not the one that If-Match names"
    remedy = "GET /model again, and decide with what is in service now; its ETag is what If-Match should be."


class UnknownTraining(Problem):
    code = "unknown_training"
    status = 404
    title = "There is no such training"
    remedy = "GET /train lists the trainings."


class TrainingEnded(Problem):
    code = "training_ended"
    status = 409
    title = "The training has ended already"
    remedy = "Nothing is left to cancel. GET /train/{id} shows what it came to."


class TrainingCancelled(Problem):
    code = "training_cancelled"
    status = 409
    title = "The training was cancelled while the caller waited for it"
    remedy = "Send the training again if it is wanted."


class RequestUnderWay(Problem):
    code = "idempotency_conflict"
    status = 409
    title = "The Idempotency-Key belongs to a request that is under way, or to another request"
    remedy = "While the first request is under way, wait for its training; for another request, take a new key."


class IdempotencyKeyReused(RequestUnderWay):
    status = 422


class TooBusy(Problem):
    code = "too_busy"
    status = 503
    title = "As many trainings wait as may wait"
    remedy = "Send the training again after Retry-After seconds, or cancel one that waits."


class NotFound(Problem):
    code = "not_found"
    status = 404
    title = "There is nothing at this path"
    remedy = "/docs lists the paths that exist."


class MethodNotAllowed(Problem):
    code = "method_not_allowed"
    status = 405
    title = "This path does not answer this method"
    remedy = "The Allow header of the answer lists the methods that it does answer."


class TrainingFailed(Problem):
    code = "training_failed"
    status = 500
    title = "The training ended without a model"
    remedy = "Its process died, every time. Give the service more memory, or send fewer records."


class StoreUnavailable(Problem):
    code = "store_unavailable"
    status = 503
    title = "The database cannot be read or written"
    remedy = "Free or repair the volume, then send the request again. The model in service goes on scoring meanwhile."


class InternalError(Problem):
    code = "internal_error"
    status = 500
    title = "The service made a mistake"
    remedy = "Report it with the X-Request-ID of the answer; the log has a line with the same id."


def problem_kinds() -> list[type[Problem]]:
    """Every kind of answer that the tree has, in its order."""
    kinds: list[type[Problem]] = []
    for kind in Problem.__subclasses__():
        kinds += [kind, *kind.__subclasses__()]
    return kinds


def problem_named(code: str, detail: str) -> Problem:
    """A problem as it was stored."""
    return next(kind for kind in problem_kinds() if kind.code == code)(detail)


class MistakeElsewhere(PromotionError):
    """A mistake in another process of the service, which says in what place."""

    def __init__(self, place: dict[str, object]) -> None:
        self.place = place
        super().__init__(place)


def place_of(error: Exception) -> dict[str, object]:
    """Where a mistake happened, for the log: its type and the frames. Not its message, which may hold a record's
    value.
    """
    if isinstance(error, MistakeElsewhere):
        return error.place
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "frames": [f"{frame.filename}:{frame.lineno}" for frame in frames]}
