"""Which medicine: the product, its ingredients and its form, from codes, a Medication or the product map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import NamedTuple

from cds.clinical import Coding
from cds.fhir import datatypes as fhir
from cds.fhir import values
from cds.fhir.medication_structs import Ingredient, Medication, MedicationUse
from cds.fhir.reading import Concept, Reading, UnreadableMember
from cds.record import Substance
from cds.ruleset.systems import ALIASES, SYSTEMS

_DRUG_SYSTEMS = frozenset((SYSTEMS["rxnorm"], SYSTEMS["atc"]))


# What RxNorm calls otherwise than ATC, whose names are the international ones.
_INN = MappingProxyType(
    {
        "acetaminophen": "paracetamol",
        "aspirin": "acetylsalicylic acid",
        "indomethacin": "indometacin",
        "lithium carbonate": "lithium",
        "meperidine": "pethidine",
    }
)


class Product(NamedTuple):
    """``unmapped``: no code of the product or of an ingredient is asked for, or tells what it is otherwise."""

    codings: tuple[Coding, ...]
    text: str
    sets: frozenset[str]
    ingredients: tuple[Coding, ...]
    substances: tuple[Substance, ...]
    form: tuple[Coding, ...]
    unmapped: bool


def is_unasked(use: MedicationUse, reading: Reading) -> bool:
    """Whether its codes alone, as of most medicines, tell that no fact asks for it or an ingredient."""
    return not (use.medication_reference or use.medication or reading.mentions(use.medication_codeable_concept))


def is_explained(reading: Reading, *concepts: Concept | None) -> bool:
    """Whether a code tells which medicine it is: one that no fact asks for is then a medicine of another kind.

    SNOMED CT, and the national drug codes it carries, do not count: the value sets of medicines do not speak it. Nor
    does the RxNorm code of a product that is not in the map, when its words name a drug that is asked for.
    """
    stated = [concept for concept in concepts if concept]
    for coding in (coding for concept in stated for coding in concept.coding):
        system = ALIASES.get(coding.system or "", coding.system or "")
        if coding.code and reading.index.ingredients(system, coding.code):
            return True
        if coding.code and system in _DRUG_SYSTEMS:
            return system != SYSTEMS["rxnorm"] or not any(map(reading.index.names_any, _spoken(stated)))
    return False


def _spoken(concepts: Iterable[Concept]) -> Iterator[str]:
    """What a medicine is called."""
    for concept in concepts:
        yield from filter(None, (concept.text, *(coding.display for coding in concept.coding)))


def product(use: MedicationUse, reading: Reading) -> Product:
    reference = use.medication_reference or (use.medication and use.medication.reference)
    medication = reading.target(reference, use.contained) if reference else None
    stated = _stated(use)
    if not isinstance(medication, Medication):
        words = values.words(stated) or (reference and reference.display) or ""
        return _product(stated, (), (), words, reading)
    if reading.altered(medication.modifier_extension):
        raise UnreadableMember("medicationReference")
    form = reading.part(medication.form, fhir.CodeableConcept, "form") or reading.part(
        medication.dose_form, fhir.CodeableConcept, "doseForm"
    )
    concept = medication.code or stated
    ingredients = tuple(_ingredients(medication, use, reading))
    forms = values.codings(form)
    return _product(concept, ingredients, forms, values.words(concept) or values.words(stated), reading)


def _stated(use: MedicationUse) -> Concept | None:
    return use.medication_codeable_concept or (use.medication and (use.medication.concept or use.medication))


def _ingredients(medication: Medication, use: MedicationUse, reading: Reading) -> Iterator[Concept]:
    for each in reading.parts(medication.ingredient, Ingredient, "ingredient"):
        concept = each.item_codeable_concept or (each.item and (each.item.concept or each.item))
        reference = each.item_reference or (each.item and each.item.reference)
        behind = reading.target(reference, use.contained) if reference else None
        if isinstance(behind, Medication) and behind.code:
            yield behind.code
        elif concept:
            yield concept


def _product(
    concept: Concept | None, stated: tuple[Concept, ...], form: tuple[Coding, ...], words: str, reading: Reading
) -> Product:
    codings = values.codings(concept)
    own = values.codings(*stated)
    explained = reading.index.ingredients
    mapped = [each for coding in (*codings, *own) for each in explained(coding.system, coding.code)]
    sets = reading.choices(concept)
    if not (sets or own or mapped):
        unmapped = not is_explained(reading, concept)
        return Product(codings, words or reading.called(codings), sets, (), (), form, unmapped)
    ingredients = tuple(dict.fromkeys((*own, *mapped)))
    sets = sets.union(*(reading.match(each.system, each.code) for each in ingredients))
    sets = sets.difference(*(reading.index.exceptions(each.system, each.code) for each in codings))
    text = words or reading.called(codings) or _names(ingredients, reading)
    unmapped = not (sets or mapped or is_explained(reading, concept, *stated))
    return Product(codings, text, sets, ingredients, _substances(ingredients or codings, reading), form, unmapped)


def _substances(parts: tuple[Coding, ...], reading: Reading) -> tuple[Substance, ...]:
    """What several codes name alike is there once: ibuprofen of RxNorm and of ATC."""
    sets: dict[str, frozenset[str]] = {}
    for each in parts:
        name = _substance(each, reading)
        sets[name] = sets.get(name, frozenset()) | reading.match(each.system, each.code)
    return tuple(Substance(name, found) for name, found in sets.items())


def _substance(coding: Coding, reading: Reading) -> str:
    name = reading.index.name(coding.system, coding.code).lower()
    return _INN.get(name, name) or f"{coding.system}|{coding.code}"


def _names(ingredients: tuple[Coding, ...], reading: Reading) -> str:
    """A product that nobody names is called by what it contains."""
    names = (each.display or reading.called((each,)) for each in ingredients)
    return " / ".join(dict.fromkeys(name for name in names if name))
