"""The program that trains the shipped models, in small, and the models against their cards."""

import importlib
import itertools
import json
import sys
from pathlib import Path

import pytest
import transformers
from huggingface_hub import ModelCard
from safetensors import safe_open

from jumok.data.letters import letters
from jumok.pipelines import pipeline
from jumok.pipelines.characters import whole_characters
from jumok.pipelines.defaults import SHIPPED_MODELS

ROOT = Path(__file__).parents[1]
LANGUAGES = ("ko", "en")
LARGEST = 16 * 2**20


@pytest.fixture(scope="module")
def program():
    """The program; it imports another, as it does where it is run."""
    sys.path.insert(0, str(ROOT / "examples"))
    try:
        yield importlib.import_module("train_letters")
    finally:
        sys.path.remove(str(ROOT / "examples"))


@pytest.fixture(scope="module")
def trained(program, tmp_path_factory):
    """Folders of all models, after a few steps; and the arguments that made them."""
    folder, output = tmp_path_factory.mktemp("checkpoints"), tmp_path_factory.mktemp("models")
    small = ("--effort", "0.002", "--held-out", "1", "--vocab-size", "3000")
    arguments = (*small, "--folder", str(folder), "--output", str(output))
    assert program.main(arguments) == 0
    return output, arguments


@pytest.fixture(scope="module")
def tokenizer(program, trained):
    return transformers.AutoTokenizer.from_pretrained(trained[0] / "ner")


TASKS = {
    "text-classification": "text-classification",
    "ner": "ner",
    "question-answering": "question-answering",
    "summarization": "text-to-text",
    "translation_ko_to_en": "text-to-text",
    "translation_en_to_ko": "text-to-text",
    "text-generation": "text-generation",
}


@pytest.mark.parametrize("task", TASKS)
def test_what_it_writes_is_what_a_pipeline_reads(trained, task):
    run = pipeline(task, trained[0] / TASKS[task])
    text = next(letters("train", 1)).text("ko")
    if task == "question-answering":
        assert {"score", "start", "end", "answer"} == set(run(question="누구?", context=text))
    elif task == "text-classification":
        assert run(text)[0]["label"] in ("NEGATIVE", "POSITIVE")
    elif task == "ner":
        assert {one["entity"][2:] for one in run(text)} <= {"PER", "ORG", "LOC", "MISC"}
    elif task == "text-generation":
        (one,) = run(text, max_new_tokens=3)
        assert one["generated_text"].startswith(text)
    else:
        (one,) = run(text, max_new_tokens=3)
        assert list(one) == [run.field]


@pytest.mark.parametrize("task", TASKS)
def test_a_line_break_is_read_as_a_space(trained, task):
    tokenizer = transformers.AutoTokenizer.from_pretrained(trained[0] / TASKS[task])
    assert tokenizer("Dear\n\nteam,\tI")["input_ids"] == tokenizer("Dear team, I")["input_ids"]


def test_a_decoder_is_asked_without_an_end(trained):
    tokenizer = transformers.AutoTokenizer.from_pretrained(trained[0] / "text-generation")
    asked, answered = tokenizer("Dear team")["input_ids"], tokenizer("Dear team I")["input_ids"]
    assert answered[: len(asked)] == asked
    assert tokenizer.eos_token_id not in answered


def test_a_finished_training_is_taken_up_and_gives_the_same_model(program, trained):
    output, arguments = trained
    path = output / "text-classification" / "model.safetensors"
    before = path.read_bytes()
    path.unlink()
    assert program.main((*arguments, "text-classification")) == 0
    assert path.read_bytes() == before


def test_a_head_needs_the_encoder(program, tmp_path, capsys):
    arguments = ("ner", "--effort", "0.002", "--folder", str(tmp_path), "--output", str(tmp_path))
    assert program.main(arguments) == program.WRONG_INPUT
    assert "run the step encoder first" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["poetry"], ["--held-out", "0"], ["--effort", "-1"]])
def test_wrong_arguments_are_refused(program, arguments, capsys):
    with pytest.raises(SystemExit):
        program.parse_arguments(arguments)
    assert "error: " in capsys.readouterr().err


# --- Examples --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_give_the_names_back(program, tokenizer, language):
    for each in letters("new names", 20):
        text = each.text(language)
        encoded = tokenizer(text, return_offsets_mapping=True)
        names = [(one.start, one.end, one.label) for one in each.entities(language)]
        found = []
        numbers = program.tags(encoded["offset_mapping"], names)
        for (start, end), number in zip(encoded["offset_mapping"], numbers, strict=True):
            sign, _, kind = (program.TAGS[number] if number >= 0 else "O").partition("-")
            if sign == "B":
                found.append([start, end, kind])
            elif sign == "I":
                found[-1][1] = end
        places = [(*whole_characters(text, *place), kind) for *place, kind in found]
        assert places == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_and_places_get_invented_names_and_all_places_move(program, monkeypatch, language):
    monkeypatch.setattr(program, "RENAMED", 1.0)
    draw = program.random.Random(0)
    for each in letters("train", 50):
        text = each.text(language)
        names = [(one.start, one.end, one.label) for one in each.entities(language)]
        new, now = program.renamed(text, names, draw)
        for start, end, kind in names:
            same = new[now(start) : now(end)] == text[start:end]
            assert same == (kind in ("ORG", "MISC"))
        for mark in each.marks(language):
            if mark.label in ("price", "order", "deadline", "problem"):
                assert new[now(mark.start) : now(mark.end)] == text[mark.start : mark.end]
        for first, second in itertools.pairwise(names):
            if text[slice(*first[:2])] == text[slice(*second[:2])]:
                one, other = (new[now(a) : now(b)] for a, b, _ in (first, second))
                assert one == other


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinary_words_are_cut_or_replaced_and_all_places_move(program, monkeypatch, language):
    monkeypatch.setattr(program, "SCATTERED", 1.0)
    draw = program.random.Random(0)
    cut = replaced = words = 0
    for each in letters("train", 50):
        text = each.text(language)
        names = [(one.start, one.end, one.label) for one in each.entities(language)]
        new, now = program.scattered(text, names, draw)
        for start, end, _ in names:
            assert new[now(start) : now(end)] == text[start:end]
        cut += any(program.BOUNDARY in word for word in new.split())
        pairs = zip(text.split(), new.replace(program.BOUNDARY, "").split(), strict=True)
        replaced += sum(before != after for before, after in pairs)
        words += len(text.split())
    assert cut > 45
    assert 0 < replaced < 0.2 * words


def test_most_texts_stay_as_they_are_where_nothing_is_drawn(program, monkeypatch):
    monkeypatch.setattr(program, "SCATTERED", 0.0)
    monkeypatch.setattr(program, "RENAMED", 0.0)
    for change in (program.renamed, program.scattered):
        text, now = change("Anna lives in Naju.", [(0, 4, "PER")], program.random.Random(0))
        assert text == "Anna lives in Naju."
        assert [now(place) for place in (0, 4, 14)] == [0, 4, 14]


def test_an_invented_word_takes_the_same_particle(program):
    draw = program.random.Random(0)
    for word in ("서울", "부산", "나주", "밀라노"):
        made = program.invent(word, draw)
        assert len(made) == len(word)
        assert program.has_final(made[-1]) == program.has_final(word[-1])
    assert program.invent("Seoul", draw)[0].isupper()
    assert program.invent("-", draw) == "-"


def test_most_answers_are_whole_tokens(program, tokenizer):
    asked = exact = 0
    for each in letters("new names", 20):
        for language in LANGUAGES:
            text = each.text(language)
            for question in each.questions(language):
                encoding = tokenizer(question.text, text).encodings[0]
                first, last = program.answer_tokens(encoding, question.start, question.end)
                if question.answer is None:
                    assert (first, last) == (0, 0)
                    assert tokenizer.cls_token_id == encoding.ids[0]
                    continue
                span = whole_characters(text, encoding.offsets[first][0], encoding.offsets[last][1])
                asked += 1
                exact += text[slice(*span)] == question.answer
    assert exact >= 0.95 * asked


def test_excerpts_are_whole_sentences_and_tell_what_they_must(program):
    draw = program.random.Random(0)
    for each in letters("train", 50):
        text, first = program.excerpt(each, "en", draw, with_facts={"problem", "praise"})
        assert each.text("en")[first : first + len(text)] == text
        assert any(text.startswith(sentence) for sentence in each.sentences("en"))
        told = [mark for mark in each.marks("en") if mark.label in ("problem", "praise")]
        assert any(first <= m.start and m.end <= first + len(text) for m in told)


# --- What is shipped -------------------------------------------------------------------------


def shipped_folders() -> list[Path]:
    return sorted(set(SHIPPED_MODELS.values()))


def test_all_shipped_models_are_small_together():
    files = [path for folder in shipped_folders() for path in folder.iterdir()]
    assert sum(path.stat().st_size for path in files) <= LARGEST


@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_a_shipped_model_is_kept_in_half_precision_and_computes_in_single(folder):
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        assert {str(file.get_tensor(name).dtype) for name in file.keys()} == {"torch.float16"}  # noqa: SIM118
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float32"


@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_a_shipped_model_scores_what_its_card_says(program, folder):
    card = ModelCard.load(folder / "README.md")
    measure = program.MEASURES[folder.name]
    count = 8 if folder.name == "text-to-text" else 25
    found = measure(folder, list(letters("new patterns", count)))
    for result in card.data.eval_results:
        score = found[result.dataset_config][result.metric_type]
        allowed = 12 if result.metric_type.startswith("bleu") else 0.1  # so few letters vary
        assert score == pytest.approx(result.metric_value, abs=allowed), result.metric_type


@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_a_shipped_tokenizer_gives_what_its_model_takes(folder):
    """With transformers alone, too: an encoder tells the second text from the first."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    is_encoder = json.loads((folder / "config.json").read_text())["model_type"] == "bert"
    expected = ["input_ids", *(["token_type_ids"] if is_encoder else []), "attention_mask"]
    assert tokenizer.model_input_names == expected


@pytest.mark.parametrize("task", SHIPPED_MODELS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_task_answers_without_a_network(task, language, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    one = next(letters("new names", 1))
    if task.startswith("translation_") and not task.startswith(f"translation_{language}"):
        pytest.skip("of the other language")
    run, text = pipeline(task), one.text(language)
    if task == "question-answering":
        asked = next(each for each in one.questions(language) if each.fact == "sender")
        assert run(question=asked.text, context=text)["answer"] == asked.answer
    elif task == "text-classification":
        assert run(text)[0]["label"] == one.sentiment
    elif task == "ner":
        names = run(text, aggregation_strategy="simple")
        assert {(e.label, e.text) for e in one.entities(language)} & {
            (name["entity_group"], text[name["start"] : name["end"]]) for name in names
        }
    elif task == "text-generation":
        asked = one.prompt(language)
        answer = run(asked, do_sample=False)[0]["generated_text"]
        assert answer.startswith(asked)
        assert len(answer) > len(asked) + 20
    else:
        assert run(one.sentences(language)[0])[0][run.field]
