"""Names folded: raw -> what is left when script, titles, legal forms and ways of writing are out of the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.names import organisation_name, person_names, vessel_name

PERSONS = """
H. Muhammad Yusuf, S.H., M.Si.        | muhammad yusuf
Drs. Moh. Yusup                       | muhammad yusup
Yusuf, Mhd                            | yusuf muhammad
Mochamad Arifin                       | muhammad arifin
M. Yusuf                              | muhammad yusuf
M.J. Smith                            | m j smith
Dr. Ir. H. Joko Widodo                | joko widodo
Prof. Dr. B.J. Habibie                | b j habibie
Brigjen Pol. Drs. Anang Iskandar      | anang iskandar
AKBP Rina Lestari, S.I.K.             | rina lestari
Jenderal TNI (Purn) Wiranto           | wiranto
KH. Abdurrahman Wahid                 | abdurrahman wahid
R. Soekarno (alm)                     | soekarno
Raden                                 | raden
Bapak Slamet                          | slamet
Sdr. Eko Prasetyo                     | eko prasetyo
Budi Santoso SH                       | budi santoso
BUDI SANTOSO                          | budi santoso
Jack Ma                               | jack ma
JACK MA                               | jack ma
Ma'ruf Amin                           | maruf amin
Jean-Pierre O’Brien                   | jean pierre obrien
Ahmad bin Abdullah                    | ahmad abdullah
Siti binti Hasan                      | siti hasan
Osama bin Laden                       | osama laden
Siva a/l Kumar                        | siva kumar
Capt. John Smith Jr.                  | john smith
Mrs. Zoë Müller                       | zoe muller
Владимир Путин                        | vladimir putin
محمد يوسف                             | muhammad ywsf
王伟                                  | wang wei
习近平                                | xi jinping
欧阳修文                              | ouyang xiuwen
Budi alias Bonbon                     | budi / bonbon
Budi Santoso als. Ucok @ Kancil       | budi santoso / ucok / kancil
Ivan Petrov a.k.a. Vanya              | ivan petrov / vanya
Budi alias Budi                       | budi
...                                   |
"""

ORGANISATIONS = """
PT. Maju Jaya Tbk               | maju jaya
P.T. Pertamina (Persero)        | pertamina
PT Pertamina (Persero), Tbk.    | pertamina
CV. Sinar Abadi                 | sinar abadi
UD Makmur                       | makmur
Acme Co., Ltd.                  | acme
Shell Sdn. Bhd.                 | shell
Müller GmbH & Co. KG            | muller
Société Générale S.A.           | societe generale
ООО Ромашка                     | romashka
Yayasan Harapan Bangsa          | yayasan harapan bangsa
PT                              | pt
"""

VESSELS = """
KM. Sinar Jaya 3   | sinar jaya 3
M/V Ever Given     | ever given
M.V. Ocean Star    | ocean star
KMP Batu Mandi     | batu mandi
TB Surya-88        | surya 88
MV                 | mv
"""


def rows(table: str) -> list[tuple[str, str]]:
    cells = [line.split("|") for line in table.strip().splitlines()]
    return [(raw.strip(), folded.strip()) for raw, folded in cells]


@pytest.mark.parametrize(("raw", "folded"), rows(PERSONS))
def test_a_person_is_left_with_a_name(raw: str, folded: str) -> None:
    assert " / ".join(person_names(raw)) == folded


@pytest.mark.parametrize(("raw", "folded"), rows(ORGANISATIONS))
def test_an_organisation_loses_its_legal_form(raw: str, folded: str) -> None:
    assert organisation_name(raw) == folded


@pytest.mark.parametrize(("raw", "folded"), rows(VESSELS))
def test_a_ship_loses_what_says_that_it_is_one(raw: str, folded: str) -> None:
    assert vessel_name(raw) == folded


@pytest.mark.parametrize(
    ("raw", "nationality", "folded"),
    [
        ("M. Yusuf", "ID", "muhammad yusuf"),
        ("M Yusuf", "MY", "muhammad yusuf"),
        ("M Yusuf", None, "m yusuf"),
        ("M. Thatcher", "GB", "m thatcher"),
    ],
)
def test_a_leading_m_is_muhammad_only_where_people_write_it_so(raw: str, nationality: str | None, folded: str) -> None:
    assert person_names(raw, nationality) == (folded,)


NAMELIKE = st.text(alphabet="abhmsyABHMS.,'-/@() 王伟دمحمЮ", max_size=30) | st.lists(
    st.sampled_from(["H.", "Dr.", "M.", "m", "bin", "alias", "Budi", "S.H.", ",", "SH", "(alm)", "Yusuf", "PT", "Tbk", "KM"]),
    max_size=7,
).map(" ".join)  # fmt: skip


@given(st.text(max_size=60) | NAMELIKE, st.sampled_from([None, "ID", "GB"]))
def test_folding_twice_changes_nothing(raw: str, nationality: str | None) -> None:
    for name in person_names(raw, nationality):
        assert person_names(name, nationality) == (name,)
    for fold in (organisation_name, vessel_name):
        assert fold(fold(raw)) == fold(raw)
