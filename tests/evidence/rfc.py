"""RFC 6962 and RFC 9162 word for word, and a reader of signed notes, without any code of ours.

Slow and plain on purpose: what an auditor would write who has the standards and nothing else.
"""

import base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def leaf(data: bytes) -> bytes:
    """RFC 9162 2.1.1: the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """RFC 9162 2.1.1: the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 2.1.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162 2.1.3.1: PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162 2.1.4.1: PROOF(m, D[n])."""
    return _subproof(m, leaves, known=True)


def _subproof(m: int, leaves: Sequence[bytes], *, known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def included(hash_: bytes, index: int, size: int, way: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2, step by step."""
    if index >= size:
        return False
    fn, sn, r = index, size - 1, hash_
    for p in way:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def continued(
    first: int, second: int, first_root: bytes, second_root: bytes, way: Sequence[bytes]
) -> bool:
    """RFC 9162 2.1.4.2, step by step, for 0 < first < second."""
    if not way:
        return False
    hashes = [first_root, *way] if first & (first - 1) == 0 else list(way)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = hashes[0]
    for c in hashes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


def read_note(note: str, vkey: str) -> str:
    """The text of a note that a key signed; raises when it did not."""
    name, key_id, encoded = vkey.split("+", 2)
    public = base64.b64decode(encoded)
    assert sha256(name.encode() + b"\n" + public).hexdigest()[:8] == key_id
    at = note.rindex("\n\n")
    text = note[: at + 1]
    for line in note[at + 2 :].splitlines():
        dash, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if dash == "\u2014" and signer == name and raw[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode())
            return text
    raise AssertionError(f"{name} did not sign")


def read_checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that a key signed."""
    origin, size, root = read_note(note, vkey).splitlines()
    return origin, int(size), base64.b64decode(root)
