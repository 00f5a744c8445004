"""The errors of the service, one meaning a line; exit codes and HTTP statuses follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class CdsError(Exception):
    """Something the caller can understand and mend. ``str()`` is safe to show: it holds no patient data."""

    status: ClassVar[int] = 500
    issue: ClassVar[str] = "exception"  # FHIR issue-type
    exit_code: ClassVar[int] = 1

    @property
    def diagnostics(self) -> tuple[str, ...]:
        """One text for each issue of the OperationOutcome."""
        return (str(self),)


class OneByOne(CdsError):
    """What is wrong is told one by one: each is an issue of its own."""

    @property
    def diagnostics(self) -> tuple[str, ...]:
        return tuple(map(str, self.args))

    def __str__(self) -> str:
        return "; ".join(self.diagnostics)


class RequestError(OneByOne):
    """The request is malformed; each message names its place."""

    status = 400
    issue = "invalid"


class Unauthorized(CdsError):
    """The caller is not who may call. The answer says no more than that; ``reason`` is for the log and the metrics."""

    status = 401
    issue = "login"

    def __init__(self, reason: str) -> None:
        super().__init__("the call needs a valid token")
        self.reason = reason


class Forbidden(CdsError):
    """The caller is known, but may not do this."""

    status = 403
    issue = "forbidden"


class UnknownService(CdsError):
    """No such service, or not for this hook."""

    status = 404
    issue = "not-found"
    exit_code = 2


class UnknownDefinition(CdsError):
    """No questionnaire, code system or list of answers of that name."""

    status = 404
    issue = "not-found"
    exit_code = 2


class UnknownRuleset(CdsError):
    """No ruleset of that name, or not in that version. ``versions``: those of it that can be read."""

    status = 404
    issue = "not-found"
    exit_code = 2

    def __init__(self, words: str, versions: tuple[str, ...] = ()) -> None:
        super().__init__(words)
        self.versions = versions


class NotAcceptable(CdsError):
    """There is nothing in a media type that the caller accepts."""

    status = 406
    issue = "not-supported"


class BodyTooLarge(CdsError):
    """The request body is over the limit."""

    status = 413
    issue = "too-long"


class HeadersTooLarge(CdsError):
    """The headers of the request are over the limit."""

    status = 431
    issue = "too-long"


class BodyTooSlow(CdsError):
    """The request body did not arrive in time."""

    status = 408
    issue = "timeout"


class WrongMediaType(CdsError):
    """The body is not plain ``application/json``."""

    status = 415
    issue = "not-supported"


class TooManyCalls(CdsError):
    """This client calls more often than it may."""

    status = 429
    issue = "throttled"

    def __init__(self, seconds: float) -> None:
        super().__init__("this client has called too often; come again after the time in Retry-After")
        self.seconds = seconds


class Busy(CdsError):
    """Too much is being received at once."""

    status = 503
    issue = "throttled"


class Unavailable(CdsError):
    """Something the service needs for this is away for the moment; the same request may succeed later."""

    status = 503
    issue = "transient"


class MissingData(OneByOne):
    """Indispensable data were not supplied and could not be read (CDS Hooks: 412): which, and why not, one by one."""

    status = 412
    issue = "required"


class Disagreement(CdsError):
    """The engine and the plain evaluator came to different conclusions: nothing may be shown."""

    status = 500
    issue = "exception"


class EngineFault(CdsError):
    """The rule engine reported a fault while it ran."""

    status = 500
    issue = "exception"


class InvalidCard(CdsError):
    """A card that breaks the protocol was about to be sent."""

    status = 500
    issue = "exception"


class SettingsError(CdsError):
    """A setting is missing, unknown or contradicts another."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file: ``rulesets/x/ruleset.yaml:41: unknown fact "hba1cc"; did you mean "hba1c"?``"""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FileError(CdsError):
    """One or more files that the operator wrote are wrong; every problem is listed, in order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class RulesetError(FileError):
    """The rulesets."""

    exit_code = 3


class ClientsError(FileError):
    """The clients file, or a key file that it names."""

    exit_code = 2


class InputError(CdsError):
    """A file given on the command line cannot be read as what it should be."""

    exit_code = 2
