"""A release is made by one command, in the form that the stores expect."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.architecture.sources import ROOT
from tests.upstream.files import MANIFEST, STORE

PARTS = ("scripts", "custom_components", "CHANGELOG.md", ".gitignore")
MANIFEST_PATH = "custom_components/xprotect_events/manifest.json"


def git(folder: Path, *arguments: str) -> str:
    """Run git with the identity of a test."""
    somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    command = ["git", *somebody, *arguments]
    result = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository like this one, with a remote."""
    folder, remote = tmp_path / "repository", tmp_path / "remote.git"
    folder.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)
    git(tmp_path, "init", "--bare", "--quiet", "--initial-branch=main", str(remote))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Somebody")
    git(folder, "config", "user.email", "somebody@example.com")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


def release(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of that repository."""
    command = [sys.executable, str(folder / "scripts/release"), *arguments]
    return subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def test_one_command_makes_and_publishes_a_release(
    repository: Path, tmp_path: Path
) -> None:
    """Version, date, tag and zip agree, also at the remote."""
    result = release(repository, "1.2.3", "--push")
    assert result.returncode == 0, result.stderr
    remote = tmp_path / "remote.git"
    assert git(remote, "tag") == "v1.2.3"
    tagged = git(remote, "show", f"v1.2.3:{MANIFEST_PATH}")
    assert json.loads(tagged) == MANIFEST | {"version": "1.2.3"}
    assert git(remote, "rev-parse", "main") == git(remote, "rev-parse", "v1.2.3^{}")
    assert "\n## [1.2.3] - 2" in git(remote, "show", "v1.2.3:CHANGELOG.md")
    with zipfile.ZipFile(repository / "dist/xprotect_events.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["version"] == "1.2.3"
        assert "translations/en.json" in archive.namelist()
    assert git(repository, "status", "--porcelain") == ""


def test_a_mistake_changes_nothing(repository: Path) -> None:
    """A tag that was published by mistake cannot be withdrawn."""
    before = git(repository, "rev-parse", "HEAD")
    assert "not a version" in release(repository, "v1.2").stderr
    (repository / "CHANGELOG.md").write_text("half a sentence")
    assert "not committed" in release(repository, "1.2.3").stderr
    git(repository, "checkout", "--quiet", "--", ".")
    git(repository, "checkout", "--quiet", "-b", "other")
    assert "the branch other" in release(repository, "1.2.3").stderr
    assert git(repository, "rev-parse", "HEAD") == before
    assert git(repository, "tag") == ""


def test_the_stores_install_the_files_without_a_zip() -> None:
    """With `zip_release` only a release with that zip could be installed."""
    assert "zip_release" not in STORE
    assert "filename" not in STORE
