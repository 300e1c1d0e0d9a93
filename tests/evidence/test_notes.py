"""Signed notes against the vectors of those who made the format, and against an outsider."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.checkpoints import Checkpoint, checkpoint_of, verified_checkpoint
from app.evidence.notes import (
    NotANote,
    NotVerified,
    SigningKey,
    VerifierKey,
    parse,
    signed,
    verified,
    verifier_key,
)
from tests.evidence import rfc

# golang.org/x/mod/sumdb/note, note_test.go
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WW"
    "d1RvMc+QQ=\n"
)
# c2sp.org/signed-note
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAl"
    "TgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# transparency-dev/formats: a key whose base64 has a plus
PLUS = "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"
# c2sp.org/tlog-checkpoint
SOFA_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

KEY = SigningKey("sanbao/plant", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = SigningKey("stranger", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def test_the_vectors_of_the_format_verify() -> None:
    peter, enoch = verifier_key(PETER), verifier_key(ENOCH)
    note = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"

    assert verified(note, [enoch, peter]) == (TEXT, [peter, enoch])
    assert verified(note, [enoch]) == (TEXT, [enoch])
    assert verified(FOO_NOTE, [verifier_key(FOO)])[0] == "This is an example message.\n"
    assert rfc.read_note(note, PETER) == TEXT


def test_the_same_key_over_the_same_text_makes_the_published_note() -> None:
    seed = base64.b64decode(PETER_PRIVATE)[1:]
    peter = SigningKey("PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))

    assert str(peter.verifier) == PETER
    assert signed(TEXT, [peter]) == f"{TEXT}\n{PETER_LINE}"


@pytest.mark.parametrize("text", [PETER, ENOCH, FOO, PLUS, str(KEY.verifier)])
def test_a_key_is_read_as_it_is_written(text: str) -> None:
    assert str(verifier_key(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.replace("PeterNeumann", ""),
        PETER[:-4],
        PETER + "=",
        PETER.replace("ARpc", "BBpc"),
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NotANote):
        verifier_key(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        f"{TEXT}{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE}".removesuffix("\n"),
        f"{TEXT}\n{PETER_LINE}\n",
        f"{TEXT}\n{PETER_LINE.replace('—', '-')}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Peter+Neumann')}",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n— PeterNeumann not-base64\n",
        f"{TEXT}\r\n\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE * 65}",
        b"\xff\n\n\xe2\x80\x94 a AAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(NotANote):
        verified(note, [verifier_key(PETER)])


def test_a_note_of_strangers_and_a_wrong_signature_are_refused() -> None:
    peter, enoch = verifier_key(PETER), verifier_key(ENOCH)
    namesake = VerifierKey("PeterNeumann", enoch.public)
    changed = TEXT.replace("cryptography", "cryptographY")

    with pytest.raises(NotVerified):
        verified(f"{TEXT}\n{PETER_LINE}", [])
    with pytest.raises(NotVerified):
        verified(f"{TEXT}\n{PETER_LINE}", [enoch, namesake])
    with pytest.raises(NotVerified):
        verified(f"{changed}\n{PETER_LINE}", [peter])
    with pytest.raises(NotVerified, match="wrong"):  # one good signature does not excuse another
        verified(signed(changed, [STRANGER]) + PETER_LINE, [peter, STRANGER.verifier])


def test_a_text_that_could_not_be_read_back_is_not_signed() -> None:
    for text in ("no newline", "a\tb\n"):
        with pytest.raises(NotANote):
            signed(text, [KEY])


printable = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(printable, min_size=1, max_size=4), st.integers(0, 3))
def test_what_was_signed_verifies_for_us_and_for_an_outsider(lines: list[str], gap: int) -> None:
    text = "\n".join([*lines, *[""] * gap, "end"]) + "\n"
    note = signed(text, [STRANGER, KEY])

    assert verified(note, [KEY.verifier]) == (text, [KEY.verifier])
    assert rfc.read_note(note, str(KEY.verifier)) == text
    assert [each.name for each in parse(note.encode()).signatures] == ["stranger", "sanbao/plant"]


def test_a_private_key_does_not_show_itself() -> None:
    assert "private" not in repr(KEY)


def test_a_checkpoint_is_read_as_it_is_written() -> None:
    sofa = checkpoint_of(SOFA_TEXT)

    assert (sofa.origin, sofa.size) == ("example.com/behind-the-sofa", 20852163)
    assert sofa.text() == SOFA_TEXT
    assert checkpoint_of(SOFA_TEXT + "an extension\n") == sofa


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "origin\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
        "origin\n1\nCsUYapGGPo4dkMg=\n",
        "origin\n１\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotANote):
        checkpoint_of(text)


def test_a_signed_checkpoint_is_read_by_an_outsider() -> None:
    checkpoint = Checkpoint("sanbao/plant", 3, bytes(range(32)))
    note = signed(checkpoint.text(), [KEY])

    assert verified_checkpoint(note, [KEY.verifier]) == checkpoint
    assert rfc.read_checkpoint(note, str(KEY.verifier)) == ("sanbao/plant", 3, bytes(range(32)))
