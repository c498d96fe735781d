"""Where settings become a working product: the encoder, its index, and the assistant over both."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from corpus.errors import ChatModelError, SettingError
from index.encoder import name_of, open_encoder
from index.engine import open_engine
from index.matcher import OnnxMatcher, matcher_name
from index.store import LoadedIndex, is_current, is_whole, load_index, remove_index
from index.types import Encoder, Matcher, Progress
from rag.assistant import Assistant
from rag.build import BuildReport, build, fingerprint
from rag.config import Settings
from rag.llm import open_chat_model
from rag.speak import Budget, Speaker

_log = logging.getLogger("judian.llm")


def open_assistant(settings: Settings, through: Callable[[Encoder], Encoder] | None = None) -> Assistant:
    """The assistant over the index that is there, its encoder used `through` what a service puts before it.

    Raises ModelError, IndexMissingError, IndexMismatchError.
    """
    # Asking multiplies small matrices: a second thread would gain nothing, and wait for the core that another question is on.
    threadpool_limits(1, user_api="blas")
    encoder = _encoder(settings)
    encoder = through(encoder) if through else encoder
    return Assistant(open_index(settings, encoder), encoder, settings.readings, speaker=open_speaker(settings))


def open_index(settings: Settings, encoder: Encoder) -> LoadedIndex:
    """The index that is there, with what compares questions token by token. Raises as `open_assistant` does."""
    return load_index(settings.index_folder, encoder, open_engine(settings.index), open_matcher(settings))


def open_speaker(settings: Settings) -> Speaker | None:
    """The chat model that writes answers; None where the settings name none, or one that cannot be opened: then the log says why.

    Raises SettingError for an address with a password in it, which would end up in logs.
    """
    if not settings.llm:
        return None
    if "@" in settings.llm_url:
        raise SettingError("JUDIAN_LLM_URL 中不能写密码或密钥；请用该服务的环境变量（如 OPENAI_API_KEY）。")
    try:
        model = open_chat_model(settings.llm, settings.llm_url, timeout_s=settings.llm_timeout, max_tokens=settings.llm_answer_tokens)
    except ChatModelError as exc:
        _log.error("大模型没有启用，回答照常给出：%s", exc)
        return None
    return Speaker(model, Budget(settings.llm_timeout, settings.llm_prompt_tokens, settings.llm_plan))


def prepare_index(settings: Settings, force: bool = False, progress: Progress | None = None) -> BuildReport | None:
    """Builds the index unless a whole one of this corpus and model is there; None when nothing had to be done.

    The vectors of a whole index are taken over where the text is the same; those of a damaged one, or with `force`, are computed anew.
    Of several processes one builds and the others wait for it. Raises ModelError, and SettingError when the folder cannot be written.
    """
    folder = settings.index_folder
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with _alone(settings.home / ".index.lock"):
            engine = open_engine(settings.index)
            name, encoder = name_of(settings.model), None
            if not name:
                encoder = _encoder(settings, progress)
                name = encoder.name
            wanted = fingerprint(corpus_folder=settings.corpus_folder)
            if not force and is_whole(folder) and is_current(folder, name, wanted, engine.name, matcher_name()):
                return None
            if force:
                remove_index(folder)
            return build(
                folder,
                encoder or _encoder(settings, progress),
                progress,
                corpus_folder=settings.corpus_folder,
                engine=engine,
                matcher=open_matcher(settings, progress),
            )
    except OSError as exc:
        raise SettingError(f"无法在 {settings.home} 中建立索引：{exc}。请检查写权限和磁盘空间，或用 JUDIAN_HOME 指定别的目录。") from exc


def _encoder(settings: Settings, progress: Progress | None = None) -> Encoder:
    return open_encoder(settings.model, settings.models_folder, progress, settings.threads or None)


def open_matcher(settings: Settings, progress: Progress | None = None) -> Matcher:
    """What compares questions with readings token by token: always the bundled model, whichever encoder searches."""
    return OnnxMatcher(settings.models_folder, settings.threads or None, progress)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds a lock that other processes wait for; the system releases it when this one ends, however it ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
