"""Compares what both tools did: what differs, and why."""

import ast
import csv
import fnmatch
import json
import re
from collections import Counter
from urllib.parse import parse_qsl, urlencode, urlsplit

import yaml

# Reasons, each a line of docs/differences.md.
NESTED = 'Nested data in tables, `-f value` and `-f shell` is JSON, not Python notation.'
STATE = 'Without `--wait`, an answer has the state at that moment.'
REQUESTS = ('A lookup by name does not ask for outputs; a body is sent once; nothing is requested twice; parameters with their '
            'default value are not sent.')
WAITS = 'A wait polls the stack, and reads its events only to print them.'
USAGE = 'A usage error also starts with `ERROR:`'

# Query parameters that are left out with their default value.
DEFAULTS = {('resolve_outputs', 'False'), ('resolve_outputs', 'True'), ('with_description', 'False'),
            ('with_condition_func', 'False')}
# What a wait may read, whatever the other tool reads.
POLL = re.compile(r'/stacks(/[^/]+(/[^/]+(/(events|resources))?)?)?$|/software_deployments/[^/]+$')
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
    if pair[0] == pair[1]:
        return
    theirs, mine = without_missing(*pair)
    if list(changes(theirs)) != list(changes(mine)):
        yield first, 'requests', *pair, reason(rules, case, 'changes')
    else:
        yield first, 'requests', *pair, fewer_reads(case, theirs, mine) or reason(rules, case, 'reads')


def reason(rules, case, aspect):
    """Why there is this difference, by the first rule for it. `changes` are requests that change something, `reads` others."""
    for rule in rules:
        if (fnmatch.fnmatchcase(f'{case["tool"]} {case["line"]}', rule['case'])
                and any(fnmatch.fnmatchcase(aspect, what) for what in rule['what'])):
            return rule['why']
    return None


def contains(theirs, mine):
    """Whether an error has the other tool's message. Ours also say what was being done, and have the request's id."""
    return bool(theirs and mine) and theirs.removeprefix('ERROR: ') in mine


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


def without_missing(theirs, mine):
    """Both lists without what is not there, if both tools found that: by the request itself, or by a lookup before it."""
    if not all(any(line.startswith('404') for line in lines) for lines in (theirs, mine)):
        return theirs, mine
    return tuple([line for line in lines if not line.startswith('404')] for lines in (theirs, mine))


def fewer_reads(case, theirs, mine):
    """The reason if ours reads nothing that the other tool does not read as often."""
    more = Counter(reads(mine)) - Counter(reads(theirs))
    if not more:
        return REQUESTS
    return WAITS if waits(case) and all(POLL.search(path) for path, _ in more) else None


def changes(shown):
    """The requests that change something, and what they say: defaults may be left out of a body."""
    for line in shown:
        if not is_read(line) and not line.startswith('3'):
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
        if is_read(line) and not line.startswith('3'):
            path, _, query = line.split(' ', 2)[2].partition('?')
            yield path, tuple(pair for pair in parse_qsl(query) if pair not in DEFAULTS)


def is_read(line):
    return line.split()[1] in ('GET', 'HEAD')


def waits(case):
    return '--wait' in case['line'] or '--poll' in case['line']


# Other notations of the same values.

def likeness(aspect, form, case, theirs, mine):
    """The reason if two results say the same in another notation, or at another moment."""
    texts = theirs.get(aspect), mine.get(aspect)
    if None in texts:
        return None
    if aspect == 'err' and theirs['code'] == mine['code'] == 2:
        return USAGE if options(texts[0]) <= options(texts[1]) else None
    if aspect != 'out':
        return None
    ends_later = case['changes'] and not waits(case)
    if ends_later and '_IN_PROGRESS' in ''.join(texts) and at_the_end(form, texts[0]) == at_the_end(form, texts[1]):
        return STATE
    in_python = {'': table_in_python, 'table': table_in_python, 'csv': csv_in_python, 'value': value_in_python,
                 'shell': shell_in_python}.get(form)
    if in_python is None:
        return None
    theirs, mine, converted = in_python(*texts)
    return NESTED if mine != converted == theirs else None


def options(text):
    """The options that a usage error names."""
    return set(re.findall(r'(?<![\w-])--[a-z][\w-]*', text))


def at_the_end(form, text):
    """The text as it is when actions have ended, without the widths of columns."""
    text = re.sub(r'_IN_PROGRESS\b', '_COMPLETE', text)
    text = re.sub(r'Stack (\w+) (started|completed successfully)', r'Stack \1', text)
    return re.sub(r'-+', '-', re.sub(' +', ' ', text)) if form in ('', 'table') else text


def as_python(cell):
    """Nested data in Python's notation."""
    try:
        return repr(json.loads(cell)) if cell[:1] in ('[', '{') else cell
    except ValueError:
        return cell


def table_in_python(theirs, mine):
    """The cells of both tables, and of ours in Python's notation. Text outside of the tables stays as it is."""
    rows = rows_of(mine)
    return rows_of(theirs), rows, [[as_python(cell) for cell in row] for row in rows]


def rows_of(text):
    """The cells of a table, and other lines as they are. A cell may have several lines."""
    lines = text.splitlines()
    border = next((line for line in lines if line.startswith('+')), '')
    edges = [place for place, letter in enumerate(border) if letter == '+']
    rows = []
    for line in lines:
        if line.startswith('+'):
            continue
        if not line.startswith('|') or not edges:
            rows.append([line])
            continue
        # The last cell may have lost some of its width: stable texts for paths are shorter.
        ends = [*edges[1:-1], len(line) - 1]
        cells = [line[start + 1:end].strip() for start, end in zip(edges, ends)]
        if cells[0] or not rows:
            rows.append(cells)
        else:
            rows[-1] = ['\n'.join(pair).rstrip('\n') for pair in zip(rows[-1], cells)]
    return rows


def csv_in_python(theirs, mine):
    cells = list(csv.reader(mine.splitlines()))
    return list(csv.reader(theirs.splitlines())), cells, [[as_python(cell) for cell in row] for row in cells]


def value_in_python(theirs, mine):
    return theirs, mine, '\n'.join(value_line(line) for line in mine.split('\n'))


def value_line(line):
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


def shell_in_python(theirs, mine):
    return theirs, mine, '\n'.join(shell_line(line) for line in mine.split('\n'))


def shell_line(line):
    if '="' not in line:
        return line
    name, _, cell = line.partition('="')
    converted = as_python(re.sub(r'\\(["$`\\])', r'\1', cell.removesuffix('"')))
    return f'{name}="{converted}"' if converted[:1] in ('[', '{') else line
