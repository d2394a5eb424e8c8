"""The slots on the disk, a file each: 0600, written aside, durable when written."""

from dataclasses import dataclass
from pathlib import Path

from contract.canonical import sized
from contract.head import ID_BYTES
from lot.errors import Damaged, LotError, Unreadable
from lot.files import remove, write_private
from server.keys import slots
from server.keys.slots import SLOT_BYTES_MAX, Slot


@dataclass(frozen=True, slots=True)
class Found:
    """The slots of a folder, oldest first, and what is wrong with the other files there."""

    slots: tuple[Slot, ...]
    faults: tuple[LotError, ...]  # one slot that is damaged must not keep another from opening


class SlotFolder:
    """Where the slots lie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def found(self) -> Found:
        """Return every slot there is, none where there is no folder."""
        read: list[Slot] = []
        faults: list[LotError] = []
        for path in sorted(self._folder.glob("*.slot")):
            try:
                read.append(_read(path))
            except LotError as fault:
                faults.append(fault)
        read.sort(key=lambda slot: (slot.terms.made, slot.terms.id))
        return Found(tuple(read), tuple(faults))

    def put(self, slot: Slot) -> None:
        """Keep a slot; a power cut later does not lose it."""
        write_private(self._path(slot.terms.id), slots.encoded(slot))

    def remove(self, slot_id: bytes) -> None:
        """Remove a slot. What flash may keep of it ends with `rotate vault`, not here."""
        remove(self._path(slot_id))

    def _path(self, slot_id: bytes) -> Path:
        sized("slot", slot_id, ID_BYTES)
        return self._folder / f"{slot_id.hex()}.slot"


def _read(path: Path) -> Slot:
    try:
        with path.open("rb") as file:
            data = file.read(SLOT_BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="give the folder to the user that runs this",
        ) from error
    try:
        slot = slots.decoded(data)
    except Damaged as fault:
        raise Damaged(f"{path.name}: {fault.what}", then=fault.then) from None
    if path.stem != slot.terms.id.hex():
        raise Damaged(f"{path.name} holds another slot", then="restore the slots from a backup")
    return slot
