"""Access keys (访问密钥): who was given which key to the service, by whom and until when. Clause 3.

issue ──▶ rotate (a successor takes over; the old one goes on for a while) ──▶ it ends
      └─▶ revoke (an administrator, or whose key it is), or it ends by itself

Each key has a stream of its own. Its secret is in no event and in no state: the door keeps a keyed
hash of it, and the event of the log is what makes the hash open anything.
"""
