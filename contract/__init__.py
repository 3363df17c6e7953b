"""The ground: what two stages must agree on, and nothing else.

events      the payloads Occupop sends (the only definition of the input)
raw         the tables the pipeline loads and the warehouse reads
envelope    the landed line
landing     where landed lines lie on disk, and how a file becomes durable
formats     of which version they are, and the refusal of newer ones
identities  of whom a body speaks
tombstones  whose events are no longer kept
anonymous   what may be kept of them: nobody's
twice       what an erasure leaves for ever, in two places
lock        one run at a time
durable     how a file becomes durable
settings    one frozen Settings, built from a given environment
"""
