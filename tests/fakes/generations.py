"""The generations in memory, with the guard of the real directory."""

from shared.contracts.generations import Generations


class FakeGenerationDirectory:
    """One document."""

    def __init__(self, generations: Generations | None = None) -> None:
        self.stored = generations or Generations()

    def read(self) -> Generations:
        return self.stored

    def replace(self, generations: Generations) -> bool:
        if generations.rev != self.stored.rev + 1:
            return False
        self.stored = generations
        return True
