"""The conversation that a tab has open, kept as it grows."""

from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

from rag.types import Turn
from ui.page.conversations import Conversation, ConversationError, Conversations, Exchange

_OPEN, _EXCHANGES, _PROBLEM = "conversation", "exchanges", "keeping-problem"


class Desk:
    """The open conversation of `state` (that of a tab), which belongs to `owner` and is kept in `store`.

    A conversation that cannot be kept goes on in the tab; `problem` then says so.
    """

    def __init__(self, store: Conversations, owner: str, state: MutableMapping[Any, Any]) -> None:
        self._store = store
        self._owner = owner
        self._state = state

    @property
    def conversation(self) -> Conversation | None:
        """None before the first question is answered, or where the conversation cannot be kept."""
        held: Conversation | None = self._state.get(_OPEN)
        return held

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        held: tuple[Exchange, ...] = self._state.get(_EXCHANGES, ())
        return held

    @property
    def problem(self) -> str:
        return str(self._state.get(_PROBLEM, ""))

    @property
    def title(self) -> str:
        return self.conversation.title if self.conversation else next((held.question for held in self.exchanges), "")

    def history(self, before: int | None = None) -> list[Turn]:
        """The conversation so far, or before a turn, as the service takes it; what failed is left out."""
        return [
            turn
            for held in self.exchanges[:before]
            if held.answer is not None
            for turn in (Turn("user", held.question), Turn("assistant", held.answer.answer))
        ]

    def listed(self, words: str = "") -> tuple[Conversation, ...]:
        return self._store.listed(self._owner, words)

    def start_afresh(self) -> None:
        self._show(None, ())

    def open(self, conversation_id: str) -> None:
        """Raises ConversationError for one that is not here; the tab then stands before a new conversation."""
        self.start_afresh()
        self._show(*self._store.read(self._owner, conversation_id))

    def keep(self, exchange: Exchange) -> None:
        """Puts an exchange at the conversation's end, and begins a conversation with the first."""
        self._state[_EXCHANGES] = (*self.exchanges, exchange)
        try:
            if self.conversation is None:
                self._state[_OPEN] = self._store.begin(self._owner, self.exchanges[0].question)
                for held in self.exchanges:
                    self._store.add(self._owner, self._state[_OPEN].id, held)
            else:
                self._store.add(self._owner, self.conversation.id, exchange)
            self._state[_PROBLEM] = ""
        except ConversationError as exc:
            self._state[_PROBLEM] = str(exc)

    def judge(self, turn: int, verdict: str) -> None:
        """Notes what is thought of an answer."""
        exchanges = list(self.exchanges)
        exchanges[turn] = replace(exchanges[turn], verdict=verdict)
        self._state[_EXCHANGES] = tuple(exchanges)
        if self.conversation:
            self._store.judge(self._owner, self.conversation.id, turn, verdict)

    def rename(self, title: str) -> None:
        if self.conversation:
            self._state[_OPEN] = self._store.rename(self._owner, self.conversation.id, title)

    def remove(self) -> None:
        if self.conversation:
            self._store.remove(self._owner, self.conversation.id)
        self.start_afresh()

    def _show(self, conversation: Conversation | None, exchanges: tuple[Exchange, ...]) -> None:
        self._state[_OPEN], self._state[_EXCHANGES], self._state[_PROBLEM] = conversation, exchanges, ""
