"""Ways to a customer who has not just asked. One file per kind; only the delivery tasks of `workers/` call `send`."""
