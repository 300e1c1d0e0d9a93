"""Sanbao (三包): the after-sales procedure YTCXQP034 as a log of events."""
