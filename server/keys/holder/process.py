"""The keyholder's child: what opens the vault, and ends so that nothing of it remains.

Python cannot wipe memory, the kernel can: locking is the end of this process, and its guardian
starts a fresh one.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from dataclasses import dataclass, field
from datetime import tzinfo

from lot import memory
from lot.errors import LotError
from server.keys.folder import KeysFolder
from server.keys.holder import framing, privacy, refusals
from server.keys.holder.framing import Frame
from server.keys.holder.service import Service

CONNECTIONS_MAX = 16
REQUEST_S_MAX = 10.0  # a client that sends nothing holds one of the connections no longer

_LOOK_S = 0.5  # how often idleness is looked at
_PR_SET_PDEATHSIG = 1
_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a keyholder goes by."""

    folder: KeysFolder
    zone: tzinfo
    idle_s: int
    uids: frozenset[int]  # who may ask, beside root and our own user


def die_with_parent(by: signal.Signals = signal.SIGKILL) -> None:
    """Let the kernel end this process with the one that started it, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0)


def served(listener: socket.socket, terms: Terms) -> None:
    """Answer at the socket until the vault locks."""
    locked = privacy.shut_in()
    memory.give_back()
    service = Service(terms.folder, terms.zone, memory_locked=locked, idle_s=terms.idle_s)
    house = _House(service, terms.uids)
    listener.settimeout(0)
    while (left := service.idle_left_s()) is None or left > 0:
        select.select([listener], [], [], _LOOK_S)
        house.room.acquire()  # none is taken from the queue before there is room for it
        try:
            with house.taking:
                link, _ = listener.accept()
        except BlockingIOError:
            house.room.release()
            continue
        threading.Thread(target=_one_served, args=(link, house), daemon=True).start()
    for _ in range(CONNECTIONS_MAX):  # who was let in is answered before the end
        house.room.acquire(timeout=REQUEST_S_MAX)


@dataclass(frozen=True, slots=True)
class _House:
    service: Service
    uids: frozenset[int]
    room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(CONNECTIONS_MAX)
    )
    taking: threading.Lock = field(default_factory=threading.Lock)


def _one_served(link: socket.socket, house: _House) -> None:
    try:
        with link:
            _answer(link, house)
    except (OSError, framing.Ended):
        return  # it went away; whoever asked will ask again
    except Exception:  # the outermost place of this thread: a bug is told, others are served
        traceback.print_exc(file=sys.stderr)
    finally:
        house.room.release()


def _answer(link: socket.socket, house: _House) -> None:
    link.settimeout(REQUEST_S_MAX)
    uid = _uid_of(link)
    trusted = uid in (0, os.geteuid())
    if not trusted and uid not in house.uids:
        return  # not a word to a stranger
    with link.makefile("rb") as asked:
        try:
            frame = framing.unframed(asked.read)
        except LotError as fault:
            link.sendall(framing.framed(Frame({"refused": refusals.spelt(fault)}, [])))
            return
    answer = framing.framed(house.service.answered(frame, trusted=trusted))
    if house.service.must_lock:
        house.taking.acquire()  # for good: what comes now is for the next keyholder
        link.sendall(answer)
        os._exit(0)
    link.sendall(answer)


def _uid_of(link: socket.socket) -> int:
    data = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(data)
    return int(uid)
