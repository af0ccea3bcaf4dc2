"""Replaces values that vary from run to run by stable names."""

import re

UUID = r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
IDS = re.compile(rf'{UUID}|\b[0-9a-f]{{32}}\b')
# The suffix of generated resource names.
SUFFIX = re.compile(r'(?<=-)[a-z2-7]{12}(?![^\W_])')
TOKENS = re.compile(r'\bgAAAAA[\w=-]+')
TIMES = re.compile(r'\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?')
DURATIONS = re.compile(r'\b((?:took|delay)[= ])\d+(\.\d+)? ?(ns|µs|ms|s)\b')
PROCESSES = re.compile(r'\b(HEAT_SANDBOX_PID=|kill )\d+')


def suffixes(text):
    """The generated suffixes in the text."""
    return SUFFIX.findall(IDS.sub('', text))


class Names:
    """The names within one case. Known ids have their own names. Others are numbered in order of
    appearance."""

    def __init__(self, known, literals, suffixes):
        self.known = known
        # Long texts first: a short one may be part of a long one.
        self.literals = sorted(literals.items(), key=lambda pair: -len(pair[0]))
        self.suffixes = suffixes
        self.numbered = {}

    def text(self, text):
        for value, name in self.literals:
            text = text.replace(value, name)
        text = IDS.sub(self.id, text)
        text = SUFFIX.sub(self.suffix, text)
        text = TOKENS.sub(lambda found: f'<token{self.number("token", found[0])}>', text)
        text = TIMES.sub(self.time, text)
        text = PROCESSES.sub(r'\1<process>', text)
        return DURATIONS.sub(r'\1<duration>', text)

    def number(self, kind, value):
        numbers = self.numbered.setdefault(kind, {})
        return numbers.setdefault(value, len(numbers) + 1)

    def id(self, found):
        known = self.known.get(found[0])
        name = f'<id {known}>' if known else f"<id{self.number('id', found[0])}>"
        # Keep the width, for cells of tables.
        after = found.string[found.end():found.end() + 1]
        row = found.string[found.string.rfind('\n', 0, found.start()) + 1:found.start()]
        return name.ljust(len(found[0])) if after == ' ' and row.startswith('    |') else name

    def suffix(self, found):
        """As long as the suffix."""
        if found[0] not in self.suffixes:
            return found[0]
        return f"<suffix{self.number('suffix', found[0]):04}>"

    @staticmethod
    def time(found):
        """Keeps artificial times: they distinguish points in time."""
        return found[0] if found[0].startswith('2001-01-0') and not found[1] else '<time>'
