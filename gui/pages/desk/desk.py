"""The desk: every common task in two taps, with a queue of cars and one free hand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from gui.carried import carried, check_form, server
from gui.door import door
from gui.pages.desk import customers, values
from gui.pages.desk.values import WORDS, Held, ReadPlate, read_plates
from gui.server_api import Problem
from gui.sides import Frame, Lot, frame
from gui.values import Visit
from gui.values import visit as read_visit

blueprint = Blueprint("desk", __name__)

_DOES = {"call": ("call", "called", True), "leave": ("call", "called", False)}
_DOES |= {"hand_out": ("hand_out", "handed", True), "take_back": ("hand_out", "handed", False)}
_LONGEST = {"key": 64, "bay": 64, "note": 2000}
LINE = 200
_ASKED = ("event", "booking", "plate", *WORDS)
_BOOKED = ("name", "phone", "mail", "bay")  # what a guest said when booking
# What a photo comes back with where nothing could be read: then the desk types by hand.
_UNREAD = frozenset({"edge_away", "no_picture", "too_large", "wrong_field", "wrong_media"})


@blueprint.get("/desk")
def page() -> Response:
    """Show who came, who is expected, who waits for a car."""
    stands = frame("desk")
    if not stands.lots:
        return _shown("pages/desk/no_lot.html", stands)
    lot = lot_of(stands, request.args.get("lot", ""))
    said = server().get(f"/lots/{lot.id}/desk", carried().holder)
    return _shown("pages/desk/desk.html", stands, lot=lot, desk=values.desk(said))


@blueprint.get("/desk/check-in")
def check_in() -> Response:
    """Ask for what the camera cannot see; nothing of it must be filled in."""
    return _form(_typed(request.args), once=secrets.token_hex(16))


@blueprint.post("/desk/check-in")
def take_in() -> Response:
    """Take a car in and give its ticket out."""
    check_form()
    given, lot = request.form, request.form.get("lot", "")
    typed, words, plate = _typed(given), words_of(given), _plate(lot, given)
    once = given.get("once", "")
    if (lacks := _lacking(given, words, plate)) is not None:
        return _form(typed, once=once, wrong=lacks, status=lacks.status)
    body = {
        **_known_words(lot, given, words),
        "once": once,
        "event": given.get("event") or None,
        "booking": given.get("booking") or None,
        "plate": given.get("plate", "").strip() or None,
    }
    try:
        said: dict[str, Any] = server().send("POST", f"/lots/{lot}/tickets", carried().holder, body)
    except Problem as problem:
        if problem.code not in ("wrong_field", "already_there"):
            raise
        # A form that made another car's ticket would make that one again.
        once = secrets.token_hex(16) if problem.code == "already_there" else once
        return _form(typed, once=once, wrong=problem, status=problem.status)
    if plate and "keep" in given:
        customers.keep(lot, plate, words)
    return make_response(redirect(url_for("ticket.page", token=said["token"])))


@blueprint.post("/desk/check-in/unlock")
def unlock() -> Response:
    """Open the vault before a car is taken in; what is typed waits behind the door."""
    check_form()
    given = request.form
    kept = {**_typed(given), "lot": given.get("lot", ""), "once": given.get("once", "")}
    return door.unlocking(
        to=url_for("desk.typed"), kept=[(name, value) for name, value in kept.items() if value]
    )


@blueprint.post("/desk/check-in/typed")
def typed() -> Response:
    """Show the form as it was typed, after the door."""
    check_form()
    return _form(_typed(request.form), once=request.form.get("once", "") or secrets.token_hex(16))


@blueprint.post("/desk/forget")
def forget() -> Response:
    """Let a customer go who was kept for this plate; the form stays as it was typed."""
    check_form()
    given, lot = request.form, request.form.get("lot", "")
    customer = customers.known(lot, _plate(lot, given))
    if customer is not None:
        customers.forget(lot, customer)
    return _form(_typed(given), once=given.get("once", ""), is_forgotten=True)


@blueprint.post("/desk/photo")
def photo() -> Response:
    """Have a photo read at the gate, and ask whether it is right before anything comes of it."""
    check_form()
    lot, file = request.form.get("lot", ""), request.files.get("photo")
    content = b"" if file is None else file.stream.read()
    typed = dict.fromkeys((*_ASKED, "keep"), "")
    read: tuple[ReadPlate, ...] = ()
    unread = ""
    try:
        said = server().bring("/readings", carried().holder, content, lot=lot)
        read = read_plates(said)
    except Problem as problem:
        if problem.code not in _UNREAD:
            raise
        unread = problem.code
    typed["plate"] = read[0].plate if read else ""
    unread = unread or ("" if read else "no_plate")
    return _form(typed, once=secrets.token_hex(16), read=read, unread=unread)


@blueprint.get("/desk/<lot>/tickets/<id_>")
def ticket(lot: str, id_: str) -> Response:
    """Show a ticket with what was written on it."""
    return _ticket(lot, _read(lot, id_))


@blueprint.post("/desk/<lot>/tickets/<id_>")
def change(lot: str, id_: str) -> Response:
    """Write other words on a ticket; who was not the first sees what the other wrote."""
    check_form()
    version = request.form.get("version", "")
    body = words_of(request.form) | {"version": int(version) if version.isdecimal() else 0}
    try:
        server().send("PUT", f"/lots/{lot}/tickets/{id_}", carried().holder, body)
    except Problem as problem:
        if problem.code not in ("wrong_field", "conflict"):
            raise
        held = _read(lot, id_)
        return _ticket(lot, held, typed=request.form, wrong=problem, status=problem.status)
    return make_response(redirect(url_for("desk.ticket", lot=lot, id_=id_, said="words")))


@blueprint.post("/desk/<lot>/tickets/<id_>/<what>")
def do(lot: str, id_: str, what: str) -> Response:
    """Call a car, hand it out, or take either back; a second tap changes nothing."""
    check_form()
    if what not in _DOES:
        abort(404)
    path, name, value = _DOES[what]
    server().send("POST", f"/lots/{lot}/tickets/{id_}/{path}", carried().holder, {name: value})
    if request.form.get("at") == "ticket":
        return make_response(redirect(url_for("desk.ticket", lot=lot, id_=id_)))
    return make_response(redirect(url_for("desk.page", lot=lot)))


@blueprint.post("/desk/<lot>/tickets/<id_>/tell")
def tell(lot: str, id_: str) -> Response:
    """Tell the customer that the car is ready."""
    check_form()
    said = {"language": carried().words.language}
    server().send("POST", f"/lots/{lot}/tickets/{id_}/message", carried().holder, said)
    return make_response(redirect(url_for("desk.ticket", lot=lot, id_=id_, said="told")))


@blueprint.post("/desk/<lot>/tickets/<id_>/renew")
def renew(lot: str, id_: str) -> Response:
    """Give a ticket out anew, as the guest lost it; the lost one shows nothing any more."""
    check_form()
    body = {"once": request.form.get("once", "")}
    path = f"/lots/{lot}/tickets/{id_}/link"
    said = server().send("POST", path, carried().holder, body)
    return make_response(redirect(url_for("ticket.page", token=said["token"])))


def lot_of(stands: Frame, id_: str) -> Lot:
    """Return the lot that an address means, else the first; only those in reach are named."""
    return next((one for one in stands.lots if one.id == id_), stands.lots[0])


def words_of(given: Mapping[str, str]) -> dict[str, object]:
    """Return what a form says of a car; empty is nothing."""
    return {
        name: " ".join(given.get(name, "").split())[: _LONGEST.get(name, LINE)] or None
        if name != "note"
        else given.get(name, "").replace("\r\n", "\n").strip()[:2000] or None
        for name in WORDS
    }


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given.get(name, "") for name in (*_ASKED, "keep")}


def _plate(lot: str, given: Mapping[str, str]) -> str | None:
    """Return the plate of the car that a form is about, where somebody is to be kept for it."""
    if not given.get("event"):
        return given.get("plate", "").strip() or None
    car = (
        _car(lot, given["event"]) if "keep" in given or request.endpoint == "desk.forget" else None
    )
    return None if car is None else car.plate


def _lacking(
    given: Mapping[str, str], words: Mapping[str, object], plate: str | None
) -> Problem | None:
    """Return what is missing to keep somebody for the next time."""
    if "keep" not in given:
        return None
    if plate is None:
        return Problem(422, "no_plate", "somebody is kept for a plate")
    return None if words["name"] else Problem(422, "no_name", "somebody who is kept has a name")


def _known_words(
    lot: str, given: Mapping[str, str], words: Mapping[str, object]
) -> dict[str, object]:
    """Return a form's words; who typed a known plate and nobody's name gets those kept for it."""
    shown = given.get("event") or "known" in given
    if shown or any(words[name] for name in customers.WORDS):
        return {**words}
    customer = customers.known(lot, given.get("plate", "").strip())
    kept = {} if customer is None else {name: customer.content[name] for name in customers.WORDS}
    return {**words, **kept}


def _form(
    typed: Mapping[str, str],
    *,
    once: str,
    is_forgotten: bool = False,
    wrong: Problem | None = None,
    read: Sequence[ReadPlate] = (),
    unread: str = "",
    status: int = 200,
) -> Response:
    stands = frame("desk")
    if not stands.lots:
        return _shown("pages/desk/no_lot.html", stands)
    lot = lot_of(stands, request.values.get("lot", ""))
    car, guest = _car(lot.id, typed["event"]), _guest(lot, typed["booking"])
    plate = car.plate if car else typed["plate"] or (guest["plate"] if guest else None)
    customer = None if stands.locked else customers.known(lot.id, plate)
    filled = (
        {**typed, **{name: typed[name] or guest[name] or "" for name in _BOOKED}}
        if guest
        else typed
    )
    return _shown(
        "pages/desk/check_in.html",
        stands,
        status,
        lot=lot,
        typed=filled if customer is None or wrong else customer.filled(filled),
        customer=customer,
        is_forgotten=is_forgotten,
        may_keep=car is None or car.plate is not None,
        once=once,
        wrong=wrong,
        read=read,
        unread=unread,
        car=car,
        guest=guest,
    )


def _car(lot: str, event: str) -> Visit | None:
    """Return the visit of the car that is taken in; None where it is typed in by hand."""
    if not event:
        return None
    return read_visit(server().get(f"/lots/{lot}/visits/{event}", carried().holder))


def _guest(lot: Lot, id_: str) -> Mapping[str, Any] | None:
    """Return the booking that somebody comes with."""
    if not id_:
        return None
    said: dict[str, Any] = server().get(f"/lots/{lot.id}/bookings/{id_}", carried().holder)
    found: Mapping[str, Any] | None = said["content"]
    return found


def _read(lot: str, id_: str) -> Held:
    return values.held(server().get(f"/lots/{lot}/tickets/{id_}", carried().holder))


def _ticket(
    lot: str,
    held: Held,
    *,
    typed: Mapping[str, str] | None = None,
    wrong: Problem | None = None,
    status: int = 200,
) -> Response:
    ways: dict[str, Any] = server().get(f"/lots/{lot}/ways", carried().holder)
    return _shown(
        "pages/desk/ticket.html",
        frame("desk"),
        status,
        lot=lot,
        held=held,
        reach=[name for name in ("mail", "phone") if ways[name] and held.ticket.words.get(name)],
        typed=held.ticket.words if typed is None else typed,
        wrong=wrong,
        once=secrets.token_hex(16),
        said=request.args.get("said", ""),
    )


def _shown(name: str, stands: Frame, status: int = 200, **shown: object) -> Response:
    return make_response(render_template(name, frame=stands, **shown), status)
