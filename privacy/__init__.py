"""Erasure with proof, retention and access: looks at every stage's storage, belongs to none.

people      who is meant: candidate ids and addresses
traces      what the landing zone holds of them, and what only they have
made        what is made from the landing zone: removed before it is made anew
rewrite     the landing zone without them: new revisions, the manifest entry is the commit
forget      the erasure from tombstone to report; killed at any instant, it goes on
kept        what stays of their applications, when the settings say so: nobody's
search      finds values in text, however they are spelled
look        where values stand in a home: rows, lines, bodies, pages, packages, bytes
proof       the control that the search can find, and what is left after an erasure
alive       who was erased and has newer states at Occupop
retain      who must go by now, by the policy of the settings
export      everything held on one person
inventory   what is stored where and why: docs/privacy.md
"""
