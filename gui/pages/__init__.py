"""The pages, a folder each with its route, its template and what only it needs."""

from __future__ import annotations

from flask import Blueprint

from gui.live import blueprint as live
from gui.pages.about.about import blueprint as about
from gui.pages.analytics.analytics import blueprint as analytics
from gui.pages.audit.audit import blueprint as audit
from gui.pages.bookings.bookings import blueprint as bookings
from gui.pages.cameras.cameras import blueprint as cameras
from gui.pages.day.day import blueprint as day
from gui.pages.desk.desk import blueprint as desk
from gui.pages.devices.devices import blueprint as devices
from gui.pages.erasure.erasure import blueprint as erasure
from gui.pages.export.export import blueprint as export
from gui.pages.find.find import blueprint as find
from gui.pages.first_run.first_run import blueprint as first_run
from gui.pages.lists.lists import blueprint as lists
from gui.pages.lots.lots import blueprint as lots
from gui.pages.more.more import blueprint as more
from gui.pages.notifications.notifications import blueprint as notifications
from gui.pages.now.now import blueprint as now
from gui.pages.retention.retention import blueprint as retention
from gui.pages.ticket.ticket import blueprint as ticket
from gui.pages.users.users import blueprint as users
from gui.pages.visit.visit import blueprint as visit
from gui.pages.visits.visits import blueprint as visits

PAGES: tuple[Blueprint, ...] = (
    now,
    visits,
    visit,
    more,
    devices,
    notifications,
    live,
    desk,
    day,
    analytics,
    export,
    users,
    lots,
    audit,
    bookings,
    ticket,
    lists,
    find,
    cameras,
    retention,
    erasure,
    about,
    first_run,
)
