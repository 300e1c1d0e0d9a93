#!/usr/bin/env python3
"""Check a dossier of Sanbao without trusting Sanbao. Standard library only.

    python sanbao_verify_dossier.py [FOLDER] [--key KEY]... [--checkpoint FILE]

Every line of events.jsonl is one event, {"leaf":"<hex>","event":<the very bytes that were hashed>};
proofs.json has for each position the hashes that lead from its leaf to the root of the checkpoint
(RFC 9162, section 2.1.3.2). With --checkpoint, the root is that of a checkpoint that you kept.
Signatures are checked with --key, by the package `cryptography`.
Each file in attachments/ must have the SHA-256 that its event AttachmentAdded told.
Exit: 0 all holds, 1 something does not, 2 unreadable.
"""

import argparse
import base64
import hashlib
import json
import os
import sys

HEAD, BODY = b'{"leaf":"', b'{"leaf":"' + b"0" * 64 + b'","event":'


def sha256(data):
    return hashlib.sha256(data).digest()


def root_from(leaf, index, size, proof):
    """The root that a proof leads to; None where the proof has not the right length."""
    node, last = leaf, size - 1
    for each in proof:
        if last == 0:
            return None
        if index & 1 or index == last:
            node = sha256(b"\x01" + each + node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + each)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def is_signed_by(note, key):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519

    body, _, signatures = note.partition("\n\n")
    name, key_hash, material = key.strip().split("+", 2)
    public = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])
    for line in signatures.splitlines():
        _, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        try:
            if (signer, raw[:4].hex()) == (name, key_hash):
                return public.verify(raw[4:], (body + "\n").encode()) is None
        except InvalidSignature:
            return False
    return False


def check(lines, proofs, note, keys=()):
    """Yield (position, what is wrong)."""
    size, root = int(note.split("\n")[1]), base64.b64decode(note.split("\n")[2])
    if keys and not any(is_signed_by(note, key) for key in keys):
        yield size, "the checkpoint is not signed by a given key"
    seen = set()
    for line in lines:
        line = line.rstrip(b"\n")
        told, body = line[len(HEAD) : len(HEAD) + 64].decode("latin-1"), line[len(BODY) : -1]
        position, leaf = json.loads(body)["position"], sha256(b"\x00" + body)
        seen.add(str(position))
        if leaf.hex() != told:
            yield position, "the event is not the one that was hashed"
        if position > size:
            yield position, f"it is newer than the checkpoint of {size} events: not proven"
            continue
        path = [base64.b64decode(each) for each in proofs.get(str(position), ())]
        if root_from(leaf, position - 1, size, path) != root:
            yield position, "the proof does not lead to the root of the checkpoint"
    for each in sorted(set(proofs) - seen, key=int):
        yield int(each), "the event of this proof was taken out"


def hash_of(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def check_files(folder, lines, listed):
    """Yield (position, what is wrong) with the attached files."""
    events = [json.loads(line.rstrip(b"\n")[len(BODY) : -1]) for line in lines]
    added = {
        each["data"]["attachment_no"]: each for each in events if each["type"] == "AttachmentAdded"
    }
    there = os.path.join(folder, "attachments")
    files = set(os.listdir(there)) if os.path.isdir(there) else set()
    for each in listed:
        no, name = each["attachment_no"], os.path.basename(each["file"] or "")
        if no not in added:
            yield 0, f"{no} is on the list, and no event tells of it"
            continue
        event = added.pop(no)
        if not name and not each["left_out"]:
            yield event["position"], f"{no} is left out without a reason"
        elif name and name not in files:
            yield event["position"], f"{name} was taken out"
        elif name and hash_of(os.path.join(there, name)) != event["data"]["sha256"]:
            yield event["position"], f"{name} is not the file that was attached"
        files.discard(name)
    for no, event in added.items():
        yield event["position"], f"{no} is not on the list of attachments"
    for name in sorted(files):
        yield 0, f"{name} was put in: no event tells of it"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", default=".")
    parser.add_argument("--checkpoint")
    parser.add_argument("--key", action="append", default=[])
    asked = parser.parse_args()
    try:
        note = open(asked.checkpoint or os.path.join(asked.folder, "checkpoint")).read()
        proofs = json.load(open(os.path.join(asked.folder, "proofs.json")))["proofs"]
        events = open(os.path.join(asked.folder, "events.jsonl"), "rb").readlines()
        listed = json.load(open(os.path.join(asked.folder, "attachments.json")))
        wrong = list(check(events, proofs, note, asked.key))
        wrong += check_files(asked.folder, events, listed)
    except (OSError, ValueError, KeyError, IndexError, TypeError, ImportError) as error:
        sys.exit(print(f"cannot be read: {error!r}", file=sys.stderr) or 2)
    for position, what in wrong[:20]:
        print(f"position {position}: {what}")
    left_out = [each["attachment_no"] for each in listed if not each["file"]]
    if left_out:
        print(f"left out, see attachments.json: {', '.join(left_out)}")
    print("DOES NOT HOLD" if wrong else "all holds")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
