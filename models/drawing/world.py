# ruff: noqa: E501 (a design is a line of the table)
"""European, British, Brazilian, Argentine and Indian plates."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.drawing.design import PlateDesign

_EU = PlateDesign(
    name="eu-d",
    region="eu",
    formats=("aa-aa000", "a-aa0000", "aaa-aa00", "aa-a0000", "aaa-a000"),
    aspect=4.7,
    border="#14181c",
    faces=("din-wide", "din", "road-condensed"),
    band="eu",
    country="D",
    serial_top=0.16,
    serial_height=0.68,
    cells=0.4,
    separator="seals",
    holes="none",
)
_EU_ROWS = replace(
    _EU,
    name="eu-square-d",
    aspect=1.5,
    formats=("aa-/aa000", "a-/aa0000", "aaa-/aa00"),
    serial_top=0.07,
    serial_height=0.86,
)
_BR_OLD = PlateDesign(
    name="br-old",
    region="br",
    formats=("aaa-0000",),
    aspect=3.1,
    ground=("#b9bcbe",),
    border="#14181c",
    header="SP - SAO PAULO",
    header_ink="#14181c",
    title_faces=("sans", "roboto"),
    faces=("road-narrow", "road-condensed", "din"),
    separator="dot",
    serial_top=0.3,
    serial_height=0.58,
    cells=0.5,
    holes="two",
)
_BR = replace(
    _BR_OLD,
    name="br-mercosur",
    formats=("aaa0a00",),
    ground=("#f4f4f2",),
    header="BRASIL",
    header_ink="#f4f4f2",
    band="mercosur",
    faces=("din", "din-wide"),
    country="BR",
    holes="none",
)
_IN = PlateDesign(
    name="in-white",
    region="in",
    formats=("aa 00 aa 0000", "aa 00 a 0000", "aa 0 aa 0000", "aa0a0000"),
    aspect=4.5,
    border="#14181c",
    band="in",
    country="IND",
    faces=("sans", "road", "roboto", "din-wide", "routed", "play"),
    serial_top=0.17,
    serial_height=0.66,
    cells=0.2,
    holes="none",
)
_GB = replace(
    _EU,
    name="gb-white",
    region="gb",
    formats=("aa00 aaa", "a000 aaa", "aaa 000a", "aaa 0000", "aaa 000"),
    border=None,
    faces=("road-condensed", "din-wide", "roboto", "sans"),
    band="gb",
    country="UK",
    separator="gap",
    embossed=False,
)
_F_OLD = replace(
    _EU,
    name="eu-f-old",
    formats=("0000 aa 00", "000 aaa 00", "000 aa 00"),
    band="none",
    separator="gap",
)
_F_OLD_ROWS = replace(
    _EU_ROWS,
    name="eu-square-f-old",
    formats=("000/aaa 00", "0000/aa 00", "000/aa 00"),
    band="none",
    separator="gap",
)
_BLACK = ("#17191c",)
_BRITISH = ("dies-heavy", "road", "square", "black", "dies-square", "road-condensed", "din-wide")
_GB_BARE = replace(_GB, name="gb-white-bare", band="none", faces=_BRITISH)  # as most cars have it
_GB_OLD = replace(
    _GB_BARE,
    name="gb-old",
    formats=("a000 aaa", "aaa 000a", "aaa 00a", "a00 aaa", "aaa 0a", "a0 aaa"),
)
_GB_DATELESS = replace(
    _GB_BARE,
    name="gb-dateless",
    formats=("aaa 000", "aa 0000", "000 aaa", "0000 aa", "aaa 00", "00 aaa", "a 0000"),
)
_NI = replace(_GB_BARE, name="gb-ni", formats=("aIa 0000", "aaZ 0000", "aIa 000"))
WORLD: Final = (
    _EU,
    replace(_EU, name="eu-pl", country="PL", formats=("aa-00000", "aaa 0000a", "aa-0000a", "aaa-a000"), separator="crest"),
    replace(_EU, name="eu-fr", country="F", formats=("aa-000-aa",), separator="dash"),
    replace(_EU, name="eu-it", country="I", formats=("aa 000aa",), separator="gap"),
    replace(_EU, name="eu-es", country="E", formats=("0000 aaa",), separator="gap"),
    replace(_EU, name="eu-ro", country="RO", formats=("aa 00 aaa", "B 000 aaa"), separator="gap"),
    replace(_EU, name="eu-cz", country="CZ", formats=("0a0-0000", "0aa-0000"), separator="seals"),
    replace(_EU, name="eu-nl", country="NL", ground=("#f2c230",), formats=("00-aaa-0", "aa-000-a", "0-aaa-00", "a-000-aa"), separator="dash"),
    replace(_EU, name="eu-b", country="B", ink="#8a1a22", border="#8a1a22", formats=("0-aaa-000",), separator="dash"),
    replace(_EU, name="eu-h", country="H", formats=("aaa-000",), separator="dash"),
    replace(_EU, name="eu-s", country="S", formats=("aaa-000", "aaa-00a"), separator="crest"),
    replace(_EU, name="eu-a", country="A", border="#a8202a", formats=("aa-000aa", "a-00000a", "aa-00000"), separator="crest"),
    replace(_EU, name="eu-hr", country="HR", formats=("aa-000 aa", "aa-0000 a"), separator="crest"),
    replace(_EU, name="eu-lt", country="LT", formats=("aaa 000",), separator="gap"),
    _EU_ROWS,
    replace(_EU_ROWS, name="eu-square-pl", country="PL", formats=("aa-/00000", "aaa/0000a")),
    replace(_EU_ROWS, name="eu-square-ro", country="RO", formats=("aa 00/aaa", "B/000aaa")),
    replace(_EU_ROWS, name="eu-square-i", country="I", formats=("aa/000aa",)),
    replace(_EU_ROWS, name="eu-square-cz", country="CZ", formats=("0a0-/0000",)),
    _F_OLD,
    replace(_F_OLD, name="eu-f-old-yellow", ground=("#f2c230",)),
    replace(_F_OLD, name="eu-f-old-black", ground=_BLACK, ink="#e4e4e0", border=None),
    _F_OLD_ROWS,
    replace(_F_OLD_ROWS, name="eu-square-f-old-black", ground=_BLACK, ink="#e4e4e0", border=None),
    replace(_EU_ROWS, name="eu-square-f", country="F", formats=("aa-000/-aa", "aa/000aa"), separator="gap"),
    replace(_EU, name="eu-d-old", band="none"),
    replace(_EU, name="eu-b-old", band="none", ink="#8a1a22", border="#8a1a22", formats=("aaa-000", "000-aaa"), separator="dash"),
    replace(_EU, name="eu-irl", country="IRL", formats=("00-a-00000", "00-a-0000", "000-a-0000", "00-aa-000", "00-a-000"), separator="dash"),
    replace(_EU, name="eu-n", country="N", formats=("aa 00000",), separator="gap"),
    replace(_EU, name="eu-dk", country="DK", border="#a8202a", formats=("aa 00 000",), separator="gap"),
    replace(_EU, name="eu-ch", band="none", formats=("aa 000000", "aa 00000"), separator="crest"),
    replace(_EU_ROWS, name="eu-square-ch", band="none", formats=("aa /000000", "aa /00000"), separator="crest"),
    replace(_EU, name="eu-sk", country="SK", formats=("aa-000aa",), separator="crest"),
    replace(_EU, name="eu-bg", country="BG", formats=("a 0000 aa", "aa 0000 aa"), separator="gap"),
    replace(_EU, name="eu-gr", country="GR", formats=("aaa-0000",), separator="dash"),
    replace(_EU, name="eu-p", country="P", formats=("00-aa-00", "aa-00-aa", "00-00-aa"), separator="dash"),
    replace(_EU, name="eu-est", country="EST", formats=("000 aaa",), separator="gap"),
    replace(_EU, name="eu-lv", country="LV", formats=("aa-0000",), separator="dash"),
    replace(_EU, name="eu-slo", country="SLO", border="#2b6b3a", formats=("aa aa-000", "aa a0-000"), separator="crest"),
    replace(_EU, name="eu-l", country="L", ground=("#f2c230",), formats=("aa 0000",), separator="gap"),
    _GB,
    replace(_GB, name="gb-yellow", ground=("#f5c518",)),
    replace(_GB, name="gb-square", aspect=1.5, ground=("#f5c518",), formats=("aa00/aaa", "a000/aaa"), band="none", serial_top=0.08, serial_height=0.84),
    _GB_BARE,
    replace(_GB_BARE, name="gb-yellow-bare", ground=("#f5c518",)),
    _GB_OLD,
    replace(_GB_OLD, name="gb-yellow-old", ground=("#f5c518",)),
    _GB_DATELESS,
    _NI,
    replace(_NI, name="gb-yellow-ni", ground=("#f5c518",)),
    replace(_NI, name="gb-square-ni", aspect=1.5, ground=("#f5c518",), formats=("aIa/0000", "aaZ/0000"), serial_top=0.08, serial_height=0.84),
    replace(_GB_OLD, name="gb-square-old", aspect=1.5, formats=("aaa/000a", "a000/aaa", "aaa/00a"), serial_top=0.08, serial_height=0.84),
    replace(_GB_BARE, name="gb-square-bare", aspect=1.5, formats=("aa00/aaa",), serial_top=0.08, serial_height=0.84),
    replace(_GB_DATELESS, name="gb-black", ground=_BLACK, ink="#e4e4e0"),
    replace(_GB_OLD, name="gb-square-black", aspect=1.5, ground=_BLACK, ink="#e4e4e0", formats=("aaa/000a", "aaa/000", "000/aaa"), serial_top=0.08, serial_height=0.84),
    _BR_OLD,
    _BR,
    replace(_BR_OLD, name="br-red", ground=("#a3262c",), ink="#f0f0ec", border="#f0f0ec", header_ink="#f0f0ec"),
    replace(_BR_OLD, name="br-moto", aspect=1.2, formats=("aaa/0000",), serial_top=0.22, serial_height=0.72),
    replace(_BR, name="br-moto-mercosur", aspect=1.2, formats=("aaa/0a00",), serial_top=0.26, serial_height=0.68),
    replace(_BR, name="ar-mercosur", region="ar", header="REPUBLICA ARGENTINA", country="", formats=("aa 000 aa",)),
    replace(_BR, name="ar-moto", region="ar", aspect=1.3, header="REPUBLICA ARGENTINA", country="", formats=("a00/0aaa", "000/aaa"), serial_top=0.26, serial_height=0.68),
    replace(_BR_OLD, name="ar-old", region="ar", aspect=2.3, ground=("#17191c",), ink="#eeeeea", border="#eeeeea", header="ARGENTINA", header_ink="#eeeeea", formats=("aaa 000",), separator="gap", serial_top=0.28, serial_height=0.6),
    _IN,
    replace(_IN, name="in-yellow", ground=("#f2b91c",)),
    replace(_IN, name="in-square", aspect=1.6, formats=("aa 00/aa 0000", "aa 00 a/0000"), serial_top=0.1, serial_height=0.8, band="none"),
)  # fmt: skip
