"""What scores of texts say to other things than texts."""

import pytest

from jumok.text_scores import exact_match, rouge_l, word_f1


@pytest.mark.parametrize("score", [rouge_l, word_f1, exact_match])
def test_no_text_is_refused(score):
    with pytest.raises(TypeError, match="must be a text, not list"):
        score(["a"], "a")
    with pytest.raises(TypeError, match=r"(reference|text) must be a text"):
        score("a", None)
