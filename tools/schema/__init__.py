"""The JSON Schema of a card, made from the catalogues."""
