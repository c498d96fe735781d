"""Several commands write to one page, and none takes away what another wrote."""

from eval.sections import keeping, section_of, with_section

PAGE = "# Benchmarks\n\nText.\n\n## Asking\n\nA.\n"
SECTION = "## Under load\n\n| a | b |\n"


def test_a_section_comes_at_the_end_of_a_page_that_has_none() -> None:
    assert with_section(PAGE, SECTION) == f"{PAGE}\n{SECTION}"
    assert with_section("", SECTION) == SECTION


def test_a_section_takes_the_place_of_the_one_before() -> None:
    once = with_section(PAGE, SECTION)
    assert with_section(once, SECTION) == once
    older = f"{PAGE}\n## Under load\n\nold\n\n## Building\n\nB.\n"
    assert with_section(older, SECTION) == f"{PAGE}\n{SECTION}\n## Building\n\nB.\n"


def test_a_section_is_found_by_its_heading() -> None:
    assert section_of(with_section(PAGE, SECTION), "## Under load") == SECTION
    assert section_of(f"{PAGE}\n{SECTION}\n## Building\n\nB.\n", "## Under load") == SECTION
    assert section_of(PAGE, "## Under load") == ""


def test_a_page_written_anew_keeps_what_others_wrote() -> None:
    earlier = f"# Benchmarks\n\nold\n\n## Asking\n\nold\n\n{SECTION}"
    assert keeping(PAGE, earlier, ["## Under load", "## The chat page"]) == f"{PAGE}\n{SECTION}"
    assert keeping(PAGE, "", ["## Under load"]) == PAGE
