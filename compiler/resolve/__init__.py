"""What every name of a card means, and features in dependency order."""
