"""Invented company names, as varied as real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FAMILIES = (
    "Aldermere", "Brisk & Vale", "Calloway", "Dunmarrow", "Eastermill", "Fennick", "Garrowby",
    "Halvorsen", "Ilex", "Juniper Row", "Kestrelmoor", "Lindqvist", "Marrowstone", "Nettlefold",
    "O'Hanlon's", "Pellgrave", "Quillon", "Rooksend", "Søndergård", "Tamarisk", "Ullswick",
    "Vandermolen", "Wexcombe", "Yarrowgate", "Zephyrine", "Bright Otter", "Copper Finch",
    "D'Abruzzo", "Étoile du Nord", "Façonnable Atelier", "Grüneberg", "Hämeenkoski",
    "Jökulsárlón", "Łąkowski", "Muñoz y Peñalara", "Nørrebro", "Öresund", "São Brisa",
    "Żuraw", "Thistle & Thorn", "McAllister-Reyes", "Okonkwo", "Tanaka Hills", "Nguyễn Phát",
)  # fmt: skip
TRADES = (
    "Logistics", "Foods", "Insurance", "Clinics", "Robotics", "Outfitters", "Energy", "Textiles",
    "Analytics", "Shipping", "Hospitality", "Builders", "Software", "Aerospace", "Dairies",
    "Credit Union", "Retail", "Pharma", "Motors", "Learning", "Wind", "Paper Mills", "Studios",
)  # fmt: skip
FORMS = ("", " Inc.", " Ltd", " GmbH", " S.A.", " AB", " Group", " LLC", " & Sons", " Cooperative")
ODD_ONES = (
    "青葉物流株式会社",
    "晨曦智能科技有限公司",
    "한빛정밀공업",
    "شركة واحة النخيل",
    "The Consolidated Worshipful Fellowship of Barge, Lock and Towpath Keepers "
    "of the Upper Marlowe Navigation (Pension & Benefits Division)",
    "X",
    "7 Hills 24/7 Services",
    '"Quoted" Holdings, <Brackets> & Co',
    "=SUM Partners",
    "Zażółć Gęślą Jaźń Sp. z o.o.",
    "Ægir & Þór hf.",
    "Compañía Lechera Peñalara, S.A. de C.V.",
)


def company_name(index: int, source: Random) -> str:
    """Return the name of the tenant at this index; odd ones come early, so that people see them."""
    place, rest = divmod(index, 3)
    if rest == 1 and place < len(ODD_ONES):
        return ODD_ONES[place]
    return source.choice(FAMILIES) + " " + source.choice(TRADES) + source.choice(FORMS)
