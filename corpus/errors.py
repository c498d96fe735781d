"""What can go wrong in 据典; every message is Chinese, gives the value at fault and the remedy."""


class JudianError(Exception):
    """Base of all errors that a user can act upon."""


class DocumentError(JudianError):
    """A document could not be read: missing, empty, of an unknown kind, broken or altered."""


class DocumentConflictError(DocumentError):
    """A document that is there already, or one that cannot be removed."""


class UnknownDocumentError(JudianError):
    """A document id that the corpus does not hold."""


class QuestionError(JudianError):
    """A question that cannot be taken: empty, too long or unprintable."""


class ModelError(JudianError):
    """The embedding model cannot be prepared or loaded."""


class IndexMissingError(JudianError):
    """There is no index yet."""


class IndexMismatchError(JudianError):
    """An index that is half-written, altered or built by another model or format."""


class SettingError(JudianError):
    """A setting has a value that cannot be used."""


class ServiceError(JudianError):
    """The service cannot start or cannot be reached."""


class ChatModelError(JudianError):
    """A chat model cannot be used: unknown, not installed, without a key, or refusing the request."""


class ChatModelBusyError(ChatModelError):
    """A chat model that did not answer this time: too slow, unreachable, over its rate, or failing on its side. Asking again may help."""


class ReadingsError(JudianError):
    """A readings file that cannot be written or gone on with."""


class AuditError(JudianError):
    """The record of questions cannot be written or read."""
