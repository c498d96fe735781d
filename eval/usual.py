"""The usual stack, to measure against: LangChain's recursive splitter, one vector a chunk, FAISS, the nearest four.

Chunk size, overlap and number of chunks are those of most tutorials. What is compared is what a language model would be given to read; where one is
given, also what it takes to answer.
"""

from collections.abc import Sequence

from corpus.errors import JudianError
from index.dense import DenseIndex
from index.types import Encoder, Progress
from rag.llm import ChatModel
from rag.types import Turn

CHUNK_CHARACTERS = 500
OVERLAP_CHARACTERS = 50
TOP_K = 4

_PROMPT = "你是政策问答助手。只根据资料回答问题；资料中没有的，就说资料中没有。"


class UsualStackError(JudianError):
    """The library that the usual stack is made of is not installed."""


class UsualStack:
    """Chunks of some texts, found by the similarity of their vectors to that of a query."""

    def __init__(self, texts: Sequence[str], encoder: Encoder, progress: Progress | None = None) -> None:
        self.chunks = tuple(chunk for text in texts for chunk in split(text))
        self._encoder = encoder
        self._index = DenseIndex.build(encoder.encode_passages(self.chunks, progress))

    def search(self, query: str, top_k: int = TOP_K) -> list[str]:
        """The chunks nearest to a query, best first."""
        vector = self._encoder.encode_queries([query])
        return [self.chunks[hit.row] for hit in self._index.search(vector, top_k)]

    def ask(self, question: str, model: ChatModel) -> str:
        """What a chat model answers out of the chunks nearest to a question. Raises ChatModelError."""
        material = "\n\n".join(self.search(question))
        return model.ask(_PROMPT, [Turn("user", f"资料：\n{material}\n\n问题：{question}")]).text

    @property
    def size_bytes(self) -> int:
        """What the stack keeps: a float32 vector a chunk, and the chunks in UTF-8."""
        return 4 * self._index.dimension * self._index.count + sum(len(chunk.encode()) for chunk in self.chunks)


def split(text: str) -> list[str]:
    """A text cut at blank lines, line ends, spaces, and within a line where it has none. Raises UsualStackError without the library."""
    try:
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as exc:
        raise UsualStackError('对照方案需要 langchain-text-splitters：请运行 pip install "langchain-text-splitters>=1.1,<2"。') from exc
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS)
    return splitter.split_text(text)
