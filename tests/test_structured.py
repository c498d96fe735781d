"""Answers worked out over the tasks: held against counts over the records themselves."""

from collections import Counter

import pytest

from rag.assistant import Assistant


def led_by(assistant: Assistant, unit: str) -> list[int]:
    return [task.number for task in assistant.tasks(unit=unit, role="lead")]


def test_counts_are_those_of_the_records(assistant: Assistant) -> None:
    lead, helping = led_by(assistant, "市教委"), assistant.tasks(unit="市教委", role="cooperate")
    answer = assistant.ask("市教委牵头和配合的任务加起来几项").answer
    assert f"牵头{len(lead)}项" in answer
    assert f"合计{len(lead) + len(helping)}项" in answer


def test_the_unit_with_most_tasks_is_named(assistant: Assistant) -> None:
    counts = Counter(unit.split("(")[0].split("（")[0] for task in assistant.tasks() for unit in task.lead_units)
    unit, count = counts.most_common(1)[0]
    assert assistant.ask("哪个单位牵头的任务最多").answer.startswith(f"牵头任务最多的是{unit}，{count}项")


def test_shared_tasks_are_those_led_by_both(assistant: Assistant) -> None:
    both = sorted(set(led_by(assistant, "市科技局")) & set(led_by(assistant, "市教委")))
    answer = assistant.ask("市科技局和市教委共同牵头的任务有几项").answer
    assert f"共{len(both)}项" in answer
    assert "、".join(str(number) for number in both) in answer


def test_tasks_led_alone_and_without_help_are_counted_apart(assistant: Assistant) -> None:
    alone = [t for t in assistant.tasks(unit="市教委", role="lead") if t.lead_units == ("市教委",) and not t.cooperating_units]
    assert f"牵头{len(alone)}项" in assistant.ask("市教委单独牵头、没有配合单位的任务有几项").answer


def test_a_unit_is_known_by_its_everyday_name(assistant: Assistant) -> None:
    assert assistant.ask("教委牵头几项任务").answer == assistant.ask("市教委牵头几项任务").answer


@pytest.mark.parametrize("question", ["市总工会在任务分解里配合哪几项", "统计局牵头的是哪几项", "市气象局牵头哪几项任务"])
def test_a_unit_without_tasks_has_no_answer(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).abstained
