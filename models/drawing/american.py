# ruff: noqa: E501 (a state is a line of the table)
"""American plates: Texas by era, the other states by a line each of what is commonest there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.drawing.design import PlateDesign, Separator

_CLASSIC = PlateDesign(
    name="us-tx-classic",
    region="us-tx",
    formats=("aaa-0000", "aa0-a000"),
    header="TEXAS",
    header_ink="#14181c",
    footer="The Lone Star State",
    title_faces=("black", "sans"),
    faces=("dies-narrow", "road-narrow", "routed-narrow", "dies-square"),
    separator="map",
    serial_top=0.3,
    serial_height=0.48,
    embossed=False,
)
TEXAS: Final = (
    _CLASSIC,
    replace(_CLASSIC, name="us-tx-star", separator="star"),
    replace(
        _CLASSIC,
        name="us-tx-2009",
        formats=("aa0-a000", "aaa-000"),
        ground=("#b8cfe8", "#eef3f8", "#f4ede0"),
        ink="#1d2b55",
        header_ink="#1d2b55",
        scenery=True,
        stickers=True,
    ),
    replace(
        _CLASSIC,
        name="us-tx-2000",
        formats=("a00-aaa", "aaa-000", "00a-aa0", "000-aaa"),
        ground=("#dce6f0", "#f4f4f0"),
        ink="#22305e",
        header_ink="#b5282c",
        embossed=True,
        scenery=True,
        stickers=True,
        faces=("dies", "dies-round", "dies-narrow"),
    ),
    replace(
        _CLASSIC,
        name="us-tx-1985",
        formats=("000-aaa", "aaa-00a"),
        ground=("#f2f2ee",),
        ink="#8e2430",
        header_ink="#8e2430",
        border="#8e2430",
        footer="",
        embossed=True,
        stickers=True,
        faces=("dies", "dies-round"),
    ),
    replace(
        _CLASSIC,
        name="us-tx-truck",
        formats=("aa0-0000", "00a-aa0", "a00-0000"),
        footer="Truck",
        stickers=True,
    ),
    replace(
        _CLASSIC,
        name="us-tx-black",
        formats=("aaa-0000", "aaa00", "aaaa0", "aa000", "aaaaa"),
        ground=("#17181a",),
        ink="#e8e8e4",
        header_ink="#e8e8e4",
        footer="THE LONE STAR STATE",
    ),
    replace(
        _CLASSIC,
        name="us-tx-temporary",
        formats=("000000a", "0000a00", "aa00000"),
        header="TEXAS BUYER",
        footer="EXPIRES",
        faces=("sans", "roboto", "black"),
        serial_height=0.42,
        holes="two",
    ),
)

# state; name; slogan; ground; ink; ink of the name; separator; formats; other traits
_STATES: Final = """
AL;Alabama;Sweet Home;#cfe3f2 #f3e7cf;#23283a;#8a2030;gap;0aa0000 00aa000;scenery
AK;ALASKA;The Last Frontier;#f0c23c;#1e3f86;#1e3f86;gap;aaa~000;
AZ;ARIZONA;Grand Canyon State;#7fb7cf #e6c9a8;#1e4a44;#f2f0e6;gap;aaa0000 aaa~0aa a0a~0aa;scenery
AR;Arkansas;The Natural State;#f2f2ee #cfe0ee;#24304e;#a02832;gap;aaa~00a 000~aaa;scenery
CA;California;dmv.ca.gov;#f6f6f2;#1f2f66;#b52a34;gap;0aaa000;stickers
CO;COLORADO;;#2f6a4e;#f2f2ee;#f2f2ee;dash;aaa-a00 aaa-000 000-aaa;scenery stickers
CT;Connecticut;Constitution State;#7fa8d6 #e6eef6;#1c2b4e;#1c2b4e;dot;aa-00000 000-aaa 0aa-aa0;
DE;DELAWARE;The First State;#1d3f7a;#e4b94a;#e4b94a;gap;000000 00000;border
DC;WASHINGTON, DC;TAXATION WITHOUT REPRESENTATION;#f4f4f0;#1f3476;#b52a34;gap;aa~0000;bar
FL;FLORIDA;SUNSHINE STATE;#f4f4f0 #dfeedd;#1f5a3a;#1f5a3a;dot;aaa-a00 00a-aaa a00-0aa;scenery stickers
GA;GEORGIA;COUNTY;#f6f2ea #f4d9bd;#22262c;#8a2030;gap;aaa0000;scenery
HI;HAWAII;Aloha State;#f4f4f0 #e8dcf0;#22262c;#22262c;gap;aaa~000;scenery
ID;IDAHO;Famous Potatoes;#f4f4f4 #d8a8a0;#1e3070;#b52a34;gap;0a~00000 0a~a000;scenery
IL;Illinois;Land of Lincoln;#cfe0f0 #f4f4f0;#b52a34;#1d3f86;gap;aa~00000 a00~0000 000~0000;scenery
IN;INDIANA;;#a8c4e4 #f2efe0;#1c2b4e;#1c2b4e;gap;000aaa 000a aaa000;scenery stickers
IA;IOWA;COUNTY;#c4dcec #f2f2e8;#22262c;#1e3f86;gap;aaa~000 000~aaa;scenery
KS;KANSAS;;#c6d6ea;#1d2b55;#1d2b55;gap;000~aaa 0000aaa 000aaaa;stickers
KY;KENTUCKY;Bluegrass State;#8fb2dc #f4f4f0;#1c2b4e;#1c2b4e;gap;000~aaa a0a~000 aaa~000;scenery
LA;Louisiana;Sportsman's Paradise;#f4f4f0 #d8e6f4;#1d2b55;#a02832;gap;000~aaa aaa~000;
ME;MAINE;Vacationland;#f2f0e6;#22262c;#22262c;gap;0000~aa 000~aaa;scenery
MD;Maryland;;#f6f6f4;#15181c;#15181c;gap;0aa0000 aaa~000;stickers
MA;Massachusetts;The Spirit of America;#f6f6f4;#b0242e;#1d3f86;gap;0aa~000 000~aa0 000aa0 00aa00;stickers
MI;MICHIGAN;Great Lakes State;#f4f4f2;#1e2f6a;#1e4fa0;gap;aaa~0000 0aa~a00 aaa0000;bar stickers
MN;Minnesota;10,000 lakes;#dcebf6 #f0f4ee;#1d2f5a;#1d2f5a;dash;000-aaa aaa-000;scenery stickers
MS;Mississippi;;#f0e6c8 #f4f0e2;#22305e;#22305e;gap;aaa~000 aaa0000;scenery
MO;MISSOURI;SHOW-ME STATE;#f2f2f2 #d2e0ee;#1d2b4e;#a02832;gap;aa0~a0a aa0~a00;stickers
MT;MONTANA;Treasure State;#2d5fa8;#f2f2ee;#f2f2ee;dash;0-00000a aaa000 00-0000a;scenery
NE;NEBRASKA;;#e8eef2;#22305e;#22305e;gap;aaa~000 00-a000 0-a0000;stickers
NV;NEVADA;Home Means Nevada;#a8cbe8 #f0d8b8;#1d2b55;#1d2b55;dot;000-aaa 00a-000 aaa-000;scenery
NH;NEW HAMPSHIRE;LIVE FREE OR DIE;#f2f4ee #d6e6da;#1f5a3e;#1f5a3e;gap;000~0000 000~000;scenery
NJ;New Jersey;Garden State;#f2e08a #f4f0d6;#16191d;#16191d;map;a00-aaa aaa-00a aaa-000;
NM;NEW MEXICO;LAND OF ENCHANTMENT;#2c8f94;#f2d24a;#f2d24a;dash;aaa-000 000-aaa aaaa00;stickers
NY;NEW YORK;EMPIRE STATE;#e8b33a;#1d2b5e;#1d2b5e;gap;aaa~0000 T000000C 00000aa;bar
NY;NEW YORK;EXCELSIOR;#f4f4f2;#1d2b5e;#1d2b5e;map;aaa-0000 aaa~0000;border
NC;NORTH CAROLINA;First in Flight;#f4f4f2 #d6e6f4;#1d3f86;#b52a34;dash;aaa-0000;scenery stickers
ND;NORTH DAKOTA;Legendary;#9fc0e0 #f0c890;#22262c;#1d2b55;gap;000~aaa aaa~000;scenery
OH;OHIO;BIRTHPLACE OF AVIATION;#cfe2f0 #f0efe2;#1d2b55;#a02832;gap;aaa~0000 aaa0000;scenery
OK;OKLAHOMA;;#dcecf4 #f4f4f2;#22305e;#a02832;dash;aaa-000 000-aaa;stickers
OR;Oregon;;#b8d2ea #f0e4ea;#22305e;#22305e;map;000-aaa aaa-000;scenery stickers
PA;PENNSYLVANIA;visitPA.com;#f4f4f2 #f2d86a;#1c2f6a;#f4f4f2;map;aaa-0000;bar
RI;Rhode Island;Ocean State;#f2f6f8 #c8dff0;#1d2f55;#1d2f55;dash;aa-000 000-000 0aa-000;scenery
SC;SOUTH CAROLINA;While I Breathe, I Hope;#f4f4f2 #e4ecf4;#1d2b55;#1d2b55;gap;aaa~000 000~0aa 0000aa;
SD;SOUTH DAKOTA;Great Faces. Great Places.;#a8cde6 #e8e2d2;#1d2f5e;#a02832;gap;0a0~000 00a~a00;scenery
TN;TENNESSEE;VOLUNTEER STATE;#1f4f86;#f2f2ee;#f2f2ee;dash;aaa-0000 a00-00a 000-0aa;
TN;TENNESSEE;The Volunteer State;#e6f0e2 #bcd6b4;#1d2b55;#1d2b55;gap;a00~00a 000~aaa;scenery stickers
UT;UTAH;LIFE ELEVATED;#d8e8f6 #e8a468;#1d2b4e;#22305e;gap;a00~0aa aaa~000;scenery
VT;Vermont;Green Mountain State;#1e5f3c;#f2f2ee;#f2f2ee;gap;aaa~000;border stickers
VA;VIRGINIA;;#f4f4f2;#1d2f6a;#1d2f6a;dash;aaa-0000 aaa~0000;stickers
WA;WASHINGTON;EVERGREEN STATE;#e4eff6 #f6f6f4;#1c2f5e;#a02832;gap;aaa0000 000~aaa;scenery
WV;West Virginia;Wild, Wonderful;#f4f4f2;#1d2f5e;#1d2f5e;gap;0aa~000 aaa~000;bar
WI;WISCONSIN;America's Dairyland;#f6f4ee #dbe8f2;#16191d;#a02832;dash;aaa-0000 000-aaa;scenery stickers
WY;WYOMING;;#cfe0ee #eedfc4;#22305e;#22305e;gap;0~00000 00~00000 0~000aa;scenery
"""


def states() -> tuple[PlateDesign, ...]:
    """Return every other state's and the District's designs."""
    seen: dict[str, int] = {}
    found = []
    for line in _STATES.strip().splitlines():
        state, name, slogan, ground, ink, name_ink, separator, formats, traits = line.split(";")
        region = f"us-{state.lower()}"
        seen[region] = seen.get(region, 0) + 1
        found.append(
            PlateDesign(
                name=region if seen[region] == 1 else f"{region}-{seen[region]}",
                region=region,
                formats=tuple(f.replace("~", " ") for f in formats.split()),
                ground=tuple(ground.split()),
                ink=ink,
                border=ink if "border" in traits else None,
                header=name,
                header_ink="#f4f4f0" if "bar" in traits else name_ink,
                header_ground=(ink if "bar" in traits else None),
                footer=slogan,
                separator=_SEPARATORS[separator],
                scenery="scenery" in traits,
                stickers="stickers" in traits,
            )
        )
    return tuple(found)


_SEPARATORS: Final[dict[str, Separator]] = {
    "gap": "gap", "dash": "dash", "dot": "dot", "star": "star", "map": "map",
}  # fmt: skip
