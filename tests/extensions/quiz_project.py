"""A page with a question of each kind, for the tests of ``sphinx_quizzes``."""

from __future__ import annotations

from pathlib import Path

from sphinx_project import Project

PAGE = """\
# The page

```{code-cell} python
import random
random.seed(0)
pairs = [(i, j) for i in range(5) for j in range(5) if j <= i]
```

## Check yourself

Answer these.

```{quiz}
```

## More

```{code-cell} python
print("random", round(random.random(), 6), "leaked" in globals(), "_quiz_values" in globals())
```
"""

QUIZ = """\
cell: |
  leaked = random.random() + len(pairs)
  shape = (2, len(pairs), 5)
questions:
  - id: which-axis
    kind: choice
    question: Over which axis does *softmax* run, in `scores.softmax(dim=-1)` of $n$ queries?
    code: |
      scores.softmax(dim=-1)
    choices:
      - text: the keys
        correct: true
        why: Each query shares out a weight of 1.
      - text: the many queries
        misconception: softmax over the wrong axis
        why: Then a row needn't sum to 1.
      - text: the whole matrix
        misconception: one softmax for all queries
        why: Then all pairs would share one weight.
  - id: two-of-three
    kind: choice
    question: Which two are even?
    choices:
      - {text: two, correct: true, why: It is one times two.}
      - {text: four, correct: true, why: It is two times two.}
      - {text: three, misconception: a small number is even, why: Its half is no whole number.}
  - id: pairs
    kind: number
    question: How many of the 25 pairs does the mask of 5 tokens allow?
    answer: len(pairs)
    why: Row $i$ allows $i$ keys, so {computed}`len(pairs)` together.
    wrong:
      - value: 5 * 5
        misconception: a causal mask hides nothing
        why: That is every pair, {computed}`5 * 5` of them.
  - id: share
    kind: number
    question: Which share is that?
    answer: len(pairs) / 25
    tolerance: 0.01
    why: A little more than half.
    wrong: [{value: "1", misconception: a causal mask hides nothing, why: Some are hidden.}]
  - id: scores-shape
    kind: shape
    question: Which shape has the tensor?
    answer: tuple(shape)
    why: Batch, pairs, tokens.
    wrong: [{value: "(2, 5, 5)", misconception: a pair is a token, why: There are more pairs.}]
  - id: order-of-steps
    kind: order
    question: In which order?
    items: [compute the scores, mask them, apply softmax, average the values]
    why: The mask must come before the softmax.
    wrong:
      - {early: 3, late: 2, misconception: masking after the softmax, why: The rest sums to less.}
  - id: find-the-bug
    kind: bug
    question: Which line lets the decoder see the future?
    code: |
      scores = query @ key.T
      mask = scores.triu() > 0
      weights = scores.masked_fill(~mask, 0)
      return weights @ value
    line: 2
    why: The lower triangle is the past.
    lines:
      - {line: 1, misconception: the keys come first, why: This is the dot product.}
      - {line: 4, misconception: the values are masked, why: The weights are masked already.}
"""

KOREAN = {
    "The page": "페이지",
    "Check yourself": "스스로 확인하기",
    "Answer these.": "풀어 봅시다.",
    "More": "더",
    "the keys": "키",
    "softmax over the wrong axis": "엉뚱한 축의 소프트맥스",
    "a causal mask hides nothing": "아무것도 가리지 않는 인과 마스크",
    "Row $i$ allows $i$ keys, so {computed}`len(pairs)` together.": (
        "$i$번째 행은 키 $i$개를 허용하므로, 모두 {computed}`len(pairs)`개입니다."
    ),
    "mask them": "가리기",
    "Which line lets the decoder see the future?": "디코더가 미래를 보게 하는 줄은 무엇입니까?",
}


def quiz_project(folder: Path, quiz: str = QUIZ, page: str = PAGE, **settings: object) -> Project:
    """A project with one page and its quiz."""
    project = Project(folder, ["sphinx_quizzes"], **settings)
    project.notebook("index.md", page)
    project.write("quizzes/index.yml", quiz)
    project.catalog("index", KOREAN)
    return project
