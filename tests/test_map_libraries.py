"""What is read out of pip's report, and that the page's record is whole."""

import map_libraries

from jumok.records import read_record


def test_requirements_lose_versions_markers_and_extras():
    assert map_libraries.needs(
        [
            "huggingface_hub<3.0,>=1.31.0",
            "fsspec[http]>=2021.05.0",
            'tomli>=1.1.0; python_version < "3.11"',
            "ruff; extra == 'quality'",
            'torch>=2.0; extra == "torch" or extra=="all"',
            "Pillow",
        ]
    ) == ["fsspec", "huggingface-hub", "pillow", "tomli"]


def test_reports_are_described(monkeypatch, tmp_path, capsys):
    report = {
        "install": [
            {
                "metadata": {
                    "name": name.replace("-", "_"),
                    "version": "1.0",
                    "requires_dist": ["A.b"],
                }
            }
            for name in map_libraries.LIBRARIES
        ]
    }
    monkeypatch.setattr(map_libraries, "pip_report", lambda names: report)
    map_libraries.main(["--record", str(tmp_path / "record.json")])
    found = read_record(tmp_path / "record.json")["results"]["libraries"]
    assert list(found) == list(map_libraries.LIBRARIES)
    assert found["huggingface-hub"] == {"version": "1.0", "needs": ["a-b"]}
    assert "huggingface-hub  1.0" in capsys.readouterr().out


def test_the_record_says_what_the_page_says():
    """The figure's description and the table are text: they must not outlive what they tell of."""
    libraries = read_record("libraries")["results"]["libraries"]
    assert list(libraries) == list(map_libraries.LIBRARIES)

    def needing(name):
        return {other for other, each in libraries.items() if name in each["needs"]}

    assert needing("datasets") == {"evaluate", "trl"}
    assert needing("transformers") == {"peft", "trl", "optimum"}
    assert needing("accelerate") == {"peft", "trl"}
    without = set(libraries) - needing("huggingface-hub")
    assert without == {"huggingface-hub", "safetensors", "bitsandbytes"}
    assert set(libraries["bitsandbytes"]["needs"]) - {"torch"} <= {"numpy", "packaging"}
    assert "torch" not in libraries["transformers"]["needs"]
    assert {"pandas", "pyarrow"} <= set(libraries["datasets"]["needs"])
