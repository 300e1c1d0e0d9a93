#!/usr/bin/env python3
"""Check an export of a Sanbao log without trusting Sanbao. Standard library only.

    python sanbao_verify.py events.jsonl [--checkpoint FILE]... [--leaves FILE] [--key KEY]...

First line: where the export begins. Then a line an event, {"leaf":"<hex>","event":<the very bytes
that were hashed>}. Last line: the manifest. Checked: positions and versions without gaps, instants
that never go back, each leaf SHA-256(00 || event), the tree (RFC 9162) against the manifest and
against checkpoints (C2SP signed notes) and leaf hashes that you kept elsewhere: they alone show
that the newest events were cut off, or history rewritten as a whole. Signatures are checked with
--key, by the package `cryptography`. Exit: 0 all holds, 1 something does not, 2 unreadable.
"""

import argparse
import base64
import hashlib
import json
import sys

HEAD, BODY = b'{"leaf":"', b'{"leaf":"' + b"0" * 64 + b'","event":'
FIELDS = ("position", "stream", "version", "recorded_at")


def sha256(data):
    return hashlib.sha256(data).digest()


class Tree:  # its compact range: roots of the perfect subtrees, largest first
    def __init__(self, size, roots):
        self.size, self.roots = size, list(roots)

    def add(self, node):
        filled, self.size = self.size, self.size + 1
        while filled & 1:
            node, filled = sha256(b"\x01" + self.roots.pop() + node), filled >> 1
        self.roots.append(node)

    def root(self):
        if not self.roots:
            return sha256(b"")
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = sha256(b"\x01" + left + root)
        return root


class Note:  # a signed checkpoint: origin, size, root; a blank line; signatures
    def __init__(self, body, signatures):
        _, size, root = body.split("\n")[:3]
        self.body, self.size, self.root = body, int(size), base64.b64decode(root)
        self.signatures = [line.split(" ")[1:] for line in signatures]

    def is_signed_by(self, key):
        """Whether a verifier key, name+hash+base64(01 || public key), signed it."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ed25519

        name, key_hash, material = key.strip().split("+", 2)
        public = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])
        for signer, signature in self.signatures:
            raw = base64.b64decode(signature)
            try:
                if (signer, raw[:4].hex()) == (name, key_hash):
                    return public.verify(raw[4:], self.body.encode()) is None
            except InvalidSignature:
                return False
        return False


def notes_in(text):
    """Every checkpoint of a file: one, or what was appended for years."""
    body, signatures = [], []
    for line in [*text.split("\n"), "\n"]:
        if line.startswith("\u2014 "):
            signatures.append(line)
            continue
        if signatures:
            yield Note("\n".join(body).strip("\n") + "\n", signatures)
            body, signatures = [], []
        body.append(line)


def check(lines, notes=(), leaves=b"", keys=()):
    """Yield (position, what is wrong) in the order of the log."""
    begin = json.loads(next(lines, b""))["export"]
    wanted, versions, last_at, manifest = {}, {}, "", None
    tree = Tree(begin["after"], map(bytes.fromhex, begin["before"]))
    for note in notes:
        wanted.setdefault(note.size, set()).add(note.root)
        if keys and not any(note.is_signed_by(key) for key in keys):
            yield note.size, f"the checkpoint of {note.size} events is not signed by a given key"
    for line in lines:
        line, position = line.rstrip(b"\n"), tree.size + 1
        if manifest is not None:
            yield position, "something follows the manifest"
            return
        if line.startswith(b'{"manifest":'):
            manifest = json.loads(line)["manifest"]
            continue
        told, body = line[len(HEAD) : len(HEAD) + 64].decode("latin-1"), line[len(BODY) : -1]
        try:
            event = json.loads(body)
            place, stream, version, at = map(event.get, FIELDS)
        except (ValueError, AttributeError):
            yield position, "this line is no event"
            return
        leaf, kept = sha256(b"\x00" + body), leaves[32 * tree.size : 32 * position]
        if (place, type(version), type(at)) != (position, int, str):
            yield position, f"position {place} stands where {position} belongs"
            return
        if leaf.hex() != told or (kept and leaf != kept):
            yield position, "the event is not the one that was hashed"
        if version != versions.get(stream, version - 1 if begin["after"] else 0) + 1:
            yield position, f"version {version} of {stream} does not follow"
        if at < last_at:
            yield position, "it was recorded before the event that stands before it"
        versions[stream], last_at = version, at
        tree.add(leaf)
        if wanted.pop(position, {tree.root()}) != {tree.root()}:
            yield position, f"the first {position} events are not those of the checkpoint"
    if manifest is None:
        yield tree.size + 1, "the manifest is missing: the file was cut off"
    elif (manifest["last"], manifest["root"]) != (tree.size, tree.root().hex()):
        yield tree.size + 1, f"the manifest tells of {manifest['last']} events and of another tree"
    if (known := max([tree.size, len(leaves) // 32, *wanted])) > tree.size:
        yield tree.size + 1, f"cut off: {known} events were known, {tree.size} are here"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("export")
    parser.add_argument("--leaves")
    for each in ("--checkpoint", "--key"):
        parser.add_argument(each, action="append", default=[])
    asked = parser.parse_args()
    try:
        texts = [open(path, encoding="utf-8").read() for path in asked.checkpoint]
        notes = [note for text in texts for note in notes_in(text)]
        leaves = open(asked.leaves, "rb").read() if asked.leaves else b""
        wrong = list(check(open(asked.export, "rb"), notes, leaves, asked.key))
    except (OSError, ValueError, KeyError, StopIteration, ImportError) as error:
        sys.exit(print(f"cannot be read: {error!r}", file=sys.stderr) or 2)
    for position, what in wrong[:20]:
        print(f"position {position}: {what}")
    print("DOES NOT HOLD" if wrong else "all holds")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
