"""The pages, a folder each with its route, its template and what only it needs."""

from __future__ import annotations

from flask import Blueprint

from gui.live import blueprint as live
from gui.pages.devices.devices import blueprint as devices
from gui.pages.more.more import blueprint as more
from gui.pages.now.now import blueprint as now
from gui.pages.visit.visit import blueprint as visit
from gui.pages.visits.visits import blueprint as visits

PAGES: tuple[Blueprint, ...] = (now, visits, visit, more, devices, live)
