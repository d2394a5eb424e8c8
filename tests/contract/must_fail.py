"""Make the vectors that must fail: `python -m tests.contract.must_fail` writes them anew.

Each is what someone could send who has a right key: where a signature is asked for, it holds, so
that what is refused is refused for its own fault and not for a signature that broke on the way.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import audit, canonical, grant, manifest, record, sealing, signature, wire, wrap
from contract.digest import H
from contract.layout import measured
from lot.errors import Damaged
from tests.contract import golden

FOLDER = golden.VECTORS / "must_fail"
EDGE = Ed25519PrivateKey.from_private_bytes(golden.key("edge_seed"))
VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))


@dataclass(frozen=True)
class Kind:
    """How one kind is read, and which bytes must not be."""

    name: str
    read: Callable[[bytes], object]
    cases: Callable[[], Iterator[tuple[str, bytes]]]


def altered(whole: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy in which the field at `a/b/0` has another value; DELETED is none."""
    changed: Any = json.loads(json.dumps(whole))
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    within = changed
    for step in way:
        within = within[step]
    if value is DELETED:
        del within[last]
    else:
        within[last] = value
    copy: dict[str, Any] = changed
    return copy


DELETED = object()


def misspelled(whole: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Spell a right object in ways that are not its one."""
    data = canonical.encoded(whole)
    text = data.decode()
    first = next(iter(sorted(whole)))
    yield "space after a colon", text.replace(":", ": ", 1).encode()
    yield "space before", b" " + data
    yield "newline after", data + b"\n"
    yield "byte order mark", b"\xef\xbb\xbf" + data
    yield "UTF-16", text.encode("utf-16")
    yield "keys unsorted", json.dumps(dict(sorted(whole.items(), reverse=True))).encode()
    yield "a key twice", (f'{{"{first}":{json.dumps(whole[first])},' + text[1:]).encode()
    yield "an escaped letter", text.replace('"v":', '"\\u0076":').encode()
    yield "a list around it", b"[" + data + b"]"
    yield "an exponent", text.replace('"v":1', '"v":1e0').encode()
    yield "a float", text.replace('"v":1', '"v":1.0').encode()
    yield "a leading zero", text.replace('"v":1', '"v":01').encode()
    yield "true for 1", text.replace('"v":1', '"v":true').encode()
    yield "text for 1", text.replace('"v":1', '"v":"1"').encode()
    yield "not a number", text.replace('"v":1', '"v":NaN').encode()
    yield "a number of 400 digits", text.replace('"v":1', '"v":' + "1" * 400).encode()
    yield "nested 2000 deep", text.replace('"v":1', '"v":' + "[" * 2000 + "]" * 2000).encode()
    yield "version 2", text.replace('"v":1', '"v":2').encode()
    yield "no UTF-8", data[:-1] + b',"\xff":1}'
    yield "cut", data[:-1]
    yield "empty object", b"{}"
    yield "empty", b""


def fields(whole: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, bytes]]:
    """Take each field away, add one, and put each to other kinds of value."""
    here: Any = whole
    for step in within.split("/") if within else ():
        here = here[int(step) if step.isdigit() else step]
    at = f"{within}/" if within else ""
    yield f"{within or 'it'} with a field too many", canonical.encoded(altered(whole, f"{at}x", 1))
    for name in sorted(here):
        gone = altered(whole, at + name, DELETED)
        yield f"{at}{name} missing", canonical.encoded(gone)
        wrongs: tuple[object, ...] = (True, -1, "", {})
        for wrong in wrongs:
            if wrong is not here[name]:
                other = altered(whole, at + name, wrong)
                yield f"{at}{name} as {json.dumps(wrong)}", canonical.encoded(other)


def changed(
    whole: Mapping[str, Any], *changes: tuple[str, str, object]
) -> Iterator[tuple[str, bytes]]:
    for name, path, value in changes:
        yield name, canonical.encoded(altered(whole, path, value))


def loaded(data: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(data)
    return value


def records() -> Iterator[tuple[str, bytes]]:
    for name, data in envelopes():
        given = signature.signature(EDGE, signature.RECORD, signature.chain_next(data))
        yield name, data + given
    whole = golden.named("record 2").data
    yield "signature of the record before", whole[:-64] + golden.named("record 1").data[-64:]
    yield (
        "signature over another purpose",
        whole[:-64] + signature.signature(EDGE, signature.START, signature.chain_next(whole[:-64])),
    )
    yield (
        "signature over the bytes and not their c",
        whole[:-64] + signature.signature(EDGE, signature.RECORD, whole[:-64]),
    )
    yield (
        "signed by another key",
        whole[:-64]
        + signature.signature(
            Ed25519PrivateKey.from_private_bytes(golden.key("edge2_seed")),
            signature.RECORD,
            signature.chain_next(whole[:-64]),
        ),
    )
    yield "signature alone", whole[-64:]


def envelopes() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("record 2").data[:-64])
    blind = loaded(golden.named("record 3").data[:-64])
    tomb = loaded(golden.named("record 6").data[:-64])
    run = loaded(golden.named("server's erased run").data[:-64])
    run["head"]["edge"] = golden.KEYS["edge"]
    nothing = dict.fromkeys(run["head"]["gone"]) | {"edge": golden.KEYS["edge"], "keys": []}
    yield from misspelled(whole)
    for within in ("", "head", "seen", "parts/0"):
        yield from fields(blind, within)
    yield from changed(
        whole,
        ("an edge in capitals", "head/edge", golden.KEYS["edge"].upper()),
        ("an id of version 4", "head/id", "01a3185c-5000-45a2-95e9-f162da0c1c84"),
        ("an event without kind", "head/kind", None),
        ("an event without camera", "head/camera", None),
        ("a camera with a newline", "head/camera", "gate\n"),
        ("a kind of another table", "head/kind", "blind"),
        ("an event with something gone", "head/gone", tomb["head"]["gone"]),
        ("revision 0", "head/revision", 0),
        ("a time that is not known", "head/at", None),
        ("waiting for one that is not written", "waiting", 3),
        ("waiting for none", "waiting", 0),
        ("parts out of order", "parts", whole["parts"][::-1]),
        ("a part twice", "parts", [whole["parts"][0]] * 2),
        ("no event among the parts", "parts", whole["parts"][1:]),
        ("a part named hello", "parts/0/name", "hello"),
        ("a picture in capitals", "parts/1/name", "picture/PLATE"),
        ("a picture without name", "parts/1/name", "picture/"),
        ("a picture in a folder", "parts/1/name", "picture/../plate"),
        ("a part of no size", "parts/0/size", 96),
        ("a part of a size between steps", "parts/0/size", 1121),
        ("a picture in a text's steps", "parts/1/size", 1120),
        ("a part too large for the wire", "parts/1/size", 96 + 4096 * 1024),
        ("a text under another head", "parts/0/head", whole["parts"][1]["head"]),
        ("a hash of 31 bytes", "prev", "00" * 31),
        ("a hash in capitals", "prev", "AB" * 32),
    )
    many = [dict(whole["parts"][1], name=f"picture/{n:02}") for n in range(32)]
    yield from changed(whole, ("33 parts", "parts", [whole["parts"][0], *many]))
    yield from changed(
        blind,
        ("blind time without a camera", "head/camera", None),
        ("blind time of a second revision", "head/revision", 2),
        ("blind time not final", "head/final", False),
        ("blind time with a kind", "head/kind", "seen"),
        ("blind time with a lane", "head/lane", "1"),
        ("blind time without its part", "parts", []),
        ("blind time with a picture", "parts", [blind["parts"][0], whole["parts"][1]]),
        ("a note with an event in it", "head", dict(blind["head"], type="note", camera=None)),
    )
    yield from changed(
        tomb,
        ("an edge that did not sign it", "head/edge", golden.KEYS["edge2"]),
        ("a tombstone of nothing", "head/gone", None),
        ("a tombstone of itself", "head/gone/of", 6),
        ("a tombstone of what is to come", "head/gone/of", 7),
        ("a tombstone of none of its parts", "head/gone/parts", []),
        ("a tombstone of 33 parts", "head/gone/parts", ["00" * 32] * 33),
        ("a tombstone for another reason", "head/gone/reason", "tired"),
        ("a tombstone with a camera", "head/camera", "gate"),
        ("a tombstone with a part", "parts", whole["parts"][:1]),
        ("a tombstone that erases", "head/gone", run["head"]["gone"]),
    )
    yield from changed(
        run,
        ("an erasure of nothing", "head/gone", nothing),
        ("an erasure by halves", "head/gone/count", None),
        ("an erasure that ends before it begins", "head/gone/last", 0),
        ("an erasure of more than lay there", "head/gone/count", 4),
        ("an erasure of none", "head/gone/count", 0),
        ("an erasure from 0", "head/gone/first", 0),
        ("an erasure of 501 keys", "head/gone/keys", ["00" * 32] * 501),
        ("an erasure that is a tombstone", "head/gone", tomb["head"]["gone"]),
    )
    yield from changed(
        altered(run, "waiting", 1), ("a first record that follows another", "head/sequence", 1)
    )
    yield "larger than an envelope can be", canonical.encoded(dict(whole, waiting="x" * 65536))


def wraps() -> Iterator[tuple[str, bytes]]:
    whole = golden.named("wrap T").data
    pictures, other = golden.named("wrap P").data, golden.named("wrap S").data
    yield "empty", b""
    yield "cut", whole[:-1]
    yield "a byte after it", whole + b"\0"
    yield "another format", b"LKW2" + whole[4:]
    yield "under another RSA key", whole[:4] + bytes(32) + whole[36:]
    yield "given to another writer", whole[:36] + other[36:52] + whole[52:]
    yield "given to another class", whole[:52] + b"P" + whole[53:]
    yield "a class that is none", whole[:52] + b"t" + whole[53:]
    yield "made a microsecond later", whole[:60] + bytes([whole[60] ^ 1]) + whole[61:]
    yield "made beyond JSON's numbers", whole[:53] + b"\xff" * 8 + whole[61:]
    yield "with the key of another wrap", whole[:61] + pictures[61:]
    yield "with a key that is no ciphertext", whole[:61] + b"\xff" * 384
    yield "with an empty key", whole[:61] + bytes(384)


def parts() -> Iterator[tuple[str, bytes]]:
    whole = golden.named("part event 1").data
    other, tomorrow = golden.named("part event 2").data, golden.named("part event 4").data
    yield "empty", b""
    yield "a header alone", whole[:80]
    yield "a header and a tag alone", whole[:80] + whole[-16:]
    yield "cut", whole[:-1]
    yield "cut by a step", whole[:80] + whole[80 + 1024 :]
    yield "a byte after it", whole + b"\0"
    yield "a step after it", whole + bytes(1024)
    yield "another format", b"LKP2" + whole[4:]
    yield "under the id of another key", whole[:4] + tomorrow[4:36] + whole[36:]
    yield "with another nonce", whole[:36] + other[36:48] + whole[48:]
    yield "with another commitment", whole[:48] + other[48:80] + whole[80:]
    yield "with no commitment", whole[:48] + bytes(32) + whole[80:]
    yield "with another text", whole[:80] + other[80:]
    yield "with another tag", whole[:-16] + other[-16:]
    yield "of another revision", other
    yield "of another day", tomorrow
    yield "a picture", golden.named("part picture").data


def batches() -> Iterator[tuple[str, bytes]]:
    one_wrap = golden.named("wrap T").data
    signed = golden.named("record 1").data
    text = golden.named("part event 1").data
    entry = measured(signed[:-64]) + signed[-64:]

    def laid(wrap_list: list[bytes], entries: bytes, part_list: list[bytes]) -> bytes:
        return b"".join(
            [
                b"LKB1",
                len(wrap_list).to_bytes(4, "big"),
                *map(measured, wrap_list),
                entries,
                len(part_list).to_bytes(4, "big"),
                *(H(part) + measured(part) for part in part_list),
            ]
        )

    none, whole = bytes(4), laid([one_wrap], bytes(3) + b"\x01" + entry, [text])
    wire.batch_decoded(whole)
    yield "empty", b""
    yield "its mark alone", b"LKB1"
    yield "another format", b"LKB2" + whole[4:]
    yield "cut", whole[:-1]
    yield "a byte after its end", whole + b"\0"
    yield "a batch after its end", whole + whole
    yield "a wrap too short", laid([one_wrap[:-1]], none, [])
    yield "a wrap too long", laid([one_wrap + b"\0"], none, [])
    yield "a wrap that is none", laid([bytes(445)], none, [])
    yield "a wrap twice", laid([one_wrap] * 2, none, [])
    yield "a part twice", laid([], none, [text] * 2)
    yield (
        "a part under the hash of another",
        laid([], none, [])[:-4] + b"".join([b"\0\0\0\1", H(b"another"), measured(text)]),
    )
    yield "more wraps than are there", b"LKB1" + b"\xff" * 4
    yield "more records than are there", b"LKB1" + none + b"\0\0\0\2" + entry
    yield "21 records", laid([], b"\0\0\0\x15" + (measured(b"x") + bytes(64)) * 21, [])
    yield "more parts than are there", b"LKB1" + none * 2 + b"\xff" * 4
    yield "an envelope that claims 4 GiB", b"LKB1" + none + b"\0\0\0\1" + b"\xff" * 4
    yield "a part that claims 4 GiB", b"LKB1" + none * 2 + b"\0\0\0\1" + bytes(32) + b"\xff" * 4


def acks() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("ack").data)
    yield from misspelled(whole)
    yield from fields(whole, "audit")
    yield from fields(whole)
    first = whole["settled"][0][0]
    yield from changed(
        whole,
        ("of another edge", "edge", golden.KEYS["edge2"]),
        ("ranges that touch", "have", [[1, 1], [2, 4]]),
        ("ranges that overlap", "have", [[1, 1], [3, 5], [4, 6]]),
        ("ranges that fall", "have", [[3, 4], [1, 1]]),
        ("a range that ends before it begins", "have", [[1, 1], [4, 3]]),
        ("a range from 0", "have", [[0, 1], [3, 4]]),
        ("a range of three", "have", [[1, 1, 1]]),
        ("a range of texts", "have", [["1", "1"]]),
        ("1,001 ranges", "have", [[1, 1], *([n, n] for n in range(3, 2003, 2))]),
        ("a low that is not the end of the first range", "low", 4),
        ("a low of nothing", "have", [[3, 4]]),
        ("settled to nowhere", "settled", [[first, "gone"]]),
        ("settled twice", "settled", [[first, "in"], [first, "out"]]),
        ("settled without an id", "settled", [["", "in"]]),
        ("a clock of recordings", "clock", "file"),
    )


def starts() -> Iterator[tuple[str, bytes]]:
    whole = {"v": 1, "edge": golden.KEYS["edge"], "time": 5}
    spelled = [*misspelled(whole), *fields(whole)]
    spelled += changed(whole, ("of another edge", "edge", golden.KEYS["edge2"]))
    for name, data in spelled:
        yield name, data + signature.signature(EDGE, signature.START, data)
    data = canonical.encoded(whole)
    yield "signed for another purpose", signature.signed(EDGE, signature.RECORD, data)
    yield "not signed", data


def starteds() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("started").data)
    yield from misspelled(whole)
    yield from fields(whole)
    yield from changed(
        whole,
        ("to another start", "ask", "00" * 32),
        ("a key of 16 bytes", "state_key", "00" * 16),
        ("to keep longer than a week", "keep_days", 8),
        ("with the acknowledgement of another edge", "ack/edge", golden.KEYS["edge2"]),
        ("with an acknowledgement that breaks a rule", "ack/low", 0),
    )


def audit_lines() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("audit").data.split(b"\n")[3])
    yield from misspelled(whole)
    yield from fields(whole)
    yield from changed(
        whole,
        ("line 0", "seq", 0),
        ("an act in capitals", "act", "Search"),
        ("an act of 25 characters", "act", "x" * 25),
        ("a clock of recordings", "clock", "file"),
        ("a detail of 31 bytes", "detail", "00" * 31),
        ("an actor by name", "actor", "root"),
    )


def details() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("detail of mark, in clear").data)
    yield from misspelled(whole)
    yield from fields(whole)
    yield from changed(whole, ("a mark of line 0", "seq", 0), ("63 bytes", "sig", "00" * 63))


def manifests() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("manifest").data[:-64])
    spelled = [*misspelled(whole), *fields(whole), *fields(whole, "audit")]
    spelled += changed(
        whole,
        ("files out of order", "files", whole["files"][::-1]),
        ("a file twice", "files", whole["files"][:1] * 2),
        ("a file in a folder", "files/0/name", "a/b"),
        ("a file above its folder", "files/0/name", ".."),
        ("a note of two lines", "notes", ["a\nb"]),
    )
    for name, data in spelled:
        yield name, data + signature.signature(VAULT, signature.EXPORT, data)
    whole_bytes = canonical.encoded(whole)
    yield "signed for another purpose", signature.signed(VAULT, signature.MARK, whole_bytes)
    yield "signed by an edge", signature.signed(EDGE, signature.EXPORT, whole_bytes)


def grants() -> Iterator[tuple[str, bytes]]:
    whole = loaded(golden.named("grant to see a camera live").data[:-64])
    spelled = [*misspelled(whole), *fields(whole)]
    spelled += changed(
        whole,
        ("of another server", "server", golden.KEYS["node"]),
        ("for another edge", "edge", golden.KEYS["edge2"]),
        ("for other work", "work", "read"),
        ("for work that nobody does", "work", "erase"),
        ("a nonce of 15 bytes", "nonce", "00" * 15),
        ("a nonce in capitals", "nonce", "AB" * 16),
    )
    for name, data in spelled:
        yield name, data + signature.signature(VAULT, signature.GRANT, data)
    data = canonical.encoded(whole)
    later = canonical.encoded(altered(whole, "nonce", "00" * 16))
    yield "signed for another purpose", signature.signed(VAULT, signature.EXPORT, data)
    yield "signed by an edge", signature.signed(EDGE, signature.GRANT, data)
    yield "signed for another nonce", later + signature.signature(VAULT, signature.GRANT, data)
    yield "not signed", data
    yield "signature alone", signature.signature(VAULT, signature.GRANT, data)


def _grant(data: bytes) -> grant.Grant:
    server, edge = golden.key("server"), golden.key("edge")
    return grant.opened(data, golden.key("vault_public"), server=server, edge=edge, work="live")


def _part(data: bytes) -> bytes:
    given = golden.named("part event 1").context
    clear = sealing.read(data, name=given["name"])
    prk = sealing.prk_of(bytes.fromhex(given["day_key"]), clear.nonce)
    head_hash = bytes.fromhex(given["head_hash"])
    return sealing.opened(data, prk, head_hash=head_hash, name=given["name"])


KINDS = (
    Kind("wrap", lambda data: wrap.unwrapped(wrap.decoded(data), golden.rsa()), wraps),
    Kind("part", _part, parts),
    Kind("record", lambda data: record.opened(data, golden.key("edge_public")), records),
    Kind("batch", wire.batch_decoded, batches),
    Kind("ack", lambda data: wire.ack_decoded(data, edge=golden.key("edge")), acks),
    Kind("start", lambda data: wire.start_opened(data, golden.key("edge_public")), starts),
    Kind(
        "started",
        lambda data: wire.started_decoded(
            data, ask=wire.asked(golden.named("start").data), edge=golden.key("edge")
        ),
        starteds,
    ),
    Kind("audit", audit.decoded, audit_lines),
    Kind("detail", lambda data: audit.detail_decoded("mark", data), details),
    Kind("manifest", lambda data: manifest.opened(data, golden.key("vault_public")), manifests),
    Kind("grant", _grant, grants),
)


def made(kind: Kind) -> bytes:
    """Return the file of a kind: {name, bytes, why} each, `why` in our decoder's words."""
    found = []
    for name, data in kind.cases():
        try:
            kind.read(data)
        except Damaged as fault:
            found.append({"name": name, "bytes": data.hex(), "why": fault.what})
        else:
            raise AssertionError(f"{kind.name}: {name} was read")
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in KINDS:
        (FOLDER / f"{each.name}.json").write_bytes(made(each))
