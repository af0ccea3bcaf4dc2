"""Replaces what differs from run to run by stable texts of the same length."""

import datetime
import re
import socket

ID = re.compile(r'\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b')
HEX = re.compile(r'\b[0-9a-f]{32}\b')
TIME = re.compile(r'\b(\d{4}-\d\d-\d\d)([T ])(\d\d:\d\d:\d\d)((?:\.\d+)?)')
SUFFIX = re.compile(r'\b(diff-[a-z0-9_-]+?)-([a-z0-9]{12})\b')
START = datetime.datetime(2026, 1, 1)


class Names:
    """Stable texts in the order in which the texts they replace appear, and of times in their order."""

    def __init__(self, new, kept=(), has_times=True):
        """`new` is the name of the stack that was made for the run. The ids in `kept` stay as they are. Without `has_times`
        all times are the same: when a change happened differs between two runs."""
        self.new = new
        self.kept = set(kept)
        self.has_times = has_times
        self.ids, self.hexes, self.suffixes, self.times = {}, {}, {}, {}

    def learn(self, text):
        """Gives names to what `text` contains. To be called for all texts before `stable`."""
        self.stable(text)
        for day, _, hour, _ in TIME.findall(text):
            self.times.setdefault(f'{day}T{hour}', None)
        for number, time in enumerate(sorted(self.times)):
            after = datetime.timedelta(seconds=number if self.has_times else 0)
            self.times[time] = (START + after).isoformat()

    def stable(self, text):
        if self.new:
            text = text.replace(self.new, 'diff-n-0000')
        text = text.replace(socket.gethostname(), 'h' * len(socket.gethostname()))
        text = ID.sub(self._id, text)
        text = HEX.sub(lambda found: numbered(self.hexes, found[0], 'a{:031x}'), text)
        text = SUFFIX.sub(lambda found: found[1] + '-' + numbered(self.suffixes, found[2], 'suffix{:06}'), text)
        return TIME.sub(self._time, text)

    def _id(self, found):
        if found[0] in self.kept:
            return found[0]
        return numbered(self.ids, found[0], '{:08x}-0000-4000-8000-000000000000')

    def _time(self, found):
        stable = self.times.get(f'{found[1]}T{found[3]}')
        if not stable:
            return found[0]
        day, hour = stable.split('T')
        return day + found[2] + hour + re.sub(r'\d', '0', found[4])


def numbered(known, text, form):
    # A text that is stable already stays as it is.
    if text not in known and text not in known.values():
        known[text] = form.format(len(known) + 1)
    return known.get(text, text)
