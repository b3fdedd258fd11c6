"""Notebooks on a branch of the repository: pushed to a repository on this disk."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("en/a/page.ipynb", "en/a/page.py", "ko/a/page.ipynb", "ko/a/page.py"):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
    (tmp_path / "site" / "en" / "a" / "page.html").write_text("<p>")
    (tmp_path / "site" / "en" / "other.py").write_text("not a page")
    return tmp_path / "site"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


def git(remote: Path, *arguments: str) -> str:
    command = ["git", "-C", str(remote), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def publish(site: Path, remote: Path) -> subprocess.CompletedProcess[str]:
    program = ROOT / "tools" / "publish_notebooks.py"
    command = [sys.executable, str(program), str(remote), "--site", str(site)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_branch_holds_the_files_of_the_site_and_one_commit(site, remote):
    assert publish(site, remote).stdout == "notebooks: 4 files pushed\n"
    names = git(remote, "ls-tree", "-r", "--name-only", "notebooks").splitlines()
    expected = ["en/a/page.ipynb", "en/a/page.py", "ko/a/page.ipynb", "ko/a/page.py"]
    assert sorted(names) == sorted(["LICENSE", "LICENSE-docs", "README.md", *expected])
    for name in expected:
        assert git(remote, "show", f"notebooks:{name}") == name

    first = git(remote, "rev-parse", "notebooks")
    assert publish(site, remote).stdout == "notebooks: nothing changed\n"
    assert git(remote, "rev-parse", "notebooks") == first

    (site / "ko" / "a" / "page.ipynb").write_text("mended")
    (site / "en" / "a" / "page.ipynb").unlink()
    assert publish(site, remote).returncode == 0
    assert git(remote, "show", "notebooks:ko/a/page.ipynb") == "mended"
    assert "en/a/page.ipynb" not in git(remote, "ls-tree", "-r", "--name-only", "notebooks")
    assert git(remote, "rev-list", "--count", "notebooks") == "1"


def test_a_site_that_is_not_built(tmp_path, remote):
    run = publish(tmp_path / "nowhere", remote)
    assert run.returncode == 1
    assert "build the site first" in run.stderr
    assert git(remote, "branch") == ""


def test_an_address_that_does_not_answer(site, tmp_path):
    run = publish(site, tmp_path / "missing.git")
    assert run.returncode == 1
    assert "git ls-remote failed" in run.stderr


def test_the_deploy_workflow_publishes_what_it_built():
    """The job has the right to push, no other job has, and it runs after the pages are online."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/docs.yml").read_text("utf-8"))
    assert workflow["permissions"]["contents"] == "read"
    jobs = workflow["jobs"]
    writing = [name for name, job in jobs.items() if "write" in str(job.get("permissions", ""))]
    assert writing == ["notebooks"]
    uploads = [step.get("with", {}) for step in jobs["build"]["steps"]]
    assert any(each.get("name") == "notebooks" for each in uploads)
    assert jobs["notebooks"]["permissions"] == {"contents": "write"}
    assert set(jobs["notebooks"]["needs"]) == {"build", "deploy"}
    steps = "\n".join(step.get("run", "") for step in jobs["notebooks"]["steps"])
    assert "tools/publish_notebooks.py" in steps
