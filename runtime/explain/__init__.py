"""What a card saw and did at one close, and why a block stayed silent."""
