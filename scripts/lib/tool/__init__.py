"""The parts of scripts/mcache."""


class Refused(Exception):
    """What the user asked for cannot be done; the text says why and what would be right."""
