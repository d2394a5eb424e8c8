"""What waits goes to the server, until it says that it has it. Nothing here is lost by stopping.

One thread's work, cut into rounds: a round sends one batch, or says how long to wait. The rules of
what goes first and what an answer changes are the outbox's.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from time import monotonic

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import record, signature, wire
from contract.trust import Statement, statement_renewed
from contract.wire import Ack, Start, Started
from edge.delivery.acknowledging import Alarm
from edge.delivery.leaving import Leaving, Taking
from edge.delivery.outbox import Outbox
from edge.delivery.server import Answer, Server
from lot.errors import Damaged, LotError, RolledBack

# How soon a record that another process wrote is seen; our own wake the sender at once.
POLL_S = 0.5
BACKOFF_FIRST_S = 0.5
# A server that comes back is found within half a minute by every edge of the lot.
BACKOFF_MAX_S = 30.0
# When all is sent and a record is still not whole, something of it was lost on the other side.
UNFINISHED_S = 60.0
EXPIRE_S = 600.0
# The ack of a batch says all; when nothing is sent, a start asks for one, for what people
# settled meanwhile and for a newer key statement.
IDLE_START_S = 60.0

# A camera that the certificate does not name yet: the owner adds it within minutes, or days.
CAMERA_UNKNOWN = "camera_unknown"
PASSED_OVER_S = 60.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Whom the sender tells what the server said."""

    started: Callable[[Started], None]
    acknowledged: Callable[[Ack], None]
    pack: Callable[[bytes, Statement], None]  # a newer key statement, checked


@dataclass(frozen=True, slots=True)
class Rest:
    """How long to rest; until woken where nothing waits, all of it where something failed."""

    seconds: float
    until_woken: bool = False


GO_ON = Rest(0)


class Backoff:
    """Waits twice as long after each failure, less a random part: edges must not come at once."""

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self._draw = draw
        self._next_s = BACKOFF_FIRST_S

    def failed(self) -> float:
        """Return how many seconds to wait now."""
        wait_s = self._next_s * (0.5 + self._draw() / 2)
        self._next_s = min(2 * self._next_s, BACKOFF_MAX_S)
        return wait_s

    def worked(self) -> None:
        self._next_s = BACKOFF_FIRST_S


class Sender:
    """Sends what waits in the outbox. `closed` once the server takes nothing any more."""

    def __init__(
        self,
        outbox: Outbox,
        server: Server,
        key: Ed25519PrivateKey,
        edge: bytes,
        *,
        statement: Statement,
        vault_sign: bytes,
        heard: Heard,
        now: Callable[[], int],
    ) -> None:
        self._outbox = outbox
        self._server = server
        self._key = key
        self._edge = edge
        self._statement = statement
        self._vault_sign = vault_sign
        self._heard = heard
        self._now = now
        self._wake = Flag()
        self._stop = Flag()
        self._backoff = Backoff()
        self._has_started = False
        self._seen = 0
        self._waits_for = ""
        self._records_max = wire.RECORDS_MAX
        self._passed_over: dict[str, float] = {}  # cameras, until when on the monotonic clock
        self._asked_at_s = 0.0
        self._resent_at_s = monotonic()
        self._expired_at_s = monotonic()
        self.closed = outbox.counts().is_closed

    def wake(self) -> None:
        """Say that something waits."""
        self._wake.set()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def run(self) -> None:
        """Send until `stop`; a failure costs a wait and never the thread."""
        self._asked_at_s = -IDLE_START_S  # its first word is a start, whatever it heard before
        while not (self._stop.is_set() or self.closed):
            self._wake.clear()  # before looking: what comes while we look must wake us
            self._rest(self.round())

    def ask(self) -> bool:
        """Hear what the server has to say while another process sends; say whether it did.

        The outbox is told nothing: what there is to acknowledge, the other process hears.
        """
        try:
            asked = wire.start_signed(Start(self._edge, self._now()), self._key)
            answer = self._server.start(asked)
            if answer.status != 200:
                return False
            started = wire.started_decoded(answer.body, ask=wire.asked(asked), edge=self._edge)
        except LotError:
            return False
        if not self._has_started:
            self._heard.started(started)
        self._has_started = True
        self._heard.acknowledged(started.ack)
        return True

    def _rest(self, rest: Rest) -> None:
        if not rest.until_woken:
            self._stop.wait(rest.seconds)  # not cut short by new cars, or each would knock anew
            return
        ends_at_s = monotonic() + rest.seconds
        while (left_s := ends_at_s - monotonic()) > 0:
            if self._wake.wait(min(POLL_S, left_s)) or self._outbox.changes() != self._seen:
                return

    def round(self) -> Rest:
        """Do one thing; return how long to rest before the next."""
        try:
            self._seen = self._outbox.changes()
            return self._round()
        except LotError as error:
            if isinstance(error, Damaged):
                self._alarm(Alarm("not_taken", str(error)))
            return self._waited(str(error))

    def _round(self) -> Rest:
        if not self._has_started or monotonic() - self._asked_at_s > IDLE_START_S:
            return self._start()
        leaving = self._outbox.next_batch(self._taking())
        if leaving is not None:
            return self._send(leaving)
        self._records_max = wire.RECORDS_MAX
        self._look_after()
        return Rest(IDLE_START_S, until_woken=True)

    def _start(self) -> Rest:
        asked = wire.start_signed(Start(self._edge, self._now()), self._key)
        answer = self._server.start(asked)
        if answer.status != 200:
            return self._refusal(answer)
        started = wire.started_decoded(answer.body, ask=wire.asked(asked), edge=self._edge)
        self._outbox.keep_days(started.keep_days)
        if not self._has_started:
            self._heard.started(started)
        self._has_started = True
        self._believe(started.ack)
        return GO_ON

    def _send(self, leaving: Leaving) -> Rest:
        answer = self._server.batch(leaving.batch)
        if answer.status == 200:
            ack = wire.ack_decoded(answer.body, edge=self._edge)
            self._outbox.sent(leaving)
            self._believe(ack)
            return GO_ON
        code, sequence = answer.problem()
        if answer.status == 409:
            return self._close(code)
        if answer.status == 422 and sequence in leaving.sequences and sequence is not None:
            return self._bury(sequence)
        if code == CAMERA_UNKNOWN and leaving.sequences:
            return self._pass_over(leaving)
        if answer.status == 422 and leaving.pictures:
            # No record that names them: the server was put back to before it had it.
            self._outbox.send_again(leaving)
        return self._refusal(answer)

    def _believe(self, ack: Ack) -> None:
        self._asked_at_s = monotonic()
        self._backoff.worked()
        if self._waits_for:
            _LOG.warning("delivery=goes_on")
        self._waits_for = ""
        for alarm in self._outbox.acknowledge(ack):
            _LOG.error('alarm=%s says="%s"', alarm.code, alarm.says)
        self._heard.acknowledged(ack)
        if monotonic() - self._expired_at_s > EXPIRE_S and ack.clock != "behind":
            self._expired_at_s = monotonic()  # nothing expires on a clock known to be wrong
            self._outbox.expire(ack.time)
        if ack.statement > self._statement.n:
            self._renew()
        elif ack.statement < self._statement.n:
            says = f"the server's key statement is {ack.statement}, {self._statement.n} was there"
            self._alarm(Alarm("statement_back", says))

    def _renew(self) -> None:
        """Fetch the newer key statement; a failure is tried again with the next ack."""
        try:
            answer = self._server.trust()
            if answer.status != 200:
                return
            statement = statement_renewed(
                answer.body, pinned=self._vault_sign, least=self._statement.n
            )
        except RolledBack as error:
            self._alarm(Alarm("statement_back", str(error)))
            return
        self._heard.pack(answer.body, statement)
        self._statement = statement

    def _look_after(self) -> None:
        """Send again what should long be whole."""
        if monotonic() - self._resent_at_s < UNFINISHED_S or not self._outbox.counts().unfinished:
            return
        self._resent_at_s = monotonic()
        count = self._outbox.send_again()
        _LOG.warning("delivery=again records=%d why=unfinished", count)

    def _close(self, code: str) -> Rest:
        self._outbox.close_chain()
        self._alarm(
            Alarm("closed", f"the server closed this edge's chain ({code}): enrol it with --anew")
        )
        self.closed = True
        return GO_ON

    def _bury(self, sequence: int) -> Rest:
        has_tombstone = self._outbox.refused(sequence)
        self._alarm(Alarm("refused", f"the server will never take record {sequence}"))
        if not has_tombstone:
            _LOG.error("delivery=refused tombstone=%d", sequence)
        return GO_ON

    def _taking(self) -> Taking:
        """Return what may leave, which is again all of a camera that was passed over for long."""
        now_s = monotonic()
        self._passed_over = {c: ends for c, ends in self._passed_over.items() if ends > now_s}
        return Taking(self._records_max, frozenset(self._passed_over))

    def _pass_over(self, leaving: Leaving) -> Rest:
        """Find out whose camera is not in the certificate yet; the others' cars must not wait."""
        if len(leaving.sequences) > 1:
            self._records_max = 1
            return GO_ON
        envelope = record.decoded(signature.parted(leaving.batch.records[0])[0])
        camera = envelope.head.camera or ""
        self._passed_over[camera] = monotonic() + PASSED_OVER_S
        self._records_max = wire.RECORDS_MAX
        self._alarm(
            Alarm("unauthorised", f"the server's certificate does not name camera {camera}")
        )
        return GO_ON

    def _refusal(self, answer: Answer) -> Rest:
        code, _ = answer.problem()
        if answer.status in (401, 403):
            says = f"the server does not let this edge in: {answer.status} {code}"
            self._alarm(Alarm("unauthorised", says))
        elif 400 <= answer.status < 500 and answer.status != 429:
            self._alarm(Alarm("not_taken", f"the server answers {answer.status} {code}"))
        return self._waited(f"the server answers {answer.status} {code}")

    def _waited(self, why: str) -> Rest:
        if why != self._waits_for:  # a server that is away all night is a line, not a thousand
            _LOG.warning('delivery=waits why="%s"', why)
        self._waits_for = why
        return Rest(self._backoff.failed())

    def _alarm(self, alarm: Alarm) -> None:
        _LOG.error('alarm=%s says="%s"', alarm.code, alarm.says)
        self._outbox.alarm(alarm, self._now())
