"""The neighbours as the use cases see them: small promises, a page for each side of the house.

Times are aware and in UTC. Whatever talks to Redis may raise `StoreAway`; nothing else is raised unless said.
"""
