"""A desk to begin with: settings and a channel, and for a demo the whole shop of Fernhill & Co.

Seeds are the one place that writes history in bulk. What they add is found again by its
natural key (an e-mail, a name, a slug), so running them twice adds nothing, and what
people have changed since is left alone.
"""
