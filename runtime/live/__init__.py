"""A session: one loop in which everything is an item of a durable journal, decided by one desk."""
