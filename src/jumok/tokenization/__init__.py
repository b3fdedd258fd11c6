"""How subword vocabularies are learned, in a form to read, and how tokenizers are measured.

`~jumok.tokenization.merges` and `~jumok.tokenization.unigram` work on words and their counts.
`~jumok.tokenization.training.train_tokenizer` learns a tokenizer of Hugging Face's ``tokenizers``
from texts.
"""

from jumok.tokenization.measures import (
    Fertility,
    fertility,
    particle_cuts,
    word_cuts,
)
from jumok.tokenization.merges import (
    Pair,
    PairStatistics,
    Score,
    apply_merges,
    learn_merges,
    likelihood_gain,
    merge_pair,
    pair_counts,
    pair_frequency,
    pair_ratio,
)
from jumok.tokenization.training import (
    Algorithm,
    count_words,
    token_cutter,
    train_tokenizer,
)
from jumok.tokenization.unigram import (
    best_segmentation,
    expected_counts,
    learn_unigram,
    segmentations,
    word_probability,
)

__all__ = [
    "Pair",
    "PairStatistics",
    "Score",
    "pair_counts",
    "pair_frequency",
    "pair_ratio",
    "likelihood_gain",
    "merge_pair",
    "learn_merges",
    "apply_merges",
    "segmentations",
    "word_probability",
    "best_segmentation",
    "expected_counts",
    "learn_unigram",
    "Algorithm",
    "train_tokenizer",
    "count_words",
    "token_cutter",
    "Fertility",
    "fertility",
    "word_cuts",
    "particle_cuts",
]
