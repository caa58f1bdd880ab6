"""Invented people: given and family names from many places, combined at random."""

import numpy as np

_GIVEN = (
    "Aarav Abena Ada Adrian Aiko Alejandra Alina Amir Ana Andrea Anika Anton Asha Astrid Ayo Beatriz Ben Bilal Camila Carmen Chen "
    "Clara Daniel Daria David Dilan Dina Diego Edith Elena Eli Emma Emre Erik Esi Esther Farah Felix Fatima Finn Gabriel Gita Grace "
    "Hana Hassan Helena Hugo Ibrahim Ida Ilse Imani Ingrid Isabel Ivan Jakob Jamila Jan Javier Jin Joao Jonah Julia Kai Karim Katya "
    "Kofi Lara Laila Leo Liam Lin Linh Lior Louis Lucas Luisa Maja Malik Marco Maria Marta Mei Mila Milan Mira Mohammed Nadia Naomi "
    "Nia Nikhil Nina Noah Olga Oliver Omar Oscar Paula Pavel Petra Pia Quynh Rafael Ravi Rosa Ruth Sahar Sana Sara Sergio Shira Simon "
    "Sofia Stefan Sunita Tamar Tariq Theo Thandi Tomoko Uma Valeria Vera Victor Wei Yara Yusuf Zainab Zoe"
)
_FAMILY = (
    "Abebe Adeyemi Ahmed Alvarez Andersen Arnold Bakker Banerjee Barros Becker Berg Bianchi Bondarenko Boateng Brown Campbell Castro "
    "Chang Cohen Costa Cruz Dang Das Delgado Demir Dubois Eriksen Evans Farouk Fischer Flores Fontaine Garcia Ghosh Gomez Gordon Green "
    "Gupta Haas Haddad Hansen Harris Hassan Hernandez Horvat Hussein Ito Ivanova Jansen Jensen Johnson Kamau Kaya Kim Klein Kovacs "
    "Kowalczyk Kumar Larsen Lee Lehmann Lima Lopez Mahlangu Martin Mbeki Mendes Meyer Moreau Morris Mutua Nakamura Nguyen Nielsen "
    "Novak Nowak Ochieng Okoye Oliveira Olsen Osman Ozturk Park Patel Pereira Petrov Popescu Quispe Rahman Ramos Reyes Richter Rossi "
    "Roy Saito Salim Sanchez Santos Sato Schmidt Sharma Silva Singh Smith Soto Sousa Tanaka Taylor Torres Tran Turner Varga Vega Vogel "
    "Wagner Walker Wang Weiss Wong Yamada Yilmaz Young Zhang Ziegler"
)


def random_names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` full names; a name may occur twice, as in life."""
    given, family = _GIVEN.split(), _FAMILY.split()
    pairs = zip(rng.integers(len(given), size=count), rng.integers(len(family), size=count), strict=True)
    return [f"{given[first]} {family[last]}" for first, last in pairs]
