"""Return list (退货清单): failed parts on their way back, what became of each. Clauses 3.2, 4.4.

announce ──▶ authorize ──▶ receive (once or several times) ──▶ test parts ──▶ dispose ──▶ close.
A difference between announced and received is a fact, not a state, and so is a lot of which more
comes back than was ever delivered (`excess.py`). Each part goes its own way:
standard test {NOK: confirmed fault | OK} ──▶ load test {NOK: confirmed fault | OK} ──▶ NTF pending
──▶ {NTF | confirmed fault}. Replacements leave as soon as they are decided, even after the close.
"""
