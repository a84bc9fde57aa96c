"""The account stage of a history as one kernel over numbers: what the readable engine does, faster.

The law: the readable engine says what everything means. A run comes out bit for bit as it would from
there, or it is not made here and the reason is said.
"""
