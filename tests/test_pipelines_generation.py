"""Pipelines that write: text generation against transformers' own, summaries and translations
against the model's ``generate`` called by hand (transformers 5 has no pipeline for them)."""

import itertools

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st

from jumok.pipelines import pipeline
from jumok.pipelines.text_to_text import split_sentences
from pipeline_checkpoints import (
    KOREAN,
    LETTER,
    bart,
    gpt2,
    many_languages,
    marian,
    random_texts,
    t5,
)

PROMPT = LETTER[:60]
T5_TASKS = {
    "summarization": {"prefix": "summarize: ", "max_length": 20, "num_beams": 2},
    "translation_en_to_de": {"prefix": "translate English to German: ", "max_length": 15},
}


@pytest.fixture(scope="module")
def gpt2_folder(tmp_path_factory):
    return gpt2(tmp_path_factory.mktemp("gpt2"))


@pytest.fixture(scope="module")
def bart_folder(tmp_path_factory):
    return bart(tmp_path_factory.mktemp("bart"))


@pytest.fixture(scope="module")
def marian_folder(tmp_path_factory):
    return marian(tmp_path_factory.mktemp("marian"))


@pytest.fixture(scope="module")
def t5_folder(tmp_path_factory):
    return t5(tmp_path_factory.mktemp("t5"), T5_TASKS)


# --- Text generation -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"max_new_tokens": 12, "do_sample": False},
        {"max_length": 60, "do_sample": False},
        {"max_length": 60, "min_length": 55, "num_beams": 3, "do_sample": False},
        {"max_new_tokens": 8, "num_beams": 3, "num_return_sequences": 2, "do_sample": False},
        {"max_new_tokens": 12, "return_full_text": False, "do_sample": False},
        {"max_new_tokens": 12, "repetition_penalty": 1.5, "do_sample": False},
        {"max_new_tokens": 20},  # sampled
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_texts_equal_transformers(gpt2_folder, options):
    ours = pipeline("text-generation", gpt2_folder)
    theirs = transformers.pipeline("text-generation", str(gpt2_folder), device=ours.device)
    for prompt in (PROMPT, KOREAN[:20], " 😀\n\n"):
        texts = []
        for run in (ours, theirs):
            torch.manual_seed(3)
            texts.append(run(prompt, **options))
        assert texts[0] == texts[1]
    torch.manual_seed(3)
    expected = [theirs(prompt, **options) for prompt in (PROMPT, "안녕")]
    torch.manual_seed(3)
    if "do_sample" in options:
        assert ours([PROMPT, "안녕"], **options) == expected


def test_the_defaults_are_those_of_transformers(gpt2_folder):
    ours = pipeline("text-generation", gpt2_folder)
    theirs = transformers.pipeline("text-generation", str(gpt2_folder), device=ours.device)
    torch.manual_seed(0)
    (text,) = ours("Dear Amazon")
    torch.manual_seed(0)
    (expected,) = theirs(
        "Dear Amazon", max_new_tokens=256 - len(theirs.tokenizer("Dear Amazon").input_ids)
    )
    assert text == expected


@pytest.mark.parametrize(
    "options",
    [
        {"max_new_tokens": 10},
        {"max_length": 120},
        {"max_length": 120, "min_length": 118},
        {"max_new_tokens": 6, "num_beams": 3, "num_return_sequences": 3},
        {"max_new_tokens": 10, "repetition_penalty": 1.8},
        {},
    ],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_batches_of_prompts_give_what_single_calls_give(gpt2_folder, side, options):
    run = pipeline("text-generation", gpt2_folder, do_sample=False)
    run.tokenizer.padding_side = side
    prompts = [text[:70] for text in random_texts(7, seed=8, longest=20)]
    prompts = [prompt for prompt in prompts if len(run.tokenizer(prompt)["input_ids"]) < 110]
    assert run(prompts, batch_size=4, **options) == [run(prompt, **options) for prompt in prompts]


def test_the_prompt_is_unchanged(gpt2_folder):
    run = pipeline("text-generation", gpt2_folder, do_sample=False)
    for prompt in (PROMPT, "  two  blanks \n", "e\u0301t 👩‍👩‍👧", KOREAN):
        text = run(prompt, max_new_tokens=5)[0]["generated_text"]
        assert text.startswith(prompt)
        assert len(text) > len(prompt)


def test_a_blank_before_the_continuation_is_kept(tmp_path):
    """A decoder such as Llama's drops it from what is decoded alone."""
    from pipeline_checkpoints import save, unigram_tokenizer

    tokenizer = unigram_tokenizer(max_length=64)
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_positions=64, n_embd=32, n_layer=1, n_head=4, eos_token_id=1
    )
    model = transformers.GPT2LMHeadModel(config)
    run = pipeline("text-generation", save(tmp_path, model, tokenizer), do_sample=False)
    (window,) = run.preprocess("Thank you", max_new_tokens=2)
    more = tokenizer("Dear Amazon", add_special_tokens=False)["input_ids"]
    (result,) = run.postprocess("Thank you", [window], [[more]])
    (window,) = run.preprocess("Thank you")
    assert "Dear" in result["generated_text"]
    assert result["generated_text"].startswith("Thank you")
    assert result["generated_text"] == "Thank you" + tokenizer.decode(
        window.inputs["input_ids"] + more, skip_special_tokens=True
    ).removeprefix(tokenizer.decode(window.inputs["input_ids"], skip_special_tokens=True))


def test_generation_stops_where_the_model_has_no_more_positions(tmp_path):
    run = pipeline("text-generation", gpt2(tmp_path, positions=48), do_sample=False)
    windows = run.preprocess("Dear Amazon", eos_token_id=None)
    (rows,) = run.run_model(windows, 1, do_sample=False, eos_token_id=None)
    assert len(windows[0]) + len(rows[0]) == 48
    (result,) = run("Dear Amazon", eos_token_id=None)
    assert result["generated_text"] == "Dear Amazon" + run.tokenizer.decode(rows[0])


# --- Summaries and translations --------------------------------------------------------------


def by_hand(run, texts, prefix="", **options):
    """What the model's ``generate`` makes of each text alone."""
    expected = []
    for text in texts:
        inputs = run.tokenizer(prefix + text, return_tensors="pt").to(run.device)
        ids = run.model.generate(
            inputs["input_ids"], attention_mask=inputs["attention_mask"], **options
        )
        expected += run.tokenizer.batch_decode(ids, skip_special_tokens=True)
    return expected


@pytest.mark.parametrize(
    "options",
    [
        {"max_length": 20, "num_beams": 4},
        {"max_length": 20, "num_beams": 1},
        {"max_length": 20, "min_length": 15, "num_beams": 3},
        {"max_new_tokens": 12, "num_beams": 2, "length_penalty": 2.0, "no_repeat_ngram_size": 3},
        {"max_length": 15, "num_beams": 4, "num_return_sequences": 2},
    ],
)
@pytest.mark.parametrize(
    ("task", "field", "which"),
    [
        ("summarization", "summary_text", "bart_folder"),
        ("translation_en_to_de", "translation_text", "marian_folder"),
        ("translation", "translation_text", "marian_folder"),
    ],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_what_is_written_equals_generate(task, field, which, options, side, request):
    run = pipeline(task, request.getfixturevalue(which), batch_size=3)
    run.tokenizer.padding_side = side
    texts = [LETTER, *random_texts(4, seed=9, longest=20)]
    expected = by_hand(run, texts, **options)
    if options.get("num_return_sequences") == 2:
        assert run(texts[0], **options) == [{field: text} for text in expected[:2]]
        assert run(texts, **options) == [
            [{field: text} for text in expected[i : i + 2]] for i in range(0, len(expected), 2)
        ]
        return
    assert run(texts, **options) == [{field: text} for text in expected]
    assert run(texts[0], **options) == [{field: expected[0]}]


def test_without_options_there_are_four_beams_and_256_tokens(bart_folder):
    run = pipeline("summarization", bart_folder)
    assert run(LETTER) == [
        {"summary_text": by_hand(run, [LETTER], num_beams=4, max_new_tokens=256)[0]}
    ]


def test_the_checkpoint_says_how_to_generate(tmp_path):
    run = pipeline("summarization", bart(tmp_path, num_beams=2, max_length=18, min_length=10))
    expected = by_hand(run, [LETTER], num_beams=2, max_length=18, min_length=10)
    assert run(LETTER) == [{"summary_text": expected[0]}]


def test_a_summary_shorter_than_the_checkpoint_wants_is_cut_with_a_warning(tmp_path):
    """The published call: max_length=45, where the checkpoint says min_length=56."""
    run = pipeline("summarization", bart(tmp_path, num_beams=2, min_length=56, max_length=142))
    with pytest.warns(UserWarning, match="min_length is 56 and max_length 45") as found:
        (summary,) = run(LETTER, max_length=45, clean_up_tokenization_spaces=True)
    assert len(found) == 1
    with pytest.warns(UserWarning, match="Unfeasible length"):
        expected = by_hand(run, [LETTER], max_length=45, min_length=56)
    assert summary["summary_text"] == expected[0]


@pytest.mark.parametrize("task", list(T5_TASKS))
def test_a_model_for_several_tasks_gets_its_prefix(t5_folder, task):
    run = pipeline(task, t5_folder)
    settings = {"num_beams": 4, **T5_TASKS[task]}
    expected = by_hand(run, [LETTER[:80], "Thank you!"], **settings)
    results = run([LETTER[:80], "Thank you!"])
    assert [text for result in results for text in result.values()] == expected
    assert run.options["prefix"] == settings["prefix"]
    (window,) = run.preprocess("Thank you!", prefix=run.options["prefix"])
    ids = run.tokenizer(settings["prefix"] + "Thank you!")["input_ids"]
    assert window.inputs["input_ids"] == ids


def test_a_long_text_is_cut_only_when_asked(marian_folder):
    run = pipeline("translation_en_to_de", marian_folder)
    text = 12 * LETTER
    (result,) = run(text, truncation=True, max_length=10, num_beams=1)
    ids = run.tokenizer(text, truncation=True, max_length=512)["input_ids"]
    assert len(ids) == 512
    output = run.model.generate(torch.tensor([ids], device=run.device), max_length=10, num_beams=1)
    assert result["translation_text"] == run.tokenizer.decode(output[0], skip_special_tokens=True)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four… Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
        ("값은 3.5만 원입니다. 왜요? 네!", ["값은 3.5만 원입니다.", "왜요?", "네!"]),
        ("Mr. Kim and J. Lee met Dr. Ahn. Then?", ["Mr. Kim and J. Lee met Dr. Ahn.", "Then?"]),
        ('He said "Stop." (Really.) So we did.', ['He said "Stop."', "(Really.)", "So we did."]),
        ("Dear team,\n\nI paid.\n김민수 드림\n", ["Dear team,", "I paid.", "김민수 드림"]),
        ("Really?! Yes...", ["Really?!", "Yes..."]),
        ("  ", ["  "]),
    ],
)
def test_sentences(text, sentences):
    assert [sentence for sentence, _ in split_sentences(text)] == sentences
    assert "".join(itertools.chain(*split_sentences(text))) == text


@given(st.text(alphabet="ab가Mr.!?…\n \"'()", max_size=40))
def test_sentences_are_the_text_in_parts(text):
    parts = split_sentences(text)
    assert "".join(itertools.chain(*parts)) == text
    assert all(sentence.strip() for sentence, _ in parts) or not text.strip()
    assert all(not gap.strip() for _, gap in parts)


def test_a_text_can_be_translated_sentence_by_sentence(t5_folder):
    run = pipeline("translation_en_to_de", t5_folder, by_sentence=True)
    texts = ["Thank you! I want\n\nmy money back.  Now", "No.", LETTER]
    results = run(texts, num_return_sequences=2)
    for text, two in zip(texts, results, strict=True):
        for place, written in enumerate(two):
            expected = "".join(
                run(sentence, num_return_sequences=2, by_sentence=False)[place]["translation_text"]
                + gap
                for sentence, gap in split_sentences(text)
            )
            assert written["translation_text"] == expected
    long = 12 * (LETTER + " ")
    assert len(run.tokenizer(long)["input_ids"]) > run.max_length
    assert len(run(long)[0]["translation_text"]) > 0


def test_every_sentence_gets_the_mark_of_its_language(tmp_path):
    folder = many_languages(tmp_path, "Nllb")
    run, (source, target) = pipeline("translation", folder), LANGUAGES["Nllb"]
    windows = run.preprocess("Thank you. Thank", by_sentence=True, src_lang=source, tgt_lang=target)
    mark = run.tokenizer.convert_tokens_to_ids(target)
    assert [each.limits for each in windows] == 2 * [{"forced_bos_token_id": mark}]


LANGUAGES = {
    "MBart": ("en_XX", "de_DE"),
    "MBart50": ("en_XX", "de_DE"),
    "Nllb": ("eng_Latn", "deu_Latn"),
}


@pytest.mark.parametrize("kind", list(LANGUAGES))
def test_a_model_for_many_languages_begins_with_the_target_language(tmp_path, kind):
    run = pipeline("translation", many_languages(tmp_path, kind), max_length=9, num_beams=2)
    source, target = LANGUAGES[kind]
    texts = ["Thank you", "Thank", "you you a b c"]
    mark = run.tokenizer.convert_tokens_to_ids(target)
    ids = run.run_model(
        run.preprocess("Thank you", src_lang=source, tgt_lang=target), 1, max_length=9
    )
    assert ids[0][0][0] == mark != run.tokenizer.unk_token_id
    results = run(texts, src_lang=source, tgt_lang=target, batch_size=3)
    run.tokenizer.src_lang = source
    expected = by_hand(run, texts, forced_bos_token_id=mark, max_length=9, num_beams=2)
    assert [each["translation_text"] for each in results] == expected
    other = source, run.tokenizer.convert_ids_to_tokens(mark + 1)
    run(texts[0], src_lang=other[1], tgt_lang=other[0])  # leaves nothing behind
    assert run(texts, src_lang=source, tgt_lang=target) == results


@pytest.mark.parametrize("kind", list(LANGUAGES))
def test_a_language_in_another_spelling_is_refused(tmp_path, kind):
    folder = many_languages(tmp_path, kind)
    source, target = LANGUAGES[kind]
    with pytest.raises(ValueError, match=f"no language 'en'; its own spelling is .*{source}"):
        pipeline("translation_en_to_de", folder)("Thank you")
    with pytest.raises(ValueError, match=f"no language 'de'; its own spelling is .*{target}"):
        pipeline("translation", folder, src_lang=source, tgt_lang="de")("Thank you")
    with pytest.raises(ValueError, match="no language 'xx'"):
        pipeline("translation", folder, src_lang="xx", tgt_lang=target)("Thank you")


# --- The source documents' own calls ---------------------------------------------------------


@pytest.mark.filterwarnings("ignore:min_length is")
def test_the_calls_of_the_book_run(gpt2_folder, bart_folder, marian_folder):
    summarizer = pipeline("summarization", bart_folder)
    outputs = summarizer(LETTER, max_length=45, clean_up_tokenization_spaces=True)
    assert isinstance(outputs[0]["summary_text"], str)
    translator = pipeline("translation_en_to_de", model=marian_folder)
    outputs = translator(
        LETTER, clean_up_tokenization_spaces=True, min_length=100, max_length=120, num_beams=2
    )
    assert outputs[0]["translation_text"]
    generator = pipeline("text-generation", gpt2_folder)
    response = "Dear Bumblebee, I am sorry to hear that your order was mixed up."
    prompt = LETTER[:100] + "\n\nCustomer service response:\n" + response
    outputs = generator(prompt, max_length=200)
    assert outputs[0]["generated_text"].startswith(prompt)
