"""Landscapes painted by a few lines of arithmetic, so that the portfolio has photos of its own."""

import math
import random
import struct
import zlib

SKY_STEPS = 100
MIRROR = 112  # the colour at i, seen in water, is at MIRROR + i
SUN = SKY_STEPS
FIRST_RIDGE = SKY_STEPS + 1


def blend(one, other, share):
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other))


def palette(zenith, horizon, ridges, sun):
    colours = [blend(zenith, horizon, i / (SKY_STEPS - 1)) for i in range(SKY_STEPS)]
    colours.append(sun)
    colours += ridges
    colours += [(0, 0, 0)] * (MIRROR - len(colours))
    return colours + [blend(colour, zenith, 0.35) for colour in colours]


def skyline(chance, width, base, height, roughness):
    """The top of a ridge in each column, as a sum of waves."""
    waves = [
        (height / n**roughness, n * math.tau / width, chance.uniform(0, math.tau))
        for n in (1, 2, 3, 5, 8, 13, 21, 34)
    ]
    return [
        round(base - sum(a * math.sin(f * x + shift) for a, f, shift in waves) / 2)
        for x in range(width)
    ]


def towers(chance, width, base, height):
    """The top of a row of houses in each column."""
    tops = []
    while len(tops) < width:
        tops += [round(base - chance.uniform(0.1, 1) * height)] * chance.randint(18, 60)
    return tops[:width]


def paint(seed, zenith, horizon, ridges, sun, city=False, water=False, width=960, height=600):
    """An 8-bit PNG of ridges one before the other under an evening sky."""
    chance = random.Random(seed)
    shore = height * 3 // 4 if water else height
    outlines = []
    for depth in range(len(ridges)):
        base = shore * (0.62 + 0.34 * depth / len(ridges))
        rise = shore * (0.26 - 0.03 * depth)
        if city:
            outlines.append(towers(chance, width, base, rise))
        else:
            outlines.append(skyline(chance, width, base, rise, 1.1))

    sun_x = chance.randint(width // 5, width * 4 // 5)
    sun_y = round(shore * chance.uniform(0.25, 0.5))
    radius = height // 16
    highest = min(min(outline) for outline in outlines)
    rows = []
    for y in range(shore):
        row = bytearray([min(SKY_STEPS - 1, y * SKY_STEPS // shore)]) * width
        half = math.isqrt(max(0, radius**2 - (y - sun_y) ** 2))
        row[sun_x - half : sun_x + half] = bytes([SUN]) * (2 * half)
        if y >= highest:
            for depth, outline in enumerate(outlines):
                colour = FIRST_RIDGE + depth
                row = bytearray([colour if y >= top else c for c, top in zip(row, outline)])
        rows.append(bytes(row))

    in_water = bytes(min(255, i + MIRROR) for i in range(256))
    for depth in range(height - shore):
        drift = chance.randint(0, 2 + depth // 8)
        row = rows[max(0, shore - 1 - depth * 2)].translate(in_water)
        rows.append(row[drift:] + row[:drift])
    return png(width, height, palette(zenith, horizon, ridges, sun), rows)


def png(width, height, colours, rows):
    def chunk(name, data):
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", b"".join(bytes(colour) for colour in colours)),
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 6)),
            chunk(b"IEND", b""),
        ]
    )
