"""Compares what both tools did: what differs, and why."""

import ast
import csv
import fnmatch
import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import yaml

# Reasons, each a line of docs/differences.md.
NESTED = 'Nested data in tables, `-f value` and `-f shell` is JSON, not Python notation.'
KEYS = 'In YAML, the keys of the server\'s data keep their order.'
STATE = 'Without `--wait`, an answer has the state at that moment.'
REQUESTS = ('A lookup by name does not ask for outputs; a body is sent once; nothing is requested twice; parameters with their '
            'default value are not sent.')
WAITS = 'A wait polls the stack, and reads its events only to print them.'
USAGE = 'A usage error also starts with `ERROR:`'

# Query parameters that are left out with their default value.
DEFAULTS = {('resolve_outputs', 'False'), ('resolve_outputs', 'True'), ('with_description', 'False'),
            ('with_condition_func', 'False')}
EVENT = re.compile(r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \S+ \[.*\]: ')


def without_events(text):
    """The text without lines of events, and these lines."""
    lines = text.splitlines(keepends=True)
    events = [line for line in lines if EVENT.match(line)]
    return ''.join(line for line in lines if not EVENT.match(line)), events


def message(text):
    """The message on stderr: from its last `error:` to an empty line, or all but warnings."""
    # `openstack` names the plugins that it cannot load before its first error.
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith(('WARNING', 'Could not load '))]
    starts = [number for number, line in enumerate(lines) if 'error: ' in line.lower()]
    lines = lines[starts[-1] if starts else 0:]
    end = lines.index('') if '' in lines else len(lines)
    message = '\n'.join(lines[:end])
    # The old tool prints bytes in Python's notation.
    return ast.literal_eval(message).decode() if message.startswith(("b'", 'b"')) else message


def differences(rules, case, python, ours):
    """What differs: format, aspect, both values, and why; None if there is no reason."""
    for form, theirs in python.items():
        mine = ours[form]
        for aspect in ('code', 'out', 'err', 'events', 'written'):
            pair = theirs.get(aspect), mine.get(aspect)
            if pair[0] != pair[1] and not (aspect == 'err' and contains(*pair)):
                why = likeness(aspect, form, case, theirs, mine) or reason(rules, case, f'{aspect} {form}'.strip())
                yield form, aspect, *pair, why
    first = next(iter(python))
    pair = requests(python[first]['exchanges']), requests(ours[first]['exchanges'])
    if pair[0] != pair[1]:
        why = same_effect(case, *pair) or reason(rules, case, 'requests')
        yield first, 'requests', *pair, why


def reason(rules, case, aspect):
    """Why there is this difference, by the first rule for it."""
    for rule in rules:
        if (fnmatch.fnmatchcase(f'{case["tool"]} {case["line"]}', rule['case'])
                and fnmatch.fnmatchcase(aspect, rule['what'])):
            return rule['why']
    return None


def contains(theirs, mine):
    """Whether an error has the other tool's message. Ours also say what was being done, and have the request's id."""
    return theirs is not None and mine is not None and theirs.removeprefix('ERROR: ') in mine


# Requests.

def requests(exchanges):
    """The requests, to compare."""
    shown = []
    for exchange in exchanges:
        parts = urlsplit(exchange['url'])
        query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)), safe=':,')
        line = f'{exchange["status"]} {exchange["method"]} {parts.path}' + (f'?{query}' if query else '')
        text = body(exchange['body'])
        shown.append(line + (f' {text}' if text else ''))
    return shown


def body(text):
    """JSON with sorted keys. Templates in `files` are JSON themselves."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    files = value.get('files') if isinstance(value, dict) else None
    for name, content in (files or {}).items():
        try:
            files[name] = json.dumps(json.loads(content), sort_keys=True)
        except (TypeError, ValueError):
            pass
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def same_effect(case, theirs, mine):
    """The reason if ours changes the same, and reads nothing that the other tool does not read."""
    if list(changes(theirs)) != list(changes(mine)):
        return None
    if waits(case):
        return WAITS
    return REQUESTS if set(reads(mine)) <= set(reads(theirs)) else None


def changes(shown):
    """The requests that change something, and what they say: defaults may be left out of a body."""
    for line in shown:
        if not is_read(line) and not is_moot(line):
            status, method, path, *text = line.split(' ', 3)
            path, _, query = path.partition('?')
            kept = [pair for pair in parse_qsl(query) if pair not in DEFAULTS]
            yield status, method, path, kept, meaning(text[0]) if text else None


def meaning(text):
    """A body without what is empty."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, dict):
        if 'adopt_stack_data' in value:
            value['adopt_stack_data'] = json.loads(value['adopt_stack_data'])
        return {key: inner for key, inner in value.items() if inner not in ({}, None, {'parameters': {}})}
    return value


def reads(shown):
    """What was read, without redirects and the query parameters that do not count."""
    for line in shown:
        if is_read(line) and not is_moot(line):
            path, _, query = line.partition('?')
            yield path, tuple(pair for pair in parse_qsl(query) if pair not in DEFAULTS)


def is_read(line):
    return line.split()[1] in ('GET', 'HEAD')


def is_moot(line):
    """A redirect, or a lookup of what does not exist: by the request itself, or before it."""
    return line.startswith(('3', '404'))


def waits(case):
    return '--wait' in case['line'] or '--poll' in case['line']


# Other notations of the same values.

def likeness(aspect, form, case, theirs, mine):
    """The reason if two results say the same in another notation."""
    theirs_, mine_ = theirs.get(aspect), mine.get(aspect)
    if theirs_ is None or mine_ is None:
        return None
    if aspect == 'err' and theirs['code'] == mine['code'] == 2:
        return USAGE
    if aspect != 'out':
        return None
    if form in ('json', 'yaml'):
        return same_data(case, theirs_, mine_)
    if form in ('', 'table'):
        return same_table(case, rows_of(theirs_), rows_of(mine_))
    if form == 'csv':
        return NESTED if cells_of(theirs_) == [[as_python(cell) for cell in row] for row in cells_of(mine_)] else None
    if form in ('value', 'shell'):
        in_notation = shell_in_python_notation if form == 'shell' else value_in_python_notation
        return NESTED if theirs_ == '\n'.join(in_notation(line) for line in mine_.split('\n')) else None
    return None


def same_table(case, theirs, mine):
    if not mine:
        return None
    if theirs == [[as_python(cell) for cell in row] for row in mine]:
        return NESTED
    return STATE if not waits(case) and at_the_end(theirs) == at_the_end(mine) else None


def same_data(case, theirs, mine):
    """Whether the data are equal, but for the order of keys, or a state that had not ended yet."""
    try:
        theirs, mine = yaml.safe_load(theirs), yaml.safe_load(mine)
    except yaml.YAMLError:
        return None
    if theirs == mine:
        return KEYS
    return STATE if not waits(case) and at_the_end(theirs) == at_the_end(mine) else None


def at_the_end(value):
    """The data as it is when actions have ended."""
    text = json.dumps(value, sort_keys=True, default=str)
    text = re.sub(r'_IN_PROGRESS\b', '_COMPLETE', text)
    return re.sub(r'Stack (\w+) (started|completed successfully)', r'Stack \1', text)


def as_python(cell):
    """Nested data in Python's notation."""
    try:
        return repr(json.loads(cell)) if cell[:1] in ('[', '{') else cell
    except ValueError:
        return cell


def rows_of(table):
    """The cells of a table. A cell may have several lines."""
    lines = table.splitlines()
    border = next((line for line in lines if line.startswith('+')), '')
    edges = [place for place, letter in enumerate(border) if letter == '+']
    rows = []
    for line in lines:
        if line.startswith('|') and len(line) == len(border):
            cells = [line[start + 1:end].strip() for start, end in zip(edges, edges[1:])]
            if cells[0] or not rows:
                rows.append(cells)
            else:
                rows[-1] = ['\n'.join(pair).rstrip('\n') for pair in zip(rows[-1], cells)]
    return rows


def cells_of(table):
    """The cells of a CSV file."""
    return list(csv.reader(table.splitlines()))


def value_in_python_notation(line):
    """A line with its nested data in Python's notation."""
    parts, place = [], 0
    while place < len(line):
        data, end = nested_at(line, place)
        parts.append(line[place] if end is None else repr(data))
        place = end or place + 1
    return ''.join(parts)


def nested_at(line, place):
    """The list or object that begins there, and its end."""
    try:
        return json.JSONDecoder().raw_decode(line, place) if line[place] in '[{' else (None, None)
    except ValueError:
        return None, None


def shell_in_python_notation(line):
    if '="' not in line:
        return line
    name, _, cell = line.partition('="')
    cell = re.sub(r'\\(["$`\\])', r'\1', cell.removesuffix('"'))
    return f'{name}="{as_python(cell)}"'
