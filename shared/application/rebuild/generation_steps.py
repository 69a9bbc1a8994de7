"""The steps that the document of generations takes. Pure; each answers the document to put in its place."""

from datetime import datetime

from shared.contracts.generations import Building, Ending, Generations


def begun(generations: Generations) -> Generations:
    """With a new generation that is being built: the projector writes it from now on."""
    number = generations.newest + 1
    return _next(generations, building=Building(generation=number), newest=number)


def about_to_catch_up(generations: Generations) -> Generations:
    """With cache entries of the generation that is being built, before anybody reads it."""
    building = generations.building
    return _next(generations, building=building and building.model_copy(update={"cached": True}))


def switched(generations: Generations, *, until: datetime) -> Generations:
    """With the one that was being built as the live one; the former is kept written until then.

    Raises:
        ValueError: none was being built.
    """
    if generations.building is None:
        raise ValueError("no generation is being built")
    former = Ending(generation=generations.live, until=until)
    return _next(
        generations,
        live=generations.building.generation,
        building=None,
        ending=(*generations.ending, former),
    )


def abandoned(generations: Generations) -> Generations:
    """Without the one that was being built."""
    return _next(generations, building=None)


def without_ended(generations: Generations, *, now: datetime) -> Generations:
    """Without those whose time is over."""
    return _next(generations, ending=tuple(former for former in generations.ending if former.until > now))


def _next(generations: Generations, **changes: object) -> Generations:
    return generations.model_copy(update={**changes, "rev": generations.rev + 1})
