"""The demo: a plant's after-sales work of a quarter or of two years, told in commands.

It is a client like any other. People of the demo ask over the same HTTP door, with keys of their
own and a clock that is simulated; every number of chance is a hash, so that the same size gives
the same events, byte for byte. Nothing else may import this room.
"""
