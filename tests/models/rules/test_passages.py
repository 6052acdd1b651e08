from hypothesis import given
from hypothesis import strategies as st

from models.rules.passages import WORDS, cut


def test_paragraphs_are_gathered_up_to_one_thought() -> None:
    short, long = "word " * 50, "word " * 100
    assert [len(each.split()) for each in cut(f"{short}\n\n{short}\n\n{long}")] == [100, 100]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "One two three four five six seven eight nine ten. "
    passages = cut(sentence * 30)
    assert all(each.endswith("ten.") and len(each.split()) <= WORDS for each in passages)


def test_nothing_gives_nothing() -> None:
    assert cut(" \n\n  ") == []


@given(st.text(alphabet=st.sampled_from("ab .\n"), max_size=3000))
def test_no_word_is_lost_and_none_comes_twice(body: str) -> None:
    assert " ".join(cut(body)).split() == body.split()
