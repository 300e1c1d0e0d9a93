"""Personal data of one person (个人信息): erasing it when the person asks, or its time is over.

asked for by the QA manager ──▶ erased by the general manager (or turned down)

The record's id is that under which the person's values are sealed in all events; nothing in here
says who it is. With the event `PersonErased` the key is gone: what was sealed stays as it was
recorded and hashed, and nobody can read it any more.
"""
