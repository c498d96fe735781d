"""The circuit breaker with a clock set by hand and trials run by hand."""

from collections.abc import Callable

from rag.breaker import LONGEST_REST_S, REST_S, Breaker


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.works = True
        self.tried = 0
        self.waiting: list[Callable[[], None]] = []
        self.breaker = Breaker(self.trial, lambda: self.now, self.waiting.append)

    def trial(self) -> None:
        self.tried += 1
        if not self.works:
            raise TimeoutError

    def run_trials(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


def test_nothing_is_tried_while_all_is_well() -> None:
    world = World()
    assert [world.breaker.closed() for _ in range(5)] == [True] * 5
    assert world.tried == 0


def test_after_a_failure_it_rests_and_then_one_trial_closes_it() -> None:
    world = World()
    world.breaker.failed()
    world.now = REST_S - 1
    assert not world.breaker.closed()
    assert world.waiting == []
    world.now = REST_S
    assert [world.breaker.closed() for _ in range(3)] == [False] * 3
    assert len(world.waiting) == 1
    world.run_trials()
    assert world.breaker.closed()
    assert world.tried == 1


def test_every_trial_that_fails_doubles_the_rest_up_to_a_limit() -> None:
    world = World()
    world.works = False
    world.breaker.failed()
    rests = []
    for _ in range(8):
        begun = world.now
        while not world.waiting:
            world.now += 1
            world.breaker.closed()
        world.run_trials()
        rests.append(world.now - begun)
    assert rests == [REST_S, 2 * REST_S, 4 * REST_S, 8 * REST_S, 16 * REST_S, LONGEST_REST_S, LONGEST_REST_S, LONGEST_REST_S]
    world.works = True
    world.now += LONGEST_REST_S
    world.breaker.closed()
    world.run_trials()
    assert world.breaker.closed()


def test_a_failure_while_open_changes_nothing() -> None:
    world = World()
    world.breaker.failed()
    world.now = REST_S / 2
    world.breaker.failed()
    world.now = REST_S
    world.breaker.closed()
    assert len(world.waiting) == 1


def test_trials_run_beside_the_caller() -> None:
    import threading

    done = threading.Event()
    now = [0.0]
    breaker = Breaker(done.set, lambda: now[0])
    breaker.failed()
    now[0] = REST_S
    assert not breaker.closed()
    assert done.wait(20)
