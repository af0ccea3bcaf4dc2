"""The command lines, in parts. A part is a title and a function that runs its command lines."""

from cases import changing, cloud, making, offline, reading

PARTS = offline.PARTS + cloud.PARTS + reading.PARTS + making.PARTS + changing.PARTS
