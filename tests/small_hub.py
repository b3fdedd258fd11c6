"""A hub on this machine that speaks the Hub's HTTP interface, as far as tests need it."""

import base64
import hashlib
import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SmallHub(http.server.ThreadingHTTPServer):
    """Repositories by name, with the files of every commit, to which branches and tags point."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[tuple[str, str], dict[str, bytes]] = {}  # (repository, commit)
        self.revisions: dict[tuple[str, str], str] = {}  # (repository, branch or tag) → commit
        self.lfs = False  # whether large files are uploaded apart from the commit
        self.requests: list[str] = []
        self.token = "write"  # who may upload
        self.objects: dict[str, bytes] = {}  # what came by LFS, by SHA-256
        self.damage = ""  # "changed" and "cut": what happens to weights on their way; "silent"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def commit(self, name: str, folder: Path, *, tag: str | None = None) -> str:
        """Put the files of a folder on the branch main, and return the commit."""
        return self.keep(name, {path.name: path.read_bytes() for path in folder.iterdir()}, tag)

    def keep(self, name: str, files: dict[str, bytes], tag: str | None = None) -> str:
        """Make these files, all of them, a commit on the branch main."""
        digest = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        self.files[name, digest] = files
        for revision in ("main", digest, tag):
            if revision:
                self.revisions[name, revision] = digest
        return digest

    def takes_lfs(self, name: str) -> bool:
        """Whether this file is uploaded by git's protocol for large files."""
        return self.lfs and name.endswith((".safetensors", ".bin"))

    def asked_for(self, ending: str) -> int:
        """How often a file was fetched."""
        return sum(each.startswith("GET") and each.endswith(ending) for each in self.requests)


def checksum(name: str, content: bytes) -> str:
    """Large files by the SHA-256 of their bytes, small ones by git's SHA-1."""
    if name.endswith((".safetensors", ".bin")):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers about models, their trees, and their files."""

    server: SmallHub

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_POST(self) -> None:
        """What ``huggingface_hub`` asks for when it uploads a folder with a commit."""
        path = urlsplit(self.path).path
        self.server.requests.append(f"POST {path}")
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if path == "/api/validate-yaml":
            self.send_json({"errors": [], "warnings": []})
        elif self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.refuse(401, "Unauthorized")
        elif path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            if not any(each == name for each, _ in self.server.revisions):
                self.server.keep(name, {})
            self.send_json({"url": f"{self.server.address}/{name}", "name": name})
        elif found := re.fullmatch(r"/api/models/(.+?)/preupload/main", path):
            files = [
                {
                    "path": each["path"],
                    "uploadMode": "lfs" if self.server.takes_lfs(each["path"]) else "regular",
                    "shouldIgnore": False,
                    "oid": None,
                }
                for each in json.loads(body)["files"]
            ]
            self.send_json({"files": files})
        elif found := re.fullmatch(r"/(.+?)\.git/info/lfs/objects/batch", path):
            objects = [
                {
                    **each,
                    "actions": {"upload": {"href": f"{self.server.address}/lfs/{each['oid']}"}},
                }
                if each["oid"] not in self.server.objects
                else each
                for each in json.loads(body)["objects"]
            ]
            self.send_json({"transfer": "basic", "objects": objects})
        elif found := re.fullmatch(r"/api/models/(.+?)/commit/main", path):
            lines = [json.loads(line) for line in body.splitlines()]
            head = self.server.revisions[found[1], "main"]
            added = {
                each["value"]["path"]: base64.b64decode(each["value"]["content"])
                for each in lines
                if each["key"] == "file"
            }
            large = [each["value"] for each in lines if each["key"] == "lfsFile"]
            if not all(each["oid"] in self.server.objects for each in large):
                self.refuse(422, "LfsObjectMissing")
                return
            added |= {each["path"]: self.server.objects[each["oid"]] for each in large}
            oid = self.server.keep(found[1], {**self.server.files[found[1], head], **added})
            url = f"{self.server.address}/{found[1]}/commit/{oid}"
            self.send_json({"success": True, "commitOid": oid, "commitUrl": url, "hookOutput": ""})
        else:
            self.refuse(404, "EntryNotFound")

    def do_PUT(self) -> None:
        """The bytes of a large file, under the SHA-256 that was announced."""
        self.server.requests.append(f"PUT {self.path}")
        content = self.rfile.read(int(self.headers["Content-Length"]))
        oid = self.path.removeprefix("/lfs/")
        if hashlib.sha256(content).hexdigest() != oid:
            self.refuse(400, "ChecksumMismatch")
            return
        self.server.objects[oid] = content
        self.send_json({})

    def answer(self, *, with_body: bool) -> None:
        path = urlsplit(self.path).path
        self.server.requests.append(f"{self.command} {path}")
        if self.server.damage == "silent":
            time.sleep(60)
            return
        api = r"/api/models/([\w.-]+/[\w.-]+)"
        if found := re.fullmatch(rf"{api}(?:/revision/(.+))?", path):
            self.describe(found[1], found[2] or "main")
        elif found := re.fullmatch(rf"{api}/tree/([^/]+)/?", path):
            self.list_files(found[1], found[2])
        elif found := re.fullmatch(r"/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            self.send_file(*found.groups(), with_body=with_body)
        else:
            self.refuse(404, "EntryNotFound")

    def files_of(self, name: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = self.server.revisions.get((name, revision))
        if commit is not None:
            return commit, self.server.files[name, commit]
        known = any(each == name for each, _ in self.server.revisions)
        self.refuse(404, "RevisionNotFound" if known else "RepoNotFound")
        return None

    def describe(self, name: str, revision: str) -> None:
        if found := self.files_of(name, revision):
            siblings = [{"rfilename": each} for each in found[1]]
            self.send_json({"id": name, "sha": found[0], "siblings": siblings, "tags": []})

    def list_files(self, name: str, revision: str) -> None:
        if found := self.files_of(name, revision):
            entries: list[dict[str, Any]] = []
            for each, content in found[1].items():
                oid = checksum(each, content)
                entry = {"type": "file", "path": each, "size": len(content), "oid": oid[:40]}
                if len(oid) == 64:
                    entry["lfs"] = {"oid": oid, "size": len(content), "pointerSize": 134}
                entries.append(entry)
            self.send_json(entries)

    def send_file(self, name: str, revision: str, file: str, *, with_body: bool) -> None:
        found = self.files_of(name, revision)
        if found is None:
            return
        if file not in found[1]:
            self.refuse(404, "EntryNotFound")
            return
        content = found[1][file]
        self.send_response(200)
        self.send_header("X-Repo-Commit", found[0])
        self.send_header("ETag", f'"{checksum(file, content)}"')
        if len(checksum(file, content)) == 64:
            self.send_header("X-Linked-Etag", f'"{checksum(file, content)}"')
            self.send_header("X-Linked-Size", str(len(content)))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            if self.server.damage and file.endswith(".safetensors"):
                whole = self.server.damage == "changed"
                content = content[:-1] + b"?" if whole else content[: len(content) // 2]
            self.wfile.write(content)

    def send_json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def small_hub() -> Iterator[SmallHub]:
    """A hub that runs until the end of the block."""
    with SmallHub() as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
