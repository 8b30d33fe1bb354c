"""The tool's answers as people read them."""

from tool.show import moment, size, span


def page(screen, facts):
    cached, reason = facts["cached"], facts.get("reason")
    word, colour = ("cached", "green") if cached and not reason else \
        ("stale", "yellow") if cached else ("not cached", "red")
    screen.line(screen.colour(word, colour), "  ", facts["url"])
    fresh = facts.get("fresh_for")
    found_on = facts.get("found_on", facts["server"])
    screen.pairs([
        ("why", f"{reason}: {facts['why']}" if reason else None),
        ("key", facts["key"]),
        ("server", found_on if found_on == facts["server"] else
         f"{found_on}, where it does not belong: that is {facts['server']}"),
        ("status", facts.get("status")),
        ("size", size_of(facts)),
        ("stored", f"{moment(facts['stored_at'])}, {span(facts['age'])} old"
         if "stored_at" in facts else None),
        ("fresh", None if fresh is None else
         (f"for {span(fresh)}", "green") if fresh > 0 else (f"no, since {span(-fresh)}", "yellow")),
        ("kept", kept(facts)),
        ("last asked for", f"{span(facts['last_asked_for'])} ago" if facts.get("last_asked_for")
         is not None else None),
        ("format", facts.get("format")),
        ("tags", ", ".join(facts.get("tags", []))),
        ("varies by", ", ".join(facts.get("vary", []))),
        ("other keys", ", ".join(facts.get("other_keys", []))),
        ("taken as empty", ", ".join(facts.get("taken_as_empty", []))),
    ])
    if facts.get("headers"):
        screen.line()
        for name, value in facts["headers"]:
            screen.line("  ", screen.colour(name + ":", "grey"), " ", value)
    for variant in facts.get("variants", []):
        screen.line()
        screen.line("  " + "; ".join(variant["selected_by"]))
        page(screen, variant)


def size_of(facts):
    if "size" not in facts:
        return None
    parts = f" in {facts['parts']} parts" if "parts" in facts else ""
    return f"{size(facts['size'])}{parts}"


def kept(facts):
    if "kept_for" not in facts or not facts.get("format"):
        return None
    return "until memcached needs the room" if facts["kept_for"] is None else \
        f"by memcached for {span(facts['kept_for'])}"


def purged(screen, done):
    """Prints it, and says the exit status."""
    if screen.as_json:
        screen.json(done)
    else:
        colours = {"purged": "green", "not found": "yellow", "failed": "red"}
        for each in done:
            screen.line(screen.colour(each["result"], colours[each["result"]]), "  ", each["purge"])
            if "missed" in each:
                screen.line(f"        what {', '.join(each['missed'])} has from before is not used: the "
                            "other servers know")
    if any(each["result"] == "failed" for each in done):
        return 2
    return 0 if any(each["result"] == "purged" for each in done) else 1


def servers(screen, rows):
    table = []
    for row in rows:
        if not row["up"]:
            table.append([row["server"], screen.colour("down", "red"), *[""] * 7])
            continue
        share = row["bytes"] / row["limit"] if row["limit"] else 0
        table.append([
            row["server"], row["version"], span(row["uptime"]), f"{row['items']:,}",
            f"{size(row['bytes'])} of {size(row['limit'])} ({share:.0%})", f"{row['evictions']:,}",
            "" if row["hit_ratio"] is None else f"{row['hit_ratio']:.1%}",
            f"{row['connections']} of {row['max_connections']}", row["refused_connections"]])
    screen.table(("SERVER", "VERSION", "UP", "ITEMS", "MEMORY", "EVICTED", "HITS", "CONNECTIONS",
                  "REFUSED"), table, right=(3, 5, 6))


def items(screen, rows, options):
    if options.by == "fetches":
        screen.table(("FETCHES", "FOUND", "SERVER", "KEY"),
                     [(row["fetches"], row["found"], row["server"], row["key"]) for row in rows],
                     right=(0, 1))
        screen.line(f"(of {options.seconds:g} s, as far as memcached reported them)")
        return
    screen.table(("SIZE", "ASKED FOR", "KEPT FOR", "SERVER", "KEY"),
                 [(size(row["size"]), span(row["last_asked_for"]) + " ago",
                   "" if row["kept_for"] is None else span(row["kept_for"]), row["server"],
                   row["key"]) for row in rows], right=(0,))
