"""The command lines, in parts: each is a title and a function that runs them."""

from cases import changing, cloud, making, offline, reading

PARTS = offline.PARTS + cloud.PARTS + reading.PARTS + making.PARTS + changing.PARTS
