#!/usr/bin/env python3
"""What PyYAML makes of texts, read as python-heatclient reads templates.

    pyyaml.py record FILE...   fill the cases in FILE, one JSON object a line, with what PyYAML makes of each `yaml`:
                               the value, or in files called events.jsonl the events
    pyyaml.py                  answer requests, one JSON array a line: ["load", TEXT] or ["events", TEXT]

Needs PyYAML with libyaml; the records were made with PyYAML 6.0.3 and libyaml 0.2.5 on Python 3.11.
"""

import json
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


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        for path in sys.argv[2:]:
            record(path)
    else:
        answer_requests()
