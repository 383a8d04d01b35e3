"""Invented people with their companies."""

from __future__ import annotations

import unicodedata
from random import Random  # noqa: TID251 - a seeded world

from faker import Faker

from hookrouter.simulator.lead_fields import CONTACT_TIME, FAVORITE_COLOR, INTERESTS, SimulatedLead

MAIL_DOMAINS = ("example.com", "example.org", "example.net")  # RFC 2606: nobody's mail
INDUSTRIES = ("Construction", "Education", "Food & Beverage", "Health Care", "Manufacturing", "Retail", "Software")
OWNERS = ("313499604", "313499605", "313499606")
CAMPAIGNS = ("358630402", "358631426", "358632450")
COLORS = ("blue", "green", "orange", "red", "violet")
ALL_INTERESTS = ("Rugs", "Wall Hangings", "Yarn", "Looms/Spinning", "Workshops")
CONTACT_TIMES = ("morning", "afternoon", "evening")
ABROAD = 0.12  # the share of people who do not live in the United States
PERSONAL = 0.15  # the share of people without a company


class People:
    """Draws one believable person after the other; the same seed draws the same people."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self._american = _faker("en_US", seed)
        self._german = _faker("de_DE", seed)
        self._taken: set[str] = set()

    def a_person(self) -> SimulatedLead:
        """A new person's fields as a form or an import would fill them; the e-mail address is theirs alone."""
        abroad = self._dice.random() < ABROAD
        faker = self._german if abroad else self._american
        first, last = faker.first_name(), faker.last_name()
        company = "" if self._dice.random() < PERSONAL else faker.company()
        return {
            "firstName": first,
            "lastName": last,
            "emailAddress": self._address(first, last),
            "companyName": company,
            "title": faker.job()[:60] if company else None,
            "website": f"www.{_letters(company) or 'example'}.example" if company else None,
            "industry": self._dice.choice(INDUSTRIES) if company else None,
            **self._place(faker, abroad=abroad),
            **self._habits(),
        }

    def a_phone_number(self) -> str:
        """A number of the range that is kept for fiction, in one of the spellings people use."""
        area, line = self._dice.randint(201, 989), self._dice.randint(100, 199)
        spellings = (f"({area}) 555-0{line}", f"{area}-555-0{line}", f"{area}5550{line}", f"+1 {area} 555 0{line}")
        return self._dice.choice(spellings)

    def _address(self, first: str, last: str) -> str:
        name = f"{_letters(first)}.{_letters(last)}"
        domain = self._dice.choice(MAIL_DOMAINS)
        address, number = f"{name}@{domain}", 1
        while address in self._taken:
            number += 1
            address = f"{name}{number}@{domain}"
        self._taken.add(address)
        return address.title() if self._dice.random() < 0.05 else address  # noqa: PLR2004 - some people type capitals

    def _place(self, faker: Faker, *, abroad: bool) -> SimulatedLead:
        return {
            "street": faker.street_address(),
            "city": faker.city(),
            "state": faker.administrative_unit() if abroad else faker.state_abbr(include_territories=False),
            "zipcode": faker.postcode(),
            "country": "Germany" if abroad else "United States",
            "phoneNumber": self.a_phone_number(),
            "mobilePhoneNumber": self.a_phone_number() if self._dice.random() < 1 / 3 else None,
        }

    def _habits(self) -> SimulatedLead:
        interests = self._dice.sample(ALL_INTERESTS, k=self._dice.randint(0, 3))
        return {
            "ownerID": self._dice.choice((*OWNERS, None)),
            "campaignID": self._dice.choice((*CAMPAIGNS, None)),
            FAVORITE_COLOR: self._dice.choice((*COLORS, "", "")),
            INTERESTS: ",".join(interests),
            CONTACT_TIME: self._dice.choice((*CONTACT_TIMES, "")),
        }


def _faker(locale: str, seed: int) -> Faker:
    faker = Faker(locale, use_weighting=False)  # by their frequency names take five times as long to draw
    faker.seed_instance(seed)
    return faker


def _letters(text: str) -> str:
    """The letters of a name, bare of accents and in lower case."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
