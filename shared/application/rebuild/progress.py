"""What a rebuild remembers, so that another run can go on where it was killed."""

from shared.contracts.wire import WireModel


class RebuildProgress(WireModel):
    """How far the rebuild of a generation has got, and who is at it.

    `rev` grows with each write, which is the sign of life: whoever wants to begin watches it for a while. `owner` is
    empty when nobody is at work.
    """

    rev: int = 0
    owner: str = ""
    generation: int = 0
    stream_id: str = ""
    sequence: int = 0
    copied: int = 0
    complete: bool = False
