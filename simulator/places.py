"""Where jobs and people are."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    city: str
    state: str
    country: str
    country_short: str
    city_lat: float
    city_lng: float
    city_id: str

    @property
    def city_full_name(self) -> str:
        return f"{self.city}, {self.state}, {self.country}"


PLACES = (
    Place("Dublin", "Leinster", "Ireland", "IE", 53.3498, -6.2603, "ie-1"),
    Place("Cork", "Munster", "Ireland", "IE", 51.8985, -8.4756, "ie-2"),
    Place("Galway", "Connacht", "Ireland", "IE", 53.2707, -9.0568, "ie-3"),
    Place("Limerick", "Munster", "Ireland", "IE", 52.6638, -8.6267, "ie-4"),
    Place("Belfast", "Northern Ireland", "United Kingdom", "GB", 54.5973, -5.9301, "gb-1"),
    Place("London", "England", "United Kingdom", "GB", 51.5074, -0.1278, "gb-2"),
    Place("Łódź", "Łódzkie", "Poland", "PL", 51.7592, 19.456, "pl-1"),
    Place("München", "Bayern", "Germany", "DE", 48.1351, 11.582, "de-1"),
    Place("Αθήνα", "Αττική", "Greece", "GR", 37.9838, 23.7275, "gr-1"),
    Place("東京", "東京都", "Japan", "JP", 35.6762, 139.6503, "jp-1"),
)
_WEIGHTS = (30, 15, 8, 6, 8, 12, 4, 6, 2, 1)


def choose_place(rng: random.Random) -> Place:
    return rng.choices(PLACES, _WEIGHTS)[0]
