"""Customer visit (用户回访): seeing or calling a customer to hear how things are. Clause 3.4.

One fact a visit: where, with whom, what the customer says and what is to follow. It may be about
feedback cases, and stands in their timelines.
"""
