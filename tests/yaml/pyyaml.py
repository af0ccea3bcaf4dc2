#!/usr/bin/env python3
"""What PyYAML makes of texts, read as python-heatclient reads templates.

    pyyaml.py record FILE...   fill the cases in FILE, one JSON object a line, with what PyYAML makes of each `yaml`:
                               the value, or in files called events.jsonl the events
    pyyaml.py dump FILE        write values, and what `safe_dump` makes of them, to FILE
    pyyaml.py                  answer requests, one JSON array a line: ["load", TEXT] or ["events", TEXT]

Needs PyYAML with libyaml; the records were made with PyYAML 6.0.3 and libyaml 0.2.5 on Python 3.11.
"""

import json
import random
import sys

import yaml


class Loader(yaml.CSafeLoader):
    """The loader of heatclient.common.template_format: timestamps stay text."""


class PureLoader(yaml.SafeLoader):
    """The same on PyYAML's own parser, to which heatclient turns after an error of libyaml."""


def construct_set(loader, node):
    """A set as the list of its members, in the order of the text; Python's sets have none."""
    members = []
    yield members
    members.extend(loader.construct_mapping(node))


for loader in Loader, PureLoader:
    loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
    loader.add_constructor("tag:yaml.org,2002:set", construct_set)


def as_json(text, loader=Loader):
    """What heatclient sends, as {"json": TEXT}, or why there is nothing to send, as {"refused": MESSAGE}."""
    try:
        sent = json.dumps(yaml.load(text, loader), allow_nan=False, default=bytes.decode)
        # As Heat reads it: 1 and "1" were two keys, and are one.
        read = json.dumps(json.loads(sent), ensure_ascii=False, separators=(",", ":"))
        read.encode()  # PyYAML's own parser makes halves of surrogate pairs, which are no text.
        return {"json": read}
    except RecursionError:
        return {"refused": "nested too deeply"}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return {"refused": error.problem, "line": mark and mark.line + 1}
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def load(text):
    answer = as_json(text)
    pure = as_json(text, PureLoader)
    if pure.get("json") != answer.get("json"):
        answer["pure"] = pure.get("json")
    return answer


def events(text):
    """The events as lists: the kind, what there is of anchor, tag, style and value, and the place where a node starts,
    unless it is absent from the text; and why they end, if they end early."""
    answer = {"events": []}
    try:
        for event in yaml.parse(text, yaml.CSafeLoader):
            row = [type(event).__name__.removesuffix("Event")]
            if isinstance(event, yaml.NodeEvent):
                row.append(event.anchor or "")
            if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
                row.append(event.tag or "")
            if isinstance(event, yaml.CollectionStartEvent):
                row.append("flow" if event.flow_style else "block")
            if isinstance(event, yaml.ScalarEvent):
                row += [event.style or "plain", event.value]
            if isinstance(event, yaml.NodeEvent) and row[-2:] != ["plain", ""]:
                row.append([event.start_mark.line + 1, event.start_mark.column + 1])
            answer["events"].append(row)
    except yaml.YAMLError as error:
        answer["refused"] = str(error)
    return answer


def record(path):
    with open(path, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    with open(path, "w", encoding="utf-8") as file:
        for case in cases:
            kept = {key: case[key] for key in ("ours", "why") if key in case}
            made = events(case["yaml"]) if path.endswith("events.jsonl") else load(case["yaml"])
            case = {"yaml": case["yaml"], **made, **kept}
            file.write(json.dumps(case, ensure_ascii=True) + "\n")


def answer_requests():
    kinds = {"load": load, "events": events}
    for line in sys.stdin:
        kind, text = json.loads(line)
        print(json.dumps(kinds[kind](text)), flush=True)


def values():
    """Values for `dump`: texts that need each style, alone and at several depths, and drawn ones."""
    texts = ["", " ", "a", "no", "1", "0o17", "1e3", "12:30", "2013-05-23", "~", "<<", "=", "-", "- a", "-a", "? a", "?a", ":", ":a", "a:", "a: b",
             "a:b", "a #b", "a#b", "#a", "[a", "{a", "a, b", "&a", "*a", "!a", "!", "|", ">", "%a", "@a", "`a", "'a", "it's", '"a"', "---", "--- a",
             "...", ".", "..", " a", "a ", "a\n", "a\nb", "a\n\nb", "\na", "a \nb", "a\n b", "a\tb", "a\\b", "w\u00e9b", "\u65e5\u672c", "\U0001f600",
             "\x85", "\u2028", "\ufeff", "\x1b[2J", "\x7f", "\xa0", "\0", "word " * 40, "w" * 200, "word " * 15 + "w" * 90 + " end",
             "two  blanks " * 20, "it's " * 30, "\u00e9 " * 60, "\u00e9" * 60, "a\n" * 60, "x" * 79 + " y", "x" * 81 + " y", "x" * 81 + "  y", "#!/bin/sh\necho 'x'\n",
             "\u65e5 " + "word " * 30, "a" * 130, " " * 90, "'" * 90, '"' * 90, "https://h/" + "a-b/" * 40, "key: value, " * 10]
    for text in texts:
        yield text
        yield [text]
        yield {"key": text}
        yield {text: "value"}
        yield {"a": {"b": [text, {"c": text}]}}
    for value in [None, True, False, 0, -1, 10**15, 1.5, -0.0, 1e16, 1e-5, 1e300, [], {}]:
        yield value
        yield {"a": value, "b": [value, [value]]}
    yield [[], [[]], [[1, 2], [3]], {"a": []}, {"a": {}}, [{"b": [1], "a": [{"c": 1}]}]]
    yield {"b": 1, "a": 2, "\u00e9": 3, "Z": 4, "a" * 122: 5, "a" * 123: [6], "x\ny": {"a": 7}, "": [8]}
    lots = random.Random(7)
    words = ["a", "word", "longer-word", "it's", '"q"', "\u00e9t\u00e9", "#", ":", "a:", "\n", "\n\n", "\t", "  ", "x" * 30, "\\", "\u65e5\u672c"]
    scalar = lambda: lots.choice([None, 1, 2.5, "no"] + [" ".join(lots.choice(words) for _ in range(lots.randint(0, 40)))] * 8)
    for _ in range(150):
        yield {"key": scalar(), "list": [scalar(), {"in": scalar()}], "b": {"c": {"d": scalar()}}}


def dump(path):
    with open(path, "w", encoding="utf-8") as file:
        for value in values():
            # Without objects that occur twice, for which PyYAML would write aliases.
            value = json.loads(json.dumps(value))
            case = {"value": value, "yaml": yaml.safe_dump(value, default_flow_style=False)}
            file.write(json.dumps(case, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        for path in sys.argv[2:]:
            record(path)
    elif sys.argv[1:2] == ["dump"]:
        dump(sys.argv[2])
    else:
        answer_requests()
