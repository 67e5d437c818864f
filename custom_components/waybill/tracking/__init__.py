"""Follow parcels: a library without Home Assistant in it.

Data flows one way: a provider turns numbers into answers, the journal merges
them, milestones picks what is new, polling says whom to ask next.
"""
